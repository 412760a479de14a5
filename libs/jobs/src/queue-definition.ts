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

/** Tried once and kept nowhere: whoever added a job learns of its end, or sees to it again. */
export const ONCE: JobsOptions = { attempts: 1, removeOnComplete: true, removeOnFail: true };

/** Hash tag and namespace: all keys of a queue live in one slot of a cluster, and stages can share a Redis. */
export const queuePrefix = (namespace: string, queue: { name: string }): string => `{${namespace}:${queue.name}}`;

/**
 * Each queue of a service is to have exactly one processor; `processors` are the keys that the service's providers are
 * marked with. Throws a `TypeError` that names each queue without a processor or with more than one.
 */
export function assertOneProcessorEach(queues: object, processors: readonly (string | undefined)[]): void {
  const wrong = Object.keys(queues)
    .map((key) => ({ key, count: processors.filter((p) => p === key).length }))
    .filter(({ count }) => count !== 1);
  if (wrong.length === 0) return;
  throw new TypeError(wrong.map(({ key, count }) => `queue ${key} has ${count} processors instead of one`).join('; '));
}
