import type { AttemptOutcome } from '@tributary/contracts';
import type { Counter, Gauge, Histogram, Metrics } from '@tributary/runtime';

/** What sending counts. No label is anything that a caller or receiver chose. */
export class SendingMetrics {
  readonly #running: Gauge;
  readonly #attempts: Counter<'outcome'>;
  readonly #seconds: Histogram<'outcome'>;

  constructor(metrics: Metrics) {
    this.#running = metrics.gauge('webhooks_turns_running', { help: 'Receivers that are being sent to now.' });
    this.#attempts = metrics.counter('webhooks_attempts_total', {
      help: 'POSTs to receivers, by how they ended.',
      labels: ['outcome'],
    });
    this.#seconds = metrics.histogram('webhooks_attempt_seconds', {
      help: 'From the POST to the answer, or to giving up.',
      labels: ['outcome'],
    });
  }

  running(change: number): void {
    this.#running.inc(change);
  }

  attempted({ outcome, latencyMs }: { outcome: AttemptOutcome; latencyMs: number }): void {
    this.#attempts.inc({ outcome });
    this.#seconds.observe({ outcome }, latencyMs / 1_000);
  }
}
