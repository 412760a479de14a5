import type { Clock } from './clock.ts';

/** Why an attempt was ended by us. */
export type Ended = 'timeout' | 'deadline';

/** The signal of one attempt: aborts with the caller's, and when its time is over. */
export class AttemptLimit {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal | undefined;
  readonly #clock: Clock;
  #cancelTimer = () => {};
  #ended: Ended | undefined;

  constructor(caller: AbortSignal | undefined, clock: Clock) {
    this.#caller = caller;
    this.#clock = clock;
    if (caller?.aborted) this.#controller.abort(caller.reason);
    caller?.addEventListener('abort', this.#abort);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Set once the time was over. */
  get ended(): Ended | undefined {
    return this.#ended;
  }

  /** (Re)starts the watch. */
  within(ms: number, what: Ended): void {
    this.#cancelTimer();
    if (ms === Number.POSITIVE_INFINITY) return;
    this.#cancelTimer = this.#clock.after(ms, () => {
      this.#ended = what;
      this.#controller.abort(new Error(`nothing came for ${ms} ms`));
    });
  }

  /** No time counts any more; the caller's signal still does. */
  unwatched(): void {
    this.#cancelTimer();
  }

  /** Lets go of the caller's signal, which may live much longer. */
  release(): void {
    this.#cancelTimer();
    this.#caller?.removeEventListener('abort', this.#abort);
  }

  readonly #abort = (): void => this.#controller.abort(this.#caller?.reason);
}
