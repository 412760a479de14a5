import { databaseConfig, vaultConfig } from '@tributary/database';
import { brokerConfig } from '@tributary/messaging';
import { addressConfig, duration, integer, serviceConfig, serviceUrl } from '@tributary/runtime';
import { z } from 'zod';

/** Configuration of every adapter process. */
export const adapterConfig = {
  ...serviceConfig,
  ...brokerConfig,
  ...databaseConfig,
  ...vaultConfig,
  REDIS_URL: serviceUrl('redis', 'rediss')
    .default('redis://127.0.0.1:6379')
    .describe('Redis or Valkey, where replicas share budgets; without it each counts its own part.'),
  LEASE_TTL: duration()
    .prefault('30s')
    .refine((ms) => ms >= 1_000, 'expected at least 1s')
    .describe('A replica that dies is replaced after this long at most.'),
  MAX_CONNECTIONS: integer(1, 100_000).prefault('1000').describe('Most connections that one replica owns at once.'),
  BREAKER_PAUSE: duration()
    .refine((ms) => ms >= 100, 'expected at least 100ms')
    .optional()
    .describe('A platform that fails again and again is left alone for so long at first; default 10s to 60s by kind.'),
  REPAIR_AFTER: duration()
    .prefault('1m')
    .describe(
      'A hole in the telemetry is read again when it is known for this long: what comes by itself is not fetched twice.',
    ),
  SET_ASIDE_PER_MINUTE: integer(0, 10_000)
    .prefault('60')
    .describe('Items of one connection that cannot be published and are kept in a minute, to be looked at.'),
  ADVERTISE_URL: serviceUrl('http', 'https')
    .optional()
    .describe('Where the api reaches this replica to fetch files; default http://127.0.0.1 and its port.'),
  ...addressConfig,
};

export type AdapterConfig = z.output<z.ZodObject<typeof adapterConfig>>;
