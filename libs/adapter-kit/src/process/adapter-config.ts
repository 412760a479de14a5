import { databaseConfig, vaultConfig } from '@tributary/database';
import { brokerConfig } from '@tributary/messaging';
import { duration, flag, integer, serviceConfig, serviceUrl } from '@tributary/runtime';
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
  ADVERTISE_URL: serviceUrl('http', 'https')
    .optional()
    .describe('Where the api reaches this replica to fetch files; default http://127.0.0.1 and its port.'),
  ALLOW_PRIVATE_ADDRESSES: flag()
    .prefault('false')
    .describe('Platforms may be at loopback and private addresses, and over http: development and simulators only.'),
};

export type AdapterConfig = z.output<z.ZodObject<typeof adapterConfig>>;
