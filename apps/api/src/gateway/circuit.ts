import { failurePolicies, isPlatformError } from '@tributary/contracts';
import type { Clock } from '@tributary/runtime';
import CircuitBreaker from 'opossum';
import { ProblemError } from '../http/problem-error.ts';
import { bucketClock } from './bucket-clock.ts';
import type { OperationLimits } from './operation-limits.ts';

const BUCKETS = 6;
/** Platform code by which an adapter says that its own breaker is open. */
export const CIRCUIT_OPEN = 'circuit-open';

type Work = () => Promise<unknown>;

export type CircuitState = 'closed' | 'open' | 'half-open';

/** What a circuit has just become. */
export interface CircuitTurn {
  from: CircuitState;
  to: CircuitState;
  /** In a row. */
  failures: number;
  /** Of the last failure; `let-go` where nobody keeps the circuit any more. */
  code?: string | undefined;
  /** Of one that is open: milliseconds until it lets a question through. */
  restMs?: number | undefined;
}

export interface CircuitOptions {
  limits: OperationLimits;
  origin: { platform: string; connectionId: string };
  clock: Clock;
  onTurn: (turn: CircuitTurn) => void;
}

/**
 * The breaker of one connection and operation class. While it is open, a question is refused at once and nothing is
 * sent. It does not time anything out: that is the deadline of request and reply. When an adapter says that its own
 * breaker is open, this one rests for as long as that one does.
 */
export class Circuit {
  readonly #clock: Clock;
  readonly #limits: OperationLimits;
  readonly #origin: { platform: string; connectionId: string };
  /** Opossum reads `resetTimeout` from this object each time it opens. */
  readonly #settings: CircuitBreaker.Options<[Work]>;
  readonly #breaker: CircuitBreaker<[Work], unknown>;
  readonly #onTurn: (turn: CircuitTurn) => void;
  #state: CircuitState = 'closed';
  #lastCode: string | undefined;
  #inARow = 0;
  #openings = 0;
  #retryAtMs = 0;
  #running = 0;
  lastUsedMs: number;

  constructor({ limits, origin, clock, onTurn }: CircuitOptions) {
    this.#onTurn = onTurn;
    this.#clock = clock;
    this.#limits = limits;
    this.#origin = origin;
    this.lastUsedMs = clock.monotonicMs();
    this.#settings = {
      timeout: false,
      errorThresholdPercentage: 50,
      volumeThreshold: limits.volume,
      rollingCountTimeout: limits.windowMs,
      rollingCountBuckets: BUCKETS,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
      rotateBucketController: bucketClock(clock, Math.ceil(limits.windowMs / BUCKETS)),
      resetTimeout: limits.resetMs,
      errorFilter: (error: unknown) => !countsAgainst(error),
    };
    this.#breaker = new CircuitBreaker((work: Work) => work(), this.#settings);
    this.#breaker.on('success', () => {
      this.#inARow = 0;
    });
    this.#breaker.on('failure', (error) => this.#failed(error));
    this.#breaker.on('close', () => {
      this.#openings = 0;
      this.#settings.resetTimeout = this.#limits.resetMs;
      this.#inARow = 0;
      this.#turned();
    });
    this.#breaker.on('halfOpen', () => this.#turned());
    this.#breaker.on('open', () => this.#opened());
  }

  get state(): CircuitState {
    if (this.#breaker.closed) return 'closed';
    return this.#breaker.opened ? 'open' : 'half-open';
  }

  /** Throws `circuit-open` (503, with Retry-After) without calling `work`. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    this.lastUsedMs = this.#clock.monotonicMs();
    // Asked here: opossum counts every refused call, and so thins out its own share of failures.
    if (!this.#breaker.closed && !this.#breaker.pendingClose)
      throw this.#refusal('The platform has failed repeatedly and is left alone for a while.');
    if (this.#running >= this.#limits.concurrency)
      throw this.#refusal('Too many questions to this connection are waiting already.');
    this.#running += 1;
    try {
      return (await this.#breaker.fire(work)) as T;
    } finally {
      this.#running -= 1;
    }
  }

  shutdown(): void {
    this.#breaker.shutdown();
    if (this.#state === 'closed') return;
    this.#onTurn({ from: this.#state, to: 'closed', failures: this.#inARow, code: 'let-go' });
    this.#state = 'closed';
  }

  #failed(error: unknown): void {
    this.#inARow += 1;
    if (isPlatformError(error)) this.#lastCode = error.platformCode === CIRCUIT_OPEN ? CIRCUIT_OPEN : error.code;
    const restMs = adapterRestMs(error);
    if (restMs !== undefined) this.#settings.resetTimeout = restMs;
    if ((restMs !== undefined || this.#inARow >= this.#limits.consecutive) && !this.#breaker.opened)
      this.#breaker.open();
  }

  #opened(): void {
    this.#retryAtMs = this.#clock.monotonicMs() + Number(this.#settings.resetTimeout);
    this.#openings += 1;
    this.#turned(Number(this.#settings.resetTimeout));
    // Opossum has read its rest while opening; the next one is laid out now.
    const grown = Math.min(this.#limits.maxResetMs, this.#limits.resetMs * 2 ** this.#openings);
    this.#settings.resetTimeout = Math.round(grown * (0.5 + Math.random() / 2));
  }

  #turned(restMs?: number): void {
    const from = this.#state;
    const to = this.state;
    this.#state = to;
    if (from === to) return;
    const code = to === 'closed' ? undefined : this.#lastCode;
    this.#onTurn({ from, to, failures: this.#inARow, code, restMs });
  }

  #refusal(detail: string): ProblemError {
    const retryAfterMs = Math.max(1, Math.round(this.#retryAtMs - this.#clock.monotonicMs()));
    return new ProblemError('circuit-open', detail, { retryAfterMs, platform: this.#origin });
  }
}

const countsAgainst = (error: unknown): boolean => isPlatformError(error) && failurePolicies[error.code].tripsBreaker;

const adapterRestMs = (error: unknown): number | undefined =>
  isPlatformError(error) && error.platformCode === CIRCUIT_OPEN
    ? Math.max(100, error.retryAfterMs ?? 1_000)
    : undefined;
