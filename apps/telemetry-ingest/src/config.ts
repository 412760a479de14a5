import { databaseConfig, telemetryConfig, vaultConfig } from '@tributary/database';
import { brokerConfig } from '@tributary/messaging';
import { duration, integer, serviceConfig, serviceUrl } from '@tributary/runtime';
import { z } from 'zod';

export const ingestConfig = z.object({
  ...serviceConfig,
  ...brokerConfig,
  ...databaseConfig,
  ...telemetryConfig,
  ...vaultConfig,
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
  PARKED_JOBS_PER_SECOND: integer(1, 10_000)
    .default(200)
    .describe('Parked messages that one job replays or discards in a second, at most.'),
  CONSERVATION_EVERY: duration()
    .default(5_000)
    .describe(
      'How often it is looked whether everything that was handed over has arrived; a loss is seen after a few times that.',
    ),
  FRESHNESS_EVERY: duration()
    .default(5_000)
    .describe(
      'How often it is looked which devices have come back; one that is due to have gone silent is noticed at once.',
    ),
  CONSERVATION_RETENTION: duration()
    .default(14 * 86_400_000)
    .describe('How long minutes of the account are kept that balance, such as 14d. Others are kept for 400 days.'),
  LINEAGE_RETENTION: duration()
    .default(7 * 86_400_000)
    .describe('How long it is kept when points were committed, such as 7d; best as long as the event log.'),
});
export type IngestConfig = z.output<typeof ingestConfig>;
