import type { CommitReport, TelemetryBatch } from '@tributary/database';
import { blockingRedis, closeSoon, impatientRedis, type QueueDefinition, queuePrefix } from '@tributary/jobs';
import { type Clock, failpoint, type Logger, newEventId } from '@tributary/runtime';
import { Queue, QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import type { CommitLatency } from './commit-latency.ts';

/**
 * The queue did not bring the batch through. `job-failed`: a worker had it and could not commit it, so Redis is well;
 * `redis`: it was not accepted; `overdue`: no completion was heard of in time.
 */
export class LaneFailure extends Error {
  override readonly name = 'LaneFailure';

  constructor(
    readonly kind: 'redis' | 'overdue' | 'job-failed',
    options?: ErrorOptions,
  ) {
    super(`the queued lane failed: ${kind}`, options);
  }
}

export interface QueuedCommit {
  report: CommitReport;
  /** How long Redis took to accept the job. Milliseconds. */
  answerMs: number;
}

export interface QueuedLaneOptions {
  redisUrl: string;
  namespace: string;
  queue: QueueDefinition<TelemetryBatch>;
  latency: CommitLatency;
  clock: Clock;
  log: Logger;
}

interface Link {
  redis: Redis;
  listening: Redis;
  queue: Queue;
  events: QueueEvents;
}

interface Waiting {
  resolve(report: CommitReport): void;
  reject(failure: LaneFailure): void;
}

const LEAST_PATIENCE_MS = 2_000;
/** Completed jobs are forgotten, but their reports stay in the event stream; it needs to hold the last few only. */
const EVENTS_KEPT = 1_000;

/** Hands sealed batches to whichever worker is free, and learns of their commit. Keeps nothing: the caller has the batch. */
export class QueuedLane {
  readonly #options: QueuedLaneOptions;
  readonly #waiting = new Map<string, Waiting>();
  #link: Link;
  #closed = false;

  constructor(options: QueuedLaneOptions) {
    this.#options = options;
    this.#link = this.#open();
  }

  get underWay(): number {
    return this.#waiting.size;
  }

  /** How long a batch may take before the caller should see to it: at least 2 s. */
  get patienceMs(): number {
    return Math.max(LEAST_PATIENCE_MS, 3 * this.#options.latency.p99Ms);
  }

  /** Rejects with `LaneFailure` only; then the batch may or may not be committed. */
  async commit(batch: TelemetryBatch): Promise<QueuedCommit> {
    const id = newEventId();
    const { clock } = this.#options;
    const outcome = Promise.withResolvers<CommitReport>();
    this.#waiting.set(id, outcome);
    const cancel = clock.after(this.patienceMs, () => outcome.reject(new LaneFailure('overdue')));
    // Answered below, or not at all when adding fails first.
    outcome.promise.catch(() => undefined);
    try {
      const answerMs = await this.#add(id, batch, outcome.promise);
      await failpoint('after-enqueue-before-await');
      return { report: await outcome.promise, answerMs };
    } catch (error) {
      this.#removeLater(id);
      throw error instanceof LaneFailure ? error : new LaneFailure('redis', { cause: error });
    } finally {
      cancel();
      this.#waiting.delete(id);
    }
  }

  /** Makes all connections anew: after Redis was away or wiped they may wait for what never comes. */
  renew(): void {
    if (this.#closed) return;
    const old = this.#link;
    this.#link = this.#open();
    void this.#discard(old);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#discard(this.#link);
  }

  async #add(id: string, batch: TelemetryBatch, outcome: Promise<unknown>): Promise<number> {
    if (this.#link.redis.status !== 'ready') throw new LaneFailure('redis');
    const { clock, queue } = this.#options;
    const from = clock.monotonicMs();
    // The outcome may come first: overdue while Redis does not answer at all.
    await Promise.race([this.#link.queue.add(queue.job, batch, { ...queue.jobOptions, jobId: id }), outcome]);
    return clock.monotonicMs() - from;
  }

  #open(): Link {
    const { redisUrl, log } = this.#options;
    const redis = impatientRedis(redisUrl, log);
    const listening = blockingRedis(redisUrl, log);
    return { redis, listening, queue: this.#openQueue(redis), events: this.#openEvents(listening) };
  }

  #openQueue(redis: Redis): Queue {
    const { queue, namespace, log } = this.#options;
    const opened = new Queue(queue.name, {
      connection: redis,
      prefix: queuePrefix(namespace, queue),
      streams: { events: { maxLen: EVENTS_KEPT } },
      skipMetasUpdate: true,
    });
    opened.on('error', (error) => log.debug({ err: error }, 'the queue of batches reports an error'));
    return opened;
  }

  #openEvents(redis: Redis): QueueEvents {
    const { queue, namespace, log } = this.#options;
    const events = new QueueEvents(queue.name, {
      connection: redis,
      prefix: queuePrefix(namespace, queue),
      // From the start, not from "now": what completes before the first read must not be missed.
      lastEventId: '0-0',
    });
    events.on('error', (error) => log.debug({ err: error }, 'listening for committed batches reports an error'));
    events.on('completed', ({ jobId, returnvalue }) => {
      this.#waiting.get(jobId)?.resolve(returnvalue as unknown as CommitReport);
    });
    events.on('failed', ({ jobId }) => this.#waiting.get(jobId)?.reject(new LaneFailure('job-failed')));
    return events;
  }

  /** Else a queue without workers would grow in Redis, batch by batch. */
  #removeLater(id: string): void {
    const { redis, queue } = this.#link;
    if (redis.status !== 'ready') return;
    queue.remove(id).catch((error: unknown) => {
      this.#options.log.debug({ err: error }, 'could not take a batch back; committing it twice is harmless');
    });
  }

  async #discard(link: Link): Promise<void> {
    const { clock, log } = this.#options;
    const failed = (error: unknown) => log.debug({ err: error }, 'closing a connection to Redis failed');
    await Promise.all([
      closeSoon(link.events.close(), clock).catch(failed),
      closeSoon(link.queue.close(), clock).catch(failed),
    ]);
    // BullMQ leaves the connections it was given to whoever made them.
    link.redis.disconnect();
    link.listening.disconnect();
  }
}
