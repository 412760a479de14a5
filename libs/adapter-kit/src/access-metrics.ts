import type { Metrics } from '@tributary/runtime';

/** Metrics of what adapters ask of vendors. Labels are our own words: platform, class, operation, outcome. */
export const accessMetrics = (metrics: Metrics) => ({
  calls: metrics.counter('vendor_calls_total', {
    help: 'Attempts to call a vendor, by operation and outcome.',
    labels: ['platform', 'operation', 'outcome'],
  }),
  duration: metrics.histogram('vendor_call_seconds', {
    help: 'Seconds from sending a call to the end of its answer.',
    labels: ['platform', 'class'],
  }),
  retries: metrics.counter('vendor_retries_total', {
    help: 'Attempts after a first one, by the failure that caused them.',
    labels: ['platform', 'code'],
  }),
  breakers: metrics.counter('vendor_breaker_changes_total', {
    help: 'Changes of state of circuit breakers.',
    labels: ['platform', 'class', 'state'],
  }),
  breakersNow: metrics.gauge('vendor_breakers', {
    help: 'Circuit breakers that are not closed.',
    labels: ['platform', 'class', 'state'],
  }),
  waited: metrics.histogram('vendor_budget_wait_seconds', {
    help: 'Seconds that calls waited for their budget, by lane.',
    labels: ['platform', 'lane'],
  }),
  setAside: metrics.counter('items_set_aside_total', {
    help: 'Items that did not fit a vendor’s documents.',
    labels: ['platform', 'what'],
  }),
});
export type AccessMetrics = ReturnType<typeof accessMetrics>;
