import { randomUUID } from 'node:crypto';
import { failurePolicies, isPlatformError, UnavailableError } from '@tributary/contracts';
import type { Clock, Logger } from '@tributary/runtime';
import type { TokenValue } from '../connection-kit.ts';
import type { Claim, KeptToken, TokenStore } from './token-store.ts';

/** A token this close to its end is not handed over any more; less for one with a short life. */
const EDGE_MS = 2_000;
const EDGE_SHARE = 0.2;
/** A replica that dies while it renews is replaced after this long. */
const CLAIM_MS = 15_000;
const PROLONG_MS = 5_000;
const LOOK_AGAIN_MS = 150;
const SAVE_AGAIN_MS = 1_000;

export type Acquire = (previous: TokenValue | undefined) => Promise<TokenValue>;

export interface SharedTokenOptions {
  store: TokenStore;
  /** Never log in without the store: the credentials themselves are good once. */
  strictly: boolean;
  clock: Clock;
  log: Logger;
}

/** What a keeper gets: `version` is what it shall say it has seen when it asks again. */
export interface Handed {
  value: TokenValue;
  version: number;
}

/**
 * One replica's side of a token that all replicas share: one renews under a claim, the others take what it got. So a
 * refresh token that is good once is used once. While the store is away a replica logs in by itself, where it may.
 */
export class SharedToken {
  readonly #options: SharedTokenOptions;
  /** Got here and not kept for all yet, or not at all; nobody else knows it. */
  #own: TokenValue | undefined;
  /** The claim under which `#own` shall still be kept. */
  #unsaved: { by: string; stop: () => void } | undefined;
  #storeAway = false;

  constructor(options: SharedTokenOptions) {
    this.#options = options;
  }

  /** A token newer than version `seen`: the one that is kept, or a new one. Rejects with what `acquire` threw. */
  async next(seen: number, acquire: Acquire, signal: AbortSignal): Promise<Handed> {
    for (;;) {
      signal.throwIfAborted();
      const by = randomUUID();
      const turn = await this.#turn(seen, by);
      if (turn === 'away') return this.#alone(seen, acquire);
      if ('handed' in turn) return turn.handed;
      if (turn.state === 'gone') throw new UnavailableError('the credentials of the connection have been changed');
      if (turn.state === 'mine') return this.#renew(turn, by, acquire);
      await this.#options.clock.sleep(LOOK_AGAIN_MS, signal);
    }
  }

  /** The last token, for signing out: only one of all replicas gets the one that is kept. */
  async take(): Promise<TokenValue[]> {
    this.close();
    const kept = await this.#options.store.take();
    return [...(kept ? [kept.value] : []), ...(this.#own ? [this.#own] : [])];
  }

  close(): void {
    this.#unsaved?.stop();
    this.#unsaved = undefined;
  }

  async #turn(seen: number, by: string): Promise<{ handed: Handed } | Claim | 'away'> {
    const { store } = this.#options;
    try {
      const kept = await store.read();
      const handed = kept && this.#usable(kept, seen);
      const claim = handed ? undefined : await store.claim(by, CLAIM_MS);
      this.#returned();
      if (handed) return { handed };
      if (claim?.state !== 'mine') return claim ?? 'away';
      // Somebody may have renewed between the look and the claim.
      const meanwhile = claim.kept && this.#usable(claim.kept, seen);
      if (!meanwhile) return claim;
      await store.release(by);
      return { handed: meanwhile };
    } catch (error) {
      this.#lost(error);
      return 'away';
    }
  }

  #usable({ value, version, lifeMs, leftMs }: KeptToken, seen: number): Handed | undefined {
    if (version <= seen) return undefined;
    if (leftMs === undefined) return { value, version };
    if (leftMs <= Math.min(EDGE_MS, (lifeMs ?? EDGE_MS) * EDGE_SHARE)) return undefined;
    return { value: { ...value, expiresAtMs: this.#options.clock.now() + leftMs }, version };
  }

  async #renew({ kept, version }: Extract<Claim, { state: 'mine' }>, by: string, acquire: Acquire): Promise<Handed> {
    const { store, clock, log } = this.#options;
    const prolong = () => {
      store.prolong(by, CLAIM_MS).catch((error: unknown) => this.#lost(error));
    };
    const stopProlonging = clock.every(PROLONG_MS, prolong);
    let value: TokenValue;
    try {
      value = await acquire(kept?.value ?? this.#own);
    } catch (error) {
      stopProlonging();
      // What the platform refused must not be offered by anybody again; what was lost on the way may be.
      const ended = kept && isRefusal(error) ? store.save(by, undefined) : store.release(by);
      await ended.catch((failure: unknown) => log.debug({ err: failure }, 'a claim ends by itself'));
      throw error;
    }
    this.close();
    this.#own = value;
    this.#unsaved = { by, stop: stopProlonging };
    await this.#save(1);
    return { value, version: version + 1 };
  }

  /** Again until the store answers: what renews the next one must not be lost. The token itself is in use meanwhile. */
  async #save(attempt: number): Promise<void> {
    const { store, clock, log } = this.#options;
    const unsaved = this.#unsaved;
    const value = this.#own;
    if (!unsaved || !value) return;
    try {
      const lifeMs = value.expiresAtMs === undefined ? 0 : value.expiresAtMs - clock.now();
      // One that seems to be over already means that clocks differ: only a refusal tells its end.
      const saved = await store.save(unsaved.by, lifeMs > 0 ? { value, lifeMs } : { value });
      if (!saved) log.warn('another replica renewed the token meanwhile');
      unsaved.stop();
      if (this.#unsaved === unsaved) this.#unsaved = undefined;
      if (this.#own === value) this.#own = undefined;
    } catch (error) {
      this.#lost(error);
      const cancel = clock.after(SAVE_AGAIN_MS * Math.min(attempt, 10), () => void this.#save(attempt + 1));
      const { stop } = unsaved;
      unsaved.stop = () => {
        stop();
        cancel();
      };
    }
  }

  async #alone(seen: number, acquire: Acquire): Promise<Handed> {
    if (this.#options.strictly) {
      throw new UnavailableError('the token of the connection is kept in the database, which does not answer');
    }
    this.#own = await acquire(this.#own);
    return { value: this.#own, version: seen };
  }

  /** A loss is told once, and so is the return. */
  #lost(error: unknown): void {
    if (!this.#storeAway) {
      this.#options.log.warn({ err: error }, 'shared tokens cannot be reached: this replica looks after its own');
    }
    this.#storeAway = true;
  }

  #returned(): void {
    if (this.#storeAway) this.#options.log.info('shared tokens can be reached again');
    this.#storeAway = false;
  }
}

const isRefusal = (error: unknown): boolean => isPlatformError(error) && failurePolicies[error.code].retry === 'never';
