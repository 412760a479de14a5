import { blockingRedis, closeSoon, impatientRedis, type QueueDefinition, queuePrefix } from '@tributary/jobs';
import type { Clock, Counter, Logger, Metrics } from '@tributary/runtime';
import { Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';

export interface BatchWorkerOptions<Data> {
  redisUrl: string;
  namespace: string;
  queue: QueueDefinition<Data>;
  concurrency: number;
  process(data: Data): Promise<unknown>;
  /** Called when a new worker makes no progress either: the process should be started anew. */
  onHopeless(): void;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
}

const CHECK_MS = 5_000;
const PATIENCE_MS = 20_000;
/** So many new workers in a row without progress, and it is not the worker. */
const HOPELESS_AFTER = 3;

/**
 * A BullMQ worker that is watched: one that is idle while jobs wait, or whose loop has ended, is replaced. Redis being
 * away is no reason, only jobs that wait in a Redis that answers.
 */
export class BatchWorker<Data> {
  readonly #options: BatchWorkerOptions<Data>;
  /** For looking at the queue; the worker has connections of its own. */
  readonly #redis: Redis;
  readonly #queue: Queue;
  readonly #replaced: Counter;
  readonly #cancelCheck: () => void;
  #worker: Worker;
  #workerRedis: Redis;
  #progressMs: number;
  #fruitless = 0;
  #checking = false;

  constructor(options: BatchWorkerOptions<Data>) {
    this.#options = options;
    const { clock, metrics, log, redisUrl, queue, namespace } = options;
    this.#replaced = metrics.counter('ingest_workers_replaced_total', { help: 'Workers that made no progress.' });
    this.#redis = impatientRedis(redisUrl, log);
    this.#queue = new Queue(queue.name, {
      connection: this.#redis,
      prefix: queuePrefix(namespace, queue),
      skipMetasUpdate: true,
    });
    this.#queue.on('error', (error) => log.debug({ err: error }, 'looking at the queue of batches reports an error'));
    this.#progressMs = clock.monotonicMs();
    this.#workerRedis = blockingRedis(redisUrl, log);
    this.#worker = this.#open(this.#workerRedis);
    this.#cancelCheck = clock.every(CHECK_MS, () => void this.check());
  }

  /** Replaces the worker when jobs wait and none was finished for 20 s. Public for tests. */
  async check(): Promise<void> {
    if (this.#checking || this.#redis.status !== 'ready') return;
    this.#checking = true;
    try {
      const waiting = await this.#queue.getWaitingCount();
      if (waiting === 0) this.#progressed();
      else if (this.#options.clock.monotonicMs() - this.#progressMs > PATIENCE_MS) this.#replace(waiting);
    } catch (error) {
      this.#options.log.debug({ err: error }, 'could not look at the queue of batches');
    } finally {
      this.#checking = false;
    }
  }

  /** Lets running jobs finish; they are idempotent, so what does not finish in time is run elsewhere. */
  async close(): Promise<void> {
    this.#cancelCheck();
    await closeSoon(this.#worker.close(), this.#options.clock).catch((error: unknown) => this.#debug(error));
    await closeSoon(this.#queue.close(), this.#options.clock).catch((error: unknown) => this.#debug(error));
    this.#redis.disconnect();
    this.#workerRedis.disconnect();
  }

  #open(redis: Redis): Worker {
    const { queue, namespace, log, concurrency, process } = this.#options;
    const worker = new Worker<Data>(queue.name, (job) => process(job.data), {
      ...queue.workerOptions,
      connection: redis,
      prefix: queuePrefix(namespace, queue),
      concurrency,
      // Its completed jobs are reported through the event stream and kept nowhere.
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
    });
    worker.on('error', (error) => this.#debug(error));
    worker.on('completed', () => this.#progressed());
    worker.on('failed', (_job, error) => {
      this.#progressed();
      log.debug({ err: error }, 'a batch could not be committed by the worker; whoever sealed it sees to it');
    });
    return worker;
  }

  #progressed(): void {
    this.#progressMs = this.#options.clock.monotonicMs();
    this.#fruitless = 0;
  }

  #replace(waiting: number): void {
    const { log, onHopeless, clock, redisUrl } = this.#options;
    this.#fruitless += 1;
    log.warn({ waiting, fruitless: this.#fruitless }, 'the worker makes no progress; replacing it');
    this.#replaced.inc();
    if (this.#fruitless > HOPELESS_AFTER) {
      onHopeless();
      return;
    }
    const old = { worker: this.#worker, redis: this.#workerRedis };
    this.#workerRedis = blockingRedis(redisUrl, log);
    this.#worker = this.#open(this.#workerRedis);
    this.#progressMs = clock.monotonicMs();
    const done = () => old.redis.disconnect();
    void old.worker
      .close(true)
      .catch((error: unknown) => this.#debug(error))
      .then(done);
  }

  #debug(error: unknown): void {
    this.#options.log.debug({ err: error }, 'the worker of batches reports an error');
  }
}
