import type { TelemetryBatch } from '@tributary/database';
import { ONCE, type QueueDefinition } from '@tributary/jobs';

/** Of a job over many parked messages; Postgres knows the rest. */
export interface ParkedJobData {
  jobId: string;
}

/**
 * Every queue of this service. The service starts only if each has exactly one processor.
 *
 * `telemetryBatches`: one job is one sealed batch, its id a UUIDv7. A job is tried once and never kept: the intake that
 * sealed the batch holds it until it learned of the commit, and commits it itself when that takes too long.
 *
 * `parkedJobs`: one job works through the parked messages of one `parked_job`; put in again from there when it is lost.
 */
export const queues = {
  telemetryBatches: {
    name: 'telemetry-batches',
    job: 'commit',
    jobOptions: ONCE,
    workerOptions: {
      lockDuration: 15_000,
      stalledInterval: 5_000,
      maxStalledCount: 1,
      runRetryDelay: 1_000,
      drainDelay: 5,
    },
  } satisfies QueueDefinition<TelemetryBatch> as QueueDefinition<TelemetryBatch>,
  parkedJobs: {
    name: 'parked-jobs',
    job: 'settle',
    jobOptions: ONCE,
    workerOptions: {
      lockDuration: 15_000,
      stalledInterval: 5_000,
      maxStalledCount: 1,
      runRetryDelay: 1_000,
      drainDelay: 5,
    },
  } satisfies QueueDefinition<ParkedJobData> as QueueDefinition<ParkedJobData>,
};

export type QueueKey = keyof typeof queues;
