import { databaseConfig, vaultConfig } from '@tributary/database';
import { brokerConfig } from '@tributary/messaging';
import { addressConfig, duration, integer, serviceConfig, serviceUrl } from '@tributary/runtime';
import { z } from 'zod';

export const webhooksConfig = z.object({
  ...serviceConfig,
  ...brokerConfig,
  ...databaseConfig,
  ...vaultConfig,
  ...addressConfig,
  REDIS_URL: serviceUrl('redis', 'rediss')
    .default('redis://127.0.0.1:6379')
    .describe('Redis or Valkey. Holds copies only: it may be wiped or away at any time.'),
  WEBHOOKS_TIMEOUT: duration()
    .prefault('15s')
    .refine((ms) => ms >= 100 && ms <= 60_000, 'expected 100ms to 60s')
    .describe('How long a receiver of a webhook has for its answer.'),
  WEBHOOKS_RETRY_FIRST: duration()
    .prefault('5s')
    .refine((ms) => ms >= 10, 'expected at least 10ms')
    .describe('Pause after the first failed attempt; each further pause is four times as long.'),
  WEBHOOKS_RETRY_MOST: duration().prefault('6h').describe('Longest pause between two attempts.'),
  WEBHOOKS_SUSPEND_AFTER: duration()
    .prefault('24h')
    .describe('A receiver that has failed for so long, and eight times at least, is not tried any more.'),
  WEBHOOKS_CONCURRENCY: integer(1, 10_000)
    .prefault('200')
    .describe('Receivers that one replica sends to at once; as many again whose last attempt failed.'),
  WEBHOOKS_READ_AHEAD: integer(1, 10_000)
    .prefault('100')
    .describe('Deliveries of one subscription that may wait in the database; the rest waits in the event log.'),
  WEBHOOKS_LEDGER_RETENTION: duration()
    .prefault('7d')
    .describe('How long finished deliveries are listed; of one subscription never more than the newest 10 000.'),
  WEBHOOKS_LEASE_TTL: duration()
    .prefault('15s')
    .refine((ms) => ms >= 500, 'expected at least 500ms')
    .describe('A replica of this service that dies is replaced after this long at most.'),
});
export type WebhooksConfig = z.output<typeof webhooksConfig>;
