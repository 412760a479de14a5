import { EventEmitter, once } from 'node:events';
import type { Clock } from '@tributary/runtime';

const LEAST_MS = 20;
const MOST_MS = 1_000;

/**
 * Lets planners that wait for room know that deliveries got through. Whoever sends may be another process, so that they
 * look by themselves too, less often the longer nothing happens.
 */
export class Wakes {
  readonly #events = new EventEmitter().setMaxListeners(0);
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  wake(subscriptionId: string): void {
    this.#events.emit(subscriptionId);
  }

  /** How long to wait for a sign, after having waited `before` for nothing. */
  patience(before?: number): number {
    return before === undefined ? LEAST_MS : Math.min(before * 2, MOST_MS);
  }

  /** Resolves with a sign or after `ms`; rejects when the signal aborts. */
  async wait(subscriptionId: string, ms: number, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const either = AbortSignal.any([over.signal, signal]);
    const sign = once(this.#events, subscriptionId, { signal: either });
    await Promise.race([sign, this.#clock.sleep(ms, either)]).finally(() => over.abort());
  }
}
