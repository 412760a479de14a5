import { JobQueue, ONCE, type QueueDefinition } from '@tributary/jobs';
import type { Clock, Logger } from '@tributary/runtime';

/** Which part; everything else of it stands in the database. */
export interface PartJob {
  key: string;
}

/** Work that a process gives itself; whatever it forgets is added again. */
export interface PartQueue {
  /** A job of this id that waits already stays as it is. Rejects while the queue is away. */
  add(job: PartJob, id: string): Promise<void>;
  /** Makes its worker anew: one that lost its queue may wait for what never comes. */
  renew(): void;
  close(): Promise<void>;
}

/** Parts that one process reads at once, all connections together. */
export const PARTS_OF_A_PROCESS = 8;
/** Names of queues are few, so that processes that come and go leave nothing behind in Redis. */
const SLOTS = 64;
const workerOptions = { lockDuration: 30_000, stalledInterval: 10_000, maxStalledCount: 1, runRetryDelay: 1_000 };

/**
 * A queue of this process alone, nearly: two that share a slot pass over each other's jobs, and each adds its own again
 * at its next look.
 */
export function openPartQueue(options: {
  redisUrl: string;
  namespace: string;
  platform: string;
  random: () => number;
  clock: Clock;
  log: Logger;
  process: (job: PartJob) => Promise<void>;
}): PartQueue {
  const { redisUrl, namespace, platform, random, clock, log, process } = options;
  const slot = Math.floor(random() * SLOTS);
  const queue: QueueDefinition<PartJob> = {
    name: `backfill-${platform}-${slot}`,
    job: 'part',
    jobOptions: ONCE,
    workerOptions,
  };
  const jobs = new JobQueue<PartJob>({
    redisUrl,
    namespace,
    queue,
    concurrency: PARTS_OF_A_PROCESS,
    process,
    clock,
    log,
  });
  return {
    add: (job, id) => jobs.add(job, { id }),
    renew: () => jobs.renew(),
    close: () => jobs.close(),
  };
}
