export interface Backoff {
  baseMs: number;
  capMs: number;
}

/** Full jitter: between 0 and the lesser of `capMs` and `baseMs` doubled `attempt` times; `attempt` begins at 0. */
export function fullJitterMs(attempt: number, backoff: Backoff, random: () => number = Math.random): number {
  return random() * Math.min(backoff.capMs, backoff.baseMs * 2 ** Math.min(attempt, 30));
}
