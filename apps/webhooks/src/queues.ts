import { ONCE, type QueueDefinition } from '@tributary/jobs';

/** One turn of sending, for one subscription. Nothing else is in Redis: what is sent stands in the database. */
export interface TurnJob {
  subscriptionId: string;
}

const workerOptions = { lockDuration: 30_000, stalledInterval: 10_000, maxStalledCount: 1, runRetryDelay: 1_000 };

/**
 * Every queue of this service. The service starts only if each has exactly one processor.
 *
 * `turns`: receivers that took what they were last sent. `retries`: those that did not; each of its jobs waits for its own
 * subscription's clock. Apart, so that no number of receivers that hang keeps the others waiting.
 */
export const queues: Record<'turns' | 'retries', QueueDefinition<TurnJob>> = {
  turns: { name: 'webhook-turns', job: 'turn', jobOptions: ONCE, workerOptions },
  retries: { name: 'webhook-retries', job: 'turn', jobOptions: ONCE, workerOptions },
};

export type QueueKey = keyof typeof queues;
