import { failurePolicies, isPlatformError, type OperationClass, type PlatformError } from '@tributary/contracts';
import type { Clock } from '@tributary/runtime';
import type { Lane } from '../contract.ts';
import { ANSWER_LOST, NOT_SENT } from './network-failure.ts';

const BASE_MS = 250;
const CAP_MS = 60_000;
/** Retries per first attempt, and how many may be saved up. */
const SHARE = 0.2;
const SAVED = 10;
const SAVED_AT_START = 3;

/** How long a caller of this lane is willing to wait between two attempts, and how many it makes in all. */
const patience: Record<Lane, { attempts: number; maxWaitMs: number }> = {
  command: { attempts: 3, maxWaitMs: 5_000 },
  interactive: { attempts: 2, maxWaitMs: 2_000 },
  live: { attempts: 4, maxWaitMs: CAP_MS },
  'pass-through': { attempts: 2, maxWaitMs: 2_000 },
  reconcile: { attempts: 4, maxWaitMs: CAP_MS },
  backfill: { attempts: 4, maxWaitMs: CAP_MS },
};

/** Retries are at most a fifth of first attempts, so that a sick vendor does not meet a multiple of its load. */
export class RetryBudget {
  #saved = SAVED_AT_START;

  firstAttempt(): void {
    this.#saved = Math.min(SAVED, this.#saved + SHARE);
  }

  /** Whether a retry may be made; if so it is spent. */
  spend(): boolean {
    // Five times a fifth shall be one.
    if (this.#saved < 1 - 1e-9) return false;
    this.#saved -= 1;
    return true;
  }
}

/** random(0, min(cap, base * 2^n)) milliseconds before retry number `n`, counted from 0. */
export const fullJitterMs = (n: number, random: () => number): number => random() * Math.min(CAP_MS, BASE_MS * 2 ** n);

export interface RetriedCall {
  class: OperationClass;
  lane: Lane;
  idempotent: boolean;
  /** False: what took too long, or whose answer was lost, is not asked for again. */
  retryTimeouts?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/** The only layer that tries again. */
export class Retrier {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #budgets = new Map<OperationClass, RetryBudget>();
  readonly #onRetry: (error: PlatformError) => void;

  constructor(clock: Clock, random: () => number = Math.random, onRetry: (error: PlatformError) => void = () => {}) {
    this.#clock = clock;
    this.#random = random;
    this.#onRetry = onRetry;
  }

  async run<T>(call: RetriedCall, attempt: () => Promise<T>): Promise<T> {
    const budget = this.#budget(call.class);
    budget.firstAttempt();
    const { attempts, maxWaitMs } = patience[call.lane];
    for (let n = 0; ; n++) {
      call.signal?.throwIfAborted();
      try {
        return await attempt();
      } catch (error) {
        if (call.signal?.aborted || n + 1 >= attempts || !mayRetry(error, call.idempotent)) throw error;
        if (call.retryTimeouts === false && isTimeout(error)) throw error;
        const waitMs = Math.max(fullJitterMs(n, this.#random), error.retryAfterMs ?? 0);
        // Whoever called waits better than we do: the error says how long.
        if (waitMs > maxWaitMs || !budget.spend()) throw error;
        this.#onRetry(error);
        await this.#clock.sleep(waitMs, call.signal);
      }
    }
  }

  #budget(operationClass: OperationClass): RetryBudget {
    const budget = this.#budgets.get(operationClass) ?? new RetryBudget();
    this.#budgets.set(operationClass, budget);
    return budget;
  }
}

/** `platformCode` of what an open breaker throws; waiting for it is not the retry's business. */
export const CIRCUIT_OPEN = 'circuit-open';

const isTimeout = ({ code, platformCode }: PlatformError): boolean =>
  code === 'timeout' || platformCode === ANSWER_LOST;

/** An order that may not be sent twice is sent again only if it certainly was not sent, or was refused unread. */
export function mayRetry(error: unknown, idempotent: boolean): error is PlatformError {
  if (!isPlatformError(error) || error.platformCode === CIRCUIT_OPEN) return false;
  const policy = failurePolicies[error.code].retry;
  if (policy === 'never') return false;
  if (policy === 'when-told') return error.retryAfterMs !== undefined;
  return idempotent || error.platformCode === NOT_SENT;
}
