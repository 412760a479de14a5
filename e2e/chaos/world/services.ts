import type { Group } from '../plan/faults.ts';

export interface ServiceDefinition {
  name: string;
  /** Folder below apps/. */
  app: string;
  group: Group;
}

/** Every service of the house; two replicas of the intake and of one adapter. */
export const SERVICES: readonly ServiceDefinition[] = [
  { name: 'intake-1', app: 'telemetry-ingest', group: 'intake' },
  { name: 'intake-2', app: 'telemetry-ingest', group: 'intake' },
  { name: 'api', app: 'api', group: 'facade' },
  { name: 'webhooks', app: 'webhooks', group: 'facade' },
  { name: 'octomesh', app: 'adapter-octomesh', group: 'adapters' },
  { name: 'exosense', app: 'adapter-exosense', group: 'adapters' },
  { name: 'ochno', app: 'adapter-ochno', group: 'adapters' },
  { name: 'opticloud-1', app: 'adapter-opticloud', group: 'adapters' },
  { name: 'opticloud-2', app: 'adapter-opticloud', group: 'adapters' },
  { name: 'meshydb', app: 'adapter-meshydb', group: 'adapters' },
];

/** Short enough that what nobody renews is taken over soon. */
export const SETTINGS: Readonly<Record<string, string>> = {
  LOG_LEVEL: 'info',
  LEASE_TTL: '4s',
  CONSERVATION_EVERY: '1s',
  BREAKER_PAUSE: '2s',
  WEBHOOKS_LEASE_TTL: '3s',
  WEBHOOKS_TIMEOUT: '3s',
  WEBHOOKS_RETRY_FIRST: '1s',
  WEBHOOKS_RETRY_MOST: '4s',
  // Poison is the test's own: it must be parked, not taken for a bad deploy.
  PARKING_LIMIT_PERCENT: '90',
};
