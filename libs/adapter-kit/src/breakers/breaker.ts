import {
  failurePolicies,
  isPlatformError,
  type OperationClass,
  UnavailableError,
  type WireError,
} from '@tributary/contracts';
import type { Clock } from '@tributary/runtime';
import CircuitBreaker from 'opossum';
import type { OperationPolicy } from '../http/operation-policy.ts';
import { CIRCUIT_OPEN } from '../http/retrier.ts';
import { bucketRotation } from './bucket-rotation.ts';

const BUCKETS = 6;
/** In the place of a failure's code: nobody keeps the breaker any more. */
export const LET_GO = 'let-go';
/** After a probe that proved nothing, the next call is the probe. */
const INCONCLUSIVE_PAUSE_MS = 100;

export type BreakerMode = 'closed' | 'open' | 'half-open';

export interface BreakerState {
  class: OperationClass;
  state: BreakerMode;
  since: string;
  /** In a row. */
  failures: number;
  retryAt?: string;
  /** Of the last failure. */
  code?: string;
}

/** What a breaker has just become. */
export interface BreakerTurn extends BreakerState {
  from: BreakerMode;
  /** The last failure. */
  error?: WireError;
}

export interface BreakerOptions {
  class: OperationClass;
  policy: OperationPolicy;
  clock: Clock;
  random?: () => number;
  onChange?: (turn: BreakerTurn) => void;
}

/** Set by the work as soon as the platform has answered anything. */
export interface Contact {
  answered: boolean;
}

interface Call extends Contact {
  work: (contact: Contact) => Promise<unknown>;
}

/** What a failure says of the platform's health: an answer we dislike is an answer, what never reached it says nothing. */
function verdict(error: unknown, call: Contact): 'failure' | 'success' | 'nothing' {
  if (isPlatformError(error) && error.platformCode !== CIRCUIT_OPEN && failurePolicies[error.code].tripsBreaker) {
    return 'failure';
  }
  return call.answered ? 'success' : 'nothing';
}

/**
 * The breaker of one connection and operation class. It does not time calls out (each call brings its own signal) and
 * opens by share of failures or by failures in a row, whichever comes first. While open, calls fail at once.
 */
export class Breaker {
  readonly class: OperationClass;
  readonly #policy: OperationPolicy;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #onChange: (turn: BreakerTurn) => void;
  /** Opossum keeps this very object and reads `resetTimeout` from it each time it opens. */
  readonly #settings: CircuitBreaker.Options<[Call]>;
  readonly #circuit: CircuitBreaker<[Call], unknown>;
  #mode: BreakerMode = 'closed';
  #lastFailure: WireError | undefined;
  #consecutive = 0;
  #openings = 0;
  #sinceMs: number;
  #retryAtMs = 0;

  constructor(options: BreakerOptions) {
    this.class = options.class;
    this.#policy = options.policy;
    this.#clock = options.clock;
    this.#random = options.random ?? Math.random;
    this.#onChange = options.onChange ?? (() => {});
    this.#sinceMs = this.#clock.now();
    this.#settings = {
      timeout: false,
      errorThresholdPercentage: options.policy.errorPercent,
      volumeThreshold: options.policy.volume,
      rollingCountTimeout: options.policy.windowMs,
      rollingCountBuckets: BUCKETS,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
      rotateBucketController: bucketRotation(this.#clock, Math.ceil(options.policy.windowMs / BUCKETS)),
      resetTimeout: this.#nextResetMs(),
      // Opossum hands the call's arguments on; its types do not say so.
      errorFilter: ((error: unknown, call: Call) => this.#judge(error, call)) as (error: unknown) => boolean,
    };
    this.#circuit = new CircuitBreaker((call: Call) => call.work(call), this.#settings);
    this.#circuit.on('success', () => this.#succeeded());
    this.#circuit.on('failure', (error) => this.#failed(error));
    this.#circuit.on('open', () => this.#opened());
    this.#circuit.on('halfOpen', () => this.#changed());
    this.#circuit.on('close', () => this.#closed());
  }

  /** Runs `work`, or throws `UnavailableError` (`circuit-open`, with `retryAfterMs`) without calling it. */
  async run<T>(operation: string, work: (contact: Contact) => Promise<T>): Promise<T> {
    // Asked here and not through opossum: it counts every refused call and so thins out its own error rate.
    if (!this.#circuit.closed && !this.#circuit.pendingClose) throw this.#refusal(operation);
    return (await this.#circuit.fire({ work, answered: false })) as T;
  }

  state(): BreakerState {
    const state = this.#circuit.closed ? 'closed' : this.#circuit.opened ? 'open' : 'half-open';
    return {
      class: this.class,
      state,
      since: new Date(this.#sinceMs).toISOString(),
      failures: this.#consecutive,
      ...(state === 'open' ? { retryAt: new Date(this.#retryAtMs).toISOString() } : {}),
      ...(this.#lastFailure && state !== 'closed' ? { code: this.#lastFailure.code } : {}),
    };
  }

  /**
   * Lets go of its timers and of the shared rotation. Calls afterwards are refused. One that is not closed says that it
   * is nobody's any more: nothing is known of the platform by that.
   */
  shutdown(): void {
    const { mode, sinceMs } = { mode: this.#mode, sinceMs: this.#clock.now() };
    this.#circuit.shutdown();
    if (mode === 'closed') return;
    this.#mode = 'closed';
    const since = new Date(sinceMs).toISOString();
    this.#onChange({
      class: this.class,
      from: mode,
      state: 'closed',
      since,
      failures: this.#consecutive,
      code: LET_GO,
    });
  }

  #refusal(operation: string): UnavailableError {
    if (this.#circuit.isShutdown) return new UnavailableError(`${operation}: the connection has been closed`);
    const retryAfterMs = Math.max(0, Math.round(this.#retryAtMs - this.#clock.now()));
    return new UnavailableError(`${operation}: the platform has failed repeatedly and is left alone for a while`, {
      platformCode: CIRCUIT_OPEN,
      retryAfterMs,
    });
  }

  /** Opossum's filter: true counts as success. A probe that ends without a verdict leaves the circuit open. */
  #judge(error: unknown, call: Call): boolean {
    const found = verdict(error, call);
    if (found === 'failure') return false;
    if (found === 'nothing' && this.#circuit.halfOpen) {
      this.#settings.resetTimeout = INCONCLUSIVE_PAUSE_MS;
      this.#openings -= 1;
      this.#circuit.open();
    }
    return true;
  }

  #succeeded(): void {
    this.#consecutive = 0;
  }

  #failed(error: unknown): void {
    this.#consecutive += 1;
    if (isPlatformError(error)) this.#lastFailure = error.toWire();
    if (this.#consecutive >= this.#policy.consecutive && this.#circuit.closed) this.#circuit.open();
  }

  #opened(): void {
    this.#retryAtMs = this.#clock.now() + Number(this.#settings.resetTimeout);
    this.#openings += 1;
    this.#changed();
    // Opossum has read its reset time while opening; the next one is laid out now.
    this.#settings.resetTimeout = this.#nextResetMs();
  }

  #closed(): void {
    this.#openings = 0;
    this.#consecutive = 0;
    this.#settings.resetTimeout = this.#nextResetMs();
    this.#changed();
  }

  #changed(): void {
    this.#sinceMs = this.#clock.now();
    const from = this.#mode;
    const now = this.state();
    this.#mode = now.state;
    this.#onChange({ ...now, from, ...(this.#lastFailure ? { error: this.#lastFailure } : {}) });
  }

  /** Doubles with every opening in a row; half of it is jitter. */
  #nextResetMs(): number {
    const grown = Math.min(this.#policy.maxResetMs, this.#policy.resetMs * 2 ** this.#openings);
    return Math.round(grown * (0.5 + this.#random() / 2));
  }
}
