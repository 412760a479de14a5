import type { Manifest } from '@tributary/adapter-kit';

/** Data only. Limits and reasons stand in README.md. */
export const manifest = {
  platform: 'opticloud',
  displayName: 'optiCLOUD',
  capabilities: [
    'devices',
    'telemetry.poll',
    'telemetry.history',
    'telemetry.write',
    'attributes.read',
    'attributes.write',
    'commands',
    'entities.read',
    'files.list',
    'files.content',
    'platform-events',
  ],
  // The vendor states no limit. This one carries 250 devices every half minute and is halved by the kit on a 429.
  budgets: { requests: { limit: 200, per: '10s', documented: false } },
  schedules: {
    discover: '10m',
    follow: '10s',
    telemetry: '15s',
    attributes: '10m',
    communication: '1m',
    catalogue: '5m',
    files: '5m',
  },
} satisfies Manifest;
