import type { Manifest } from '@tributary/adapter-kit';

/** Data only. Limits and reasons stand in README.md. */
export const manifest = {
  platform: 'ochno',
  displayName: 'Ochno',
  capabilities: [
    'devices',
    'telemetry.stream',
    'telemetry.poll',
    'telemetry.history',
    'attributes.read',
    'commands',
    'entities.read',
    'entities.write',
    'platform-events',
  ],
  // The vendor states no limit. A look at a hundred companies takes five hundred calls; they may take half a minute.
  budgets: { requests: { limit: 150, per: '10s', documented: false } },
  schedules: {
    discover: '12m',
    follow: '2s',
    reconcile: '12m',
    presence: '30s',
  },
} satisfies Manifest;
