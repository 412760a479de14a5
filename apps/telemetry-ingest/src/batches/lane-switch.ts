import type { Clock } from '@tributary/runtime';

export type LaneMode = 'auto' | 'queued' | 'direct';
export type LaneName = 'queued' | 'direct';

const FIRST_PROBE_MS = 1_000;
const LAST_PROBE_MS = 15_000;
/** So many slow answers in a row make the queue unwell. */
const SLOW_LIMIT = 3;
export const SLOW_MS = 50;

/**
 * Which way the next batch goes. In `auto` one failure sends all batches the direct way; after a pause one batch tries
 * the queue again, and only its success brings the others back.
 */
export class LaneSwitch {
  readonly #mode: LaneMode;
  readonly #clock: Clock;
  #well = true;
  #probing = false;
  #slow = 0;
  #pauseMs = FIRST_PROBE_MS;
  #probeAtMs = 0;

  constructor(mode: LaneMode, clock: Clock) {
    this.#mode = mode;
    this.#clock = clock;
  }

  /** The lane that batches take now; what a gauge shows. */
  get current(): LaneName {
    if (this.#mode !== 'auto') return this.#mode;
    return this.#well ? 'queued' : 'direct';
  }

  /** Call once per batch, and then `succeeded` or `failed` for each that was sent to the queue. */
  choose(): LaneName {
    if (this.#mode !== 'auto' || this.#well) return this.current;
    if (this.#probing || this.#clock.monotonicMs() < this.#probeAtMs) return 'direct';
    this.#probing = true;
    return 'queued';
  }

  /** The queue brought a batch through; `answerMs` is how long it took to accept it. */
  succeeded(answerMs: number): void {
    this.#slow = answerMs > SLOW_MS ? this.#slow + 1 : 0;
    if (this.#slow >= SLOW_LIMIT || (this.#probing && answerMs > SLOW_MS)) {
      this.failed();
      return;
    }
    this.#well = true;
    this.#probing = false;
    this.#pauseMs = FIRST_PROBE_MS;
  }

  /** The queue did not bring a batch through in time. */
  failed(): void {
    this.#slow = 0;
    if (!this.#well && !this.#probing) return;
    if (this.#probing) this.#pauseMs = Math.min(this.#pauseMs * 2, LAST_PROBE_MS);
    this.#well = false;
    this.#probing = false;
    this.#probeAtMs = this.#clock.monotonicMs() + this.#pauseMs;
  }
}
