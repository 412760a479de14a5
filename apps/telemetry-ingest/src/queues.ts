import type { TelemetryBatch } from '@tributary/database';
import type { JobsOptions, WorkerOptions } from 'bullmq';

/** A queue in Redis. Redis is disposable: whoever adds a job keeps what it is made of. */
export interface QueueDefinition<Data> {
  name: string;
  /** Name of its only sort of job. */
  job: string;
  jobOptions: JobsOptions;
  workerOptions: Pick<
    WorkerOptions,
    'lockDuration' | 'stalledInterval' | 'maxStalledCount' | 'runRetryDelay' | 'drainDelay'
  >;
  /** Never set; carries the type of a job's data. */
  readonly data?: Data;
}

/**
 * Every queue of this service. The service starts only if each has exactly one processor.
 *
 * `telemetryBatches`: one job is one sealed batch, its id a UUIDv7. A job is tried once and never kept: the intake that
 * sealed the batch holds it until it learned of the commit, and commits it itself when that takes too long.
 */
export const queues = {
  telemetryBatches: {
    name: 'telemetry-batches',
    job: 'commit',
    jobOptions: { attempts: 1, removeOnComplete: true, removeOnFail: true },
    workerOptions: {
      lockDuration: 15_000,
      stalledInterval: 5_000,
      maxStalledCount: 1,
      runRetryDelay: 1_000,
      drainDelay: 5,
    },
  } satisfies QueueDefinition<TelemetryBatch> as QueueDefinition<TelemetryBatch>,
};

export type QueueKey = keyof typeof queues;

/** Hash tag and namespace: all keys of a queue live in one slot of a cluster, and stages can share a Redis. */
export const queuePrefix = (namespace: string, queue: { name: string }): string => `{${namespace}:${queue.name}}`;

/** Throws a `TypeError` that names each queue without a processor or with more than one. */
export function assertOneProcessorEach(processors: readonly QueueKey[]): void {
  const wrong = (Object.keys(queues) as QueueKey[])
    .map((key) => ({ key, count: processors.filter((p) => p === key).length }))
    .filter(({ count }) => count !== 1);
  if (wrong.length === 0) return;
  throw new TypeError(wrong.map(({ key, count }) => `queue ${key} has ${count} processors instead of one`).join('; '));
}
