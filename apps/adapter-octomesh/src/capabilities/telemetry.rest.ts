import type { Clock } from '@tributary/adapter-kit';

/** What rounds without news rest at first. */
const FIRST_REST_MS = 5_000;
/** Of the queries that the vendor allows in a minute, rounds take no more than this by themselves. */
const REQUESTS_PER_MINUTE = 48;
const MINUTE_MS = 60_000;

/** When the next round is due: at once while rows come, later while none do, and never faster than the budget allows. */
export class Rest {
  #untilMs = Number.NEGATIVE_INFINITY;
  #idleMs = 0;

  constructor(
    private readonly clock: Clock,
    private readonly longestMs: number,
  ) {}

  get over(): boolean {
    return this.clock.now() >= this.#untilMs;
  }

  begin(startedMs: number, requests: number, news: boolean): void {
    this.#idleMs = news ? 0 : Math.min(this.longestMs, Math.max(FIRST_REST_MS, this.#idleMs * 2));
    const paceMs = (requests * MINUTE_MS) / REQUESTS_PER_MINUTE;
    // Schedules are not kept to the millisecond: a round that is due in a moment is due.
    this.#untilMs = startedMs + Math.max(this.#idleMs, paceMs) - 250;
  }
}
