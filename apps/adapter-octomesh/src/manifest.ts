import type { Manifest } from '@tributary/adapter-kit';

/** Data only. Limits and reasons stand in README.md. */
export const manifest = {
  platform: 'octomesh',
  displayName: 'OctoMesh',
  capabilities: [
    'devices',
    'telemetry.poll',
    'telemetry.history',
    'attributes.read',
    'attributes.write',
    'entities.read',
    'entities.write',
    'entities.relations',
    'files.upload',
    'login',
    'graphql',
  ],
  // Limits of one client, whatever number of connections and replicas use it. A fifth stays unused: the vendor asks for
  // a whole minute of silence after one request too many.
  budgets: {
    queries: {
      limit: 100,
      per: '1m',
      documented: true,
      use: 80,
      reserved: { command: 0.1, interactive: 0.1, live: 0.3, 'pass-through': 0.1 },
    },
    mutations: { limit: 50, per: '1m', documented: true, use: 40, reserved: {} },
    uploads: { limit: 10, per: '1m', documented: true, use: 8, reserved: {} },
  },
  schedules: {
    discover: '10m',
    follow: '1m',
    telemetry: '5s',
    repair: '5m',
    backfill: '15s',
    entities: '10m',
  },
} satisfies Manifest;
