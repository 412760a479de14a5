import type { Clock } from '@tributary/runtime';

const FIRST_MS = 30_000;
const LONGEST_MS = 15 * 60_000;

/** A pause that doubles each time it begins again, from 30 s to 15 min, until it is cleared. */
export class GrowingPause {
  readonly #clock: Clock;
  #times = 0;
  #untilMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  active(): boolean {
    return this.#clock.monotonicMs() < this.#untilMs;
  }

  leftMs(): number {
    return Math.max(0, Math.ceil(this.#untilMs - this.#clock.monotonicMs()));
  }

  begin(): void {
    this.#untilMs = this.#clock.monotonicMs() + Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#times);
    this.#times += 1;
  }

  /** A good sign after the pause is over starts the growth anew; one within it proves nothing yet. */
  endIfOver(): void {
    if (!this.active()) this.clear();
  }

  clear(): void {
    this.#times = 0;
    this.#untilMs = Number.NEGATIVE_INFINITY;
  }
}
