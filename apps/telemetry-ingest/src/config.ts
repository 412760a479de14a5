import { databaseConfig, telemetryConfig } from '@tributary/database';
import { brokerConfig } from '@tributary/messaging';
import { integer, serviceConfig, serviceUrl } from '@tributary/runtime';
import { z } from 'zod';

export const ingestConfig = z.object({
  ...serviceConfig,
  ...brokerConfig,
  ...databaseConfig,
  ...telemetryConfig,
  REDIS_URL: serviceUrl('redis', 'rediss')
    .default('redis://127.0.0.1:6379')
    .describe('Redis or Valkey. Holds copies only: it may be wiped or away at any time.'),
  INGEST_LANE: z
    .enum(['auto', 'queued', 'direct'])
    .default('auto')
    .describe('Way of sealed batches to Postgres: through the queue in Redis, directly, or as Redis is well.'),
  INGEST_PREFETCH: integer(1, 65_535).default(1_024).describe('Messages that one intake may hold unacknowledged.'),
  INGEST_MAX_HELD_MB: integer(2, 4_096)
    .default(64)
    .describe('Megabytes of held messages above which an intake pauses.'),
  INGEST_BATCH_POINTS: integer(1, 50_000).default(5_000).describe('Points at which a batch is sealed.'),
  INGEST_BATCHES_UNDER_WAY: integer(1, 16)
    .default(2)
    .describe('Batches that an intake commits at once, and that the worker of the queue works on at once.'),
  PARKING_LIMIT_PER_MINUTE: integer(1, 1_000_000)
    .default(100)
    .describe('Parked messages in a minute above which intake stops: then the mistake is more likely ours.'),
  PARKING_LIMIT_PERCENT: integer(1, 100)
    .default(5)
    .describe('Share of parked messages, in percent, above which intake stops.'),
});
export type IngestConfig = z.output<typeof ingestConfig>;
