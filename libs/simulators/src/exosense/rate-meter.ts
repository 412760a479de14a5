import type { ScenarioClock } from '../kit/scenario-clock.ts';
import type { ExosenseLimits } from './options.ts';

export type RateError = 'ExceededRateLimitRequests' | 'ExceededRateLimitTime';

/** A request that was let in. Its time is known when it is done. */
export interface Admission {
  at: number;
  timeMs: number;
}

export interface Refusal {
  error: RateError;
  /** Until the oldest request has left the window. */
  waitMs: number;
}

export const isRefusal = (outcome: Admission | Refusal): outcome is Refusal => 'error' in outcome;

/** What was used in the rolling window, by token and by all together. Refused requests do not count. */
export class RateMeter {
  readonly #clock: ScenarioClock;
  readonly #limits: ExosenseLimits;
  readonly #windows = new Map<string, Admission[]>();
  #instance: Admission[] = [];

  constructor(clock: ScenarioClock, limits: ExosenseLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  admit(token: string): Admission | Refusal {
    const window = this.#windowOf(token);
    const { requests, timeMs, instanceRequests } = this.#limits;
    if (window.length >= requests) return this.#refusal('ExceededRateLimitRequests', window);
    if (instanceRequests > 0 && this.#instanceWindow().length >= instanceRequests)
      return this.#refusal('ExceededRateLimitRequests', this.#instance);
    if (sum(window) > timeMs) return this.#refusal('ExceededRateLimitTime', window);
    return this.#add(token, { at: this.#clock.monotonicMs(), timeMs: 0 });
  }

  /** What is counted at this moment. */
  usage(token: string): { requests: number; timeMs: number } {
    const window = this.#windowOf(token);
    return { requests: window.length, timeMs: sum(window) };
  }

  /** Another client of the same token: so many requests at this moment, whether the limit allows them or not. */
  spend(token: string, requests: number, timeMs: number): void {
    const at = this.#clock.monotonicMs();
    for (let i = 0; i < requests; i++) this.#add(token, { at, timeMs: timeMs / requests });
  }

  #add(token: string, admission: Admission): Admission {
    this.#windowOf(token).push(admission);
    this.#instanceWindow().push(admission);
    return admission;
  }

  #windowOf(token: string): Admission[] {
    const window = this.#current(this.#windows.get(token) ?? []);
    this.#windows.set(token, window);
    return window;
  }

  #instanceWindow(): Admission[] {
    this.#instance = this.#current(this.#instance);
    return this.#instance;
  }

  /** A request of exactly the window's age still counts. */
  #current(window: Admission[]): Admission[] {
    const oldest = this.#clock.monotonicMs() - this.#limits.windowMs;
    return window.filter(({ at }) => at >= oldest);
  }

  #refusal(error: RateError, window: readonly Admission[]): Refusal {
    const oldest = window[0]?.at ?? this.#clock.monotonicMs();
    return { error, waitMs: Math.max(0, oldest + this.#limits.windowMs - this.#clock.monotonicMs()) };
  }
}

const sum = (window: readonly Admission[]): number => window.reduce((total, { timeMs }) => total + timeMs, 0);
