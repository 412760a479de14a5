import { Module } from '@nestjs/common';
import type { TelemetryBatch, TelemetryStore } from '@tributary/database';
import type { IngestContext } from '../foundation.module.ts';
import { queues } from '../queues.ts';
import { CONTEXT, LANES, QUEUED_LANE, TELEMETRY_STORE } from '../tokens.ts';
import { CommitLatency } from './commit-latency.ts';
import { LaneSwitch } from './lane-switch.ts';
import { QueuedLane } from './queued-lane.ts';
import { TelemetryLanes } from './telemetry-lanes.ts';

const latency = Symbol('commit latency');

@Module({
  providers: [
    { provide: latency, useFactory: () => new CommitLatency() },
    {
      provide: QUEUED_LANE,
      inject: [CONTEXT, latency],
      useFactory: ({ config, clock, log }: IngestContext, shared: CommitLatency) =>
        new QueuedLane({
          redisUrl: config.REDIS_URL,
          namespace: config.TRIBUTARY_NAMESPACE,
          queue: queues.telemetryBatches,
          latency: shared,
          clock,
          log,
        }),
    },
    {
      provide: LANES,
      inject: [CONTEXT, QUEUED_LANE, TELEMETRY_STORE, latency],
      useFactory: (
        { config, clock, log, metrics }: IngestContext,
        queued: QueuedLane,
        store: TelemetryStore,
        shared: CommitLatency,
      ) =>
        new TelemetryLanes({
          direct: (batch: TelemetryBatch) => store.commit(batch),
          queued,
          lane: new LaneSwitch(config.INGEST_LANE, clock),
          latency: shared,
          clock,
          log,
          metrics,
        }),
    },
  ],
  exports: [LANES, QUEUED_LANE],
})
export class BatchesModule {}
