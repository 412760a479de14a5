import type { BudgetSpec, Manifest } from '@tributary/adapter-kit';

/**
 * One unit of eight each for orders, for people who wait (callers of the pass-through after them), and for what keeps the
 * inventory and fills gaps: the telemetry sweep gets the other five, however much it wants.
 */
const reserved = {
  command: 0.125,
  'interactive+pass-through': 0.125,
  'reconcile+backfill': 0.125,
} satisfies BudgetSpec['reserved'];

/** Data only. Limits and reasons stand in README.md. */
export const manifest = {
  platform: 'exosense',
  displayName: 'ExoSense',
  capabilities: [
    'devices',
    'telemetry.poll',
    'telemetry.history',
    'attributes.read',
    'commands',
    'entities.read',
    'entities.write',
    'users',
    'graphql',
    'platform-events',
  ],
  // Stated by the vendor per token. We start no more than eight requests in any ten seconds, and leave a fifth of the
  // execution time: calls may arrive closer together than they were sent.
  budgets: {
    requests: { limit: 10, use: 8, per: '10s', documented: true, reserved, afterLimit: { slowFor: '60s' } },
    execution: {
      limit: 100_000,
      use: 80_000,
      per: '10s',
      unit: 'ms',
      documented: true,
      reserved,
      afterLimit: { slowFor: '60s' },
    },
  },
  inFlight: 4,
  schedules: {
    discover: '15m',
    follow: '5s',
    telemetry: '10s',
    attributes: '15m',
    statuses: '1m',
    logs: '30s',
  },
} satisfies Manifest;
