import { failurePolicies, isPlatformError, PlatformError, TimeoutError } from '@tributary/contracts';
import { type Clock, failpoint, type Logger } from '@tributary/runtime';
import type { TokenSource, TokenValue } from '../connection-kit.ts';
import { GrowingPause } from './growing-pause.ts';
import type { SharedToken } from './shared-token.ts';

/** A token is renewed, beside the requests, once this share of its life is over. */
const RENEW_AT = 0.8;
/** A token this close to its end is not sent any more: it would expire on the way. */
const EDGE_MS = 2_000;
const ACQUIRE_TIMEOUT_MS = 30_000;
const BACKGROUND_PAUSE_MS = 10_000;
const SIGN_OUT_TIMEOUT_MS = 10_000;

/** A token in use. Compared by identity: two log-ins may give the same text. */
export interface HeldToken {
  readonly value: TokenValue;
  /** On the monotonic clock; absent for a token without end. */
  readonly renewAtMs?: number;
  readonly endsAtMs?: number;
}

export interface TokenKeeperOptions {
  clock: Clock;
  log: Logger;
  /** Where the token is shared with other replicas; otherwise it is in memory only. */
  shared?: SharedToken | undefined;
}

/**
 * The token of one connection. One log-in serves all callers; renewal happens before the end while requests go on with
 * the old token; a refused log-in is not tried again before its pause is over.
 */
export class TokenKeeper {
  readonly #source: TokenSource;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #refusals: GrowingPause;
  readonly #freshRefused: GrowingPause;
  readonly #shared: SharedToken | undefined;
  /** Version of the shared token that was in use here last: only a newer one helps. */
  #seen = 0;
  #held: HeldToken | undefined;
  /** What the next acquisition may use, though the token itself is refused or over. */
  #last: TokenValue | undefined;
  #acquiring: Promise<HeldToken> | undefined;
  #refusal: PlatformError | undefined;
  #quietUntilMs = Number.NEGATIVE_INFINITY;
  readonly #closed = new AbortController();

  constructor(source: TokenSource, options: TokenKeeperOptions) {
    this.#source = source;
    this.#shared = options.shared;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#refusals = new GrowingPause(options.clock);
    this.#freshRefused = new GrowingPause(options.clock);
  }

  /**
   * The token to send now. Waits only if there is none or it has ended. Throws what the log-in threw; within the pause
   * after a refusal the same again, without asking the platform.
   */
  async current(signal?: AbortSignal): Promise<HeldToken> {
    const now = this.#clock.monotonicMs();
    const held = this.#held;
    if (held && (held.endsAtMs === undefined || now < held.endsAtMs)) {
      if (held.renewAtMs !== undefined && now >= held.renewAtMs) this.#renewBeside(now);
      return held;
    }
    return unlessAborted(this.#acquire(), signal);
  }

  /**
   * Called when the platform refused `token`. Resolves with the token to try once more: one log-in for all who were
   * refused, none if another token is in use by now. Throws `error` while tokens fresh from a log-in are refused too.
   */
  async refused(token: HeldToken, error: PlatformError, signal?: AbortSignal): Promise<HeldToken> {
    if (this.#held === token) {
      if (this.#freshRefused.active()) throw error;
      this.#held = undefined;
    }
    return this.current(signal);
  }

  /** Called when the token that `refused` gave was refused as well: logging in yet again would not help for a while. */
  refusedAgain(): void {
    if (!this.#freshRefused.active()) this.#freshRefused.begin();
  }

  /** Called when the platform took `token`. */
  accepted(token: HeldToken): void {
    if (token === this.#held) this.#freshRefused.endIfOver();
  }

  /**
   * Forgets refusals, and the token too: credentials were changed, or someone asks to try now. A shared token stays for
   * the others, and is used again unless it is refused.
   */
  reset(): void {
    this.#seen = 0;
    this.#refusals.clear();
    this.#freshRefused.clear();
    this.#refusal = undefined;
    this.#held = undefined;
    this.#last = undefined;
    this.#quietUntilMs = Number.NEGATIVE_INFINITY;
  }

  attach(token: HeldToken, headers: Record<string, string>): void {
    this.#source.attach(token.value.value, headers);
  }

  /** The connection was removed: tells the platform to forget its last token, where the source knows how. Never rejects. */
  async signOut(): Promise<void> {
    if (!this.#source.revoke) return;
    const late = new AbortController();
    const cancel = this.#clock.after(SIGN_OUT_TIMEOUT_MS, () => late.abort(new TimeoutError('sign-out took too long')));
    try {
      const own = this.#held?.value ?? this.#last;
      for (const last of this.#shared ? await this.#shared.take() : own ? [own] : []) {
        await this.#source.revoke(last, late.signal);
      }
    } catch (error) {
      this.#log.warn({ code: codeOf(error) }, 'the platform could not be told to forget the token');
    } finally {
      cancel();
    }
  }

  close(): void {
    this.#shared?.close();
    this.#closed.abort(new Error('the connection has been closed'));
    this.reset();
  }

  #renewBeside(nowMs: number): void {
    if (this.#acquiring || nowMs < this.#quietUntilMs || this.#refusals.active()) return;
    this.#quietUntilMs = nowMs + BACKGROUND_PAUSE_MS;
    this.#acquire().catch((error: unknown) => {
      this.#log.warn({ code: codeOf(error) }, 'the token could not be renewed early; it stays in use until its end');
    });
  }

  /** Never rejects synchronously; all callers share one flight, and none of them can abort it for the others. */
  #acquire(): Promise<HeldToken> {
    if (this.#refusal && this.#refusals.active()) return Promise.reject(this.#repeated(this.#refusal));
    this.#acquiring ??= this.#logIn().finally(() => {
      this.#acquiring = undefined;
    });
    return this.#acquiring;
  }

  async #logIn(): Promise<HeldToken> {
    const timeout = new AbortController();
    const cancel = this.#clock.after(ACQUIRE_TIMEOUT_MS, () => timeout.abort(new Error('log-in took too long')));
    try {
      const signal = AbortSignal.any([timeout.signal, this.#closed.signal]);
      const value = await this.#acquireFrom(signal);
      await failpoint('in-token-refresh');
      this.#refusals.clear();
      this.#refusal = undefined;
      this.#last = value;
      this.#held = this.#hold(value);
      return this.#held;
    } catch (error) {
      this.#remember(error);
      throw timeout.signal.aborted && !isPlatformError(error) ? new TimeoutError('log-in: no answer in time') : error;
    } finally {
      cancel();
    }
  }

  async #acquireFrom(signal: AbortSignal): Promise<TokenValue> {
    if (!this.#shared) return this.#source.acquire(this.#last, signal);
    const acquire = (previous: TokenValue | undefined) => this.#source.acquire(previous, signal);
    const { value, version } = await this.#shared.next(this.#seen, acquire, signal);
    this.#seen = version;
    return value;
  }

  #hold(value: TokenValue): HeldToken {
    const lifeMs = (value.expiresAtMs ?? 0) - this.#clock.now();
    // A new token that seems to be over already means that the clocks differ: then only a refusal tells its end.
    if (lifeMs <= 0) return { value };
    const now = this.#clock.monotonicMs();
    return { value, renewAtMs: now + lifeMs * RENEW_AT, endsAtMs: now + Math.max(lifeMs - EDGE_MS, lifeMs * RENEW_AT) };
  }

  /** What waiting will not heal is a refusal; everything else is the breaker's business. */
  #remember(error: unknown): void {
    if (!isPlatformError(error) || failurePolicies[error.code].retry !== 'never') return;
    // A refresh that is refused must not be offered again: the next try is a full log-in.
    this.#last = undefined;
    this.#refusal = error;
    this.#refusals.begin();
  }

  #repeated(error: PlatformError): PlatformError {
    return new PlatformError(error.code, error.message, {
      cause: error,
      retryAfterMs: this.#refusals.leftMs(),
      ...(error.platformStatus === undefined ? {} : { platformStatus: error.platformStatus }),
      ...(error.platformCode === undefined ? {} : { platformCode: error.platformCode }),
    });
  }
}

const codeOf = (error: unknown) => (isPlatformError(error) ? error.code : 'unknown');

/** The shared promise goes on; this caller stops waiting. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) {
      // Someone must hear how it ended.
      promise.catch(() => undefined);
      return abort();
    }
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
