import type { Clock } from '@tributary/runtime';
import { isOurOwnPatience, retryDelayMs } from './backoff.ts';
import type { DueQueue } from './due-queue.ts';

export interface RepeaterOptions {
  due: DueQueue;
  clock: Clock;
  random: () => number;
  intervalMs: number;
  /** Aborts when the connection is let go. */
  signal: AbortSignal;
  run: (signal: AbortSignal) => Promise<void>;
  /** `failuresBefore` counts the failed rounds right before this one. */
  onSuccess: (failuresBefore: number) => void;
  /** `failures` counts the rounds that failed in a row, this one included. */
  onFailure: (error: unknown, failures: number) => void;
}

const RETRY = { baseMs: 1_000, capMs: 60_000 };
/** The first rounds of many connections spread over this much. */
const SPREAD_MS = 5_000;

/** Runs a schedule: jittered start, fixed rhythm, never two rounds at once, sooner and with backoff after a failure. */
export class Repeater {
  readonly #options: RepeaterOptions;
  #cancel = () => {};
  #running: Promise<void> | undefined;
  #again = false;
  #failures = 0;
  /** The last round failed, and its waiting is our own choice. */
  #mayHurry = false;

  constructor(options: RepeaterOptions) {
    this.#options = options;
  }

  start(): void {
    const { random, intervalMs } = this.#options;
    this.#next(random() * Math.min(intervalMs, SPREAD_MS));
  }

  /** Has a round now, or one more right after the round that is running. */
  soon(): void {
    if (this.#running) this.#again = true;
    else this.#next(0);
  }

  /**
   * What a failing schedule waits for seems to be over: it tries again soon rather than when its backoff ends, unless
   * the platform itself has named a time, or asking again cannot help.
   */
  encourage(): void {
    if (this.#running || !this.#mayHurry) return;
    this.#next(this.#options.random() * SPREAD_MS);
  }

  /** Resolves when no round is running and none will. */
  async stopped(): Promise<void> {
    this.#cancel();
    await this.#running;
  }

  #next(delayMs: number): void {
    this.#cancel();
    if (this.#options.signal.aborted) return;
    this.#cancel = this.#options.due.after(delayMs, () => {
      this.#running = this.#round().finally(() => {
        this.#running = undefined;
      });
    });
  }

  async #round(): Promise<void> {
    const { clock, signal, intervalMs, random } = this.#options;
    if (signal.aborted) return;
    const startedMs = clock.monotonicMs();
    this.#again = false;
    this.#mayHurry = false;
    let delayMs: number;
    try {
      await this.#options.run(signal);
      const failuresBefore = this.#failures;
      this.#failures = 0;
      this.#options.onSuccess(failuresBefore);
      // Turns that passed while this round ran are skipped, not made up for.
      const tookMs = clock.monotonicMs() - startedMs;
      delayMs = intervalMs - (tookMs % intervalMs);
    } catch (error) {
      if (signal.aborted) return;
      this.#failures += 1;
      this.#options.onFailure(error, this.#failures);
      this.#mayHurry = isOurOwnPatience(error);
      delayMs = retryDelayMs(error, this.#failures, intervalMs, { ...RETRY, random });
    }
    this.#next(this.#again ? 0 : delayMs);
  }
}
