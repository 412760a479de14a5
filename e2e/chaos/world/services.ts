import { type FailpointName, failpoints } from '@tributary/runtime/failpoints';
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

/** What happens too seldom for a plan to wait for it; the sweep over failpoints provokes it. */
const SELDOM: readonly FailpointName[] = ['lease-lost', 'in-bisect', 'after-park-before-ack', 'in-token-refresh'];
const STREAMED: readonly FailpointName[] = ['before-puback', 'after-puback'];

/** Failpoints that a service comes by; only one platform streams. */
export function passes(service: string): readonly FailpointName[] {
  const app = SERVICES.find(({ name }) => name === service)?.app ?? '';
  const process = app.startsWith('adapter-') ? 'adapter' : app;
  return (Object.keys(failpoints) as FailpointName[]).filter(
    (name) =>
      failpoints[name].process === process &&
      !SELDOM.includes(name) &&
      (app === 'adapter-ochno' || !STREAMED.includes(name)),
  );
}

/** Short enough that what nobody renews is taken over soon, and long enough for a machine that is busy with other work. */
export const SETTINGS: Readonly<Record<string, string>> = {
  LOG_LEVEL: 'info',
  LEASE_TTL: '10s',
  CONSERVATION_EVERY: '1s',
  BREAKER_PAUSE: '2s',
  WEBHOOKS_LEASE_TTL: '3s',
  WEBHOOKS_TIMEOUT: '3s',
  WEBHOOKS_RETRY_FIRST: '1s',
  WEBHOOKS_RETRY_MOST: '4s',
  // Poison is the test's own: it must be parked, not taken for a bad deploy.
  PARKING_LIMIT_PERCENT: '90',
};
