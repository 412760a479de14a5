import type { Manifest } from '@tributary/adapter-kit';

/** Data only. Limits and reasons stand in README.md. */
export const manifest = {
  platform: 'meshydb',
  displayName: 'MeshyDB',
  capabilities: ['devices', 'telemetry.poll', 'telemetry.history', 'entities.read', 'entities.write', 'users'],
  // The vendor answers 429 at a limit whose size it does not tell. This one is our caution; it is counted by account.
  budgets: { requests: { limit: 150, per: '10s', documented: false } },
  schedules: { discover: '10m', follow: '1m', documents: '5s', entities: '10s' },
} satisfies Manifest;
