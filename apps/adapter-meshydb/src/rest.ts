import type { Clock } from '@tributary/adapter-kit';

const FIRST_MS = 2_000;

/** What brings nothing new is looked at less and less often: every call counts against the account. */
export class Rest {
  #lengthMs = 0;
  #untilMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly clock: Clock,
    private readonly longestMs: number,
  ) {}

  isOver(): boolean {
    return this.clock.monotonicMs() >= this.#untilMs;
  }

  after(news: boolean): void {
    this.#lengthMs = news ? 0 : Math.min(Math.max(FIRST_MS, this.#lengthMs * 2), this.longestMs);
    this.#untilMs = this.clock.monotonicMs() + this.#lengthMs;
  }

  reset(): void {
    this.#lengthMs = 0;
    this.#untilMs = Number.NEGATIVE_INFINITY;
  }
}
