import { type Clock, type Logger, newEventId } from '@tributary/runtime';
import { Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { closeSoon } from './close-soon.ts';
import { type QueueDefinition, queuePrefix } from './queue-definition.ts';
import { blockingRedis, impatientRedis } from './redis-connections.ts';

export interface JobQueueOptions<Data> {
  redisUrl: string;
  namespace: string;
  queue: QueueDefinition<Data>;
  /** Jobs that this process takes at once. */
  concurrency: number;
  process(data: Data): Promise<unknown>;
  clock: Clock;
  log: Logger;
}

export interface Waiting {
  /** A job of this id that waits already stays as it is. Default: one of its own. Without `:`, and not digits alone. */
  id?: string;
  /** Milliseconds. */
  delayMs?: number;
}

/** Jobs that wait in Redis for their time and for whichever replica is free. Keeps nothing that is not elsewhere too. */
export class JobQueue<Data> {
  readonly #options: JobQueueOptions<Data>;
  readonly #redis: Redis;
  readonly #queue: Queue;
  #workerRedis: Redis;
  #worker: Worker;

  constructor(options: JobQueueOptions<Data>) {
    const { redisUrl, namespace, queue, log } = options;
    this.#options = options;
    this.#redis = impatientRedis(redisUrl, log);
    this.#queue = new Queue(queue.name, {
      connection: this.#redis,
      prefix: queuePrefix(namespace, queue),
      skipMetasUpdate: true,
    });
    this.#queue.on('error', (error) => this.#debug(error));
    this.#workerRedis = blockingRedis(redisUrl, log);
    this.#worker = this.#open();
  }

  /** Redis answers, as far as is known. */
  get usable(): boolean {
    return this.#redis.status === 'ready';
  }

  /** Rejects when Redis did not take it; then it may be there all the same. */
  async add(data: Data, { id = newEventId(), delayMs = 0 }: Waiting = {}): Promise<void> {
    if (!this.usable) throw new Error('Redis is away');
    const { job, jobOptions } = this.#options.queue;
    await this.#queue.add(job, data, { ...jobOptions, jobId: id, delay: delayMs });
  }

  /** Makes the worker anew: one that lost its Redis may wait for what never comes. */
  renew(): void {
    const old = { worker: this.#worker, redis: this.#workerRedis };
    this.#workerRedis = blockingRedis(this.#options.redisUrl, this.#options.log);
    this.#worker = this.#open();
    void old.worker
      .close(true)
      .catch((error: unknown) => this.#debug(error))
      .then(() => old.redis.disconnect());
  }

  /** Brings no more jobs. Those that run go on. */
  async close(): Promise<void> {
    const { clock } = this.#options;
    // Forced, it does not wait for a Redis that is away; jobs that run are whoever's who runs them.
    await closeSoon(this.#worker.close(true), clock).catch((error: unknown) => this.#debug(error));
    await closeSoon(this.#queue.close(), clock).catch((error: unknown) => this.#debug(error));
    this.#redis.disconnect();
    this.#workerRedis.disconnect();
  }

  #open(): Worker {
    const { queue, namespace, concurrency, process } = this.#options;
    const worker = new Worker<Data>(queue.name, (job) => process(job.data), {
      ...queue.workerOptions,
      connection: this.#workerRedis,
      prefix: queuePrefix(namespace, queue),
      concurrency,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
    });
    worker.on('error', (error) => this.#debug(error));
    return worker;
  }

  #debug(error: unknown): void {
    this.#options.log.debug({ err: error, queue: this.#options.queue.name }, 'a queue reports an error');
  }
}
