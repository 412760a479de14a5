import type { Clock } from '@tributary/runtime';
import type { TokenValue } from '../connection-kit.ts';
import type { Claim, KeptToken, TokenStore } from './token-store.ts';

/** A shared token within one process: for tests, and rigs without a database. The same promises. */
export class MemoryTokenStore implements TokenStore {
  readonly #clock: Clock;
  #token: { value: TokenValue; lifeMs?: number; endsAtMs?: number } | undefined;
  #version = 0;
  #claim: { by: string; untilMs: number } | undefined;
  /** Set to make every call fail, as if the database were away. */
  away = false;
  gone = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async read(): Promise<KeptToken | undefined> {
    return this.#kept();
  }

  #kept(): KeptToken | undefined {
    this.#answer();
    if (!this.#token) return undefined;
    const { value, lifeMs, endsAtMs } = this.#token;
    return {
      value,
      version: this.#version,
      ...(lifeMs === undefined ? {} : { lifeMs }),
      ...(endsAtMs === undefined ? {} : { leftMs: endsAtMs - this.#clock.monotonicMs() }),
    };
  }

  async claim(by: string, ttlMs: number): Promise<Claim> {
    this.#answer();
    const now = this.#clock.monotonicMs();
    if (this.gone) return { state: 'gone' };
    if (this.#claim && this.#claim.untilMs > now) return { state: 'busy' };
    this.#claim = { by, untilMs: now + ttlMs };
    return { state: 'mine', kept: this.#kept(), version: this.#version };
  }

  async prolong(by: string, ttlMs: number): Promise<boolean> {
    this.#answer();
    if (this.#claim?.by !== by) return false;
    this.#claim.untilMs = this.#clock.monotonicMs() + ttlMs;
    return true;
  }

  async release(by: string): Promise<void> {
    this.#answer();
    if (this.#claim?.by === by) this.#claim = undefined;
  }

  async save(by: string, token: { value: TokenValue; lifeMs?: number } | undefined): Promise<boolean> {
    this.#answer();
    if (this.#claim?.by !== by) return false;
    this.#claim = undefined;
    this.#version += 1;
    this.#token = token && {
      ...token,
      ...(token.lifeMs === undefined ? {} : { endsAtMs: this.#clock.monotonicMs() + token.lifeMs }),
    };
    return true;
  }

  async take(): Promise<KeptToken | undefined> {
    const kept = this.#kept();
    this.#token = undefined;
    return kept;
  }

  #answer(): void {
    if (this.away) throw new Error('the database is away');
  }
}
