import { setTimeout as delay } from 'node:timers/promises';

/** The only source of time. Wall clock for what is written down, monotonic clock for what is waited for. */
export interface Clock {
  /** Wall clock, milliseconds since 1970 UTC. */
  now(): number;
  /** Never goes back; the origin is arbitrary. Milliseconds. */
  monotonicMs(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. Keeps the process alive. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `fn` once after `ms`, without keeping the process alive; the returned function cancels. */
  after(ms: number, fn: () => void): () => void;
  /** Calls `fn` every `ms`, without keeping the process alive; the returned function cancels. */
  every(ms: number, fn: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: async (ms, signal) => {
    signal?.throwIfAborted();
    try {
      await delay(Math.max(0, ms), undefined, signal ? { signal } : undefined);
    } catch (error) {
      throw signal?.reason ?? error;
    }
  },
  after: (ms, fn) => {
    // A moment that has passed is now.
    const timer = setTimeout(fn, Math.max(0, ms)).unref();
    return () => clearTimeout(timer);
  },
  every: (ms, fn) => {
    const timer = setInterval(fn, ms).unref();
    return () => clearInterval(timer);
  },
};
