import type { KeptToken as KeptRow, SharedTokens, TokenKey, TokenToKeep } from '@tributary/database';
import type { TokenValue } from '../../connection-kit.ts';
import type { Claim, KeptToken, TokenStore } from '../../tokens/token-store.ts';

/** One shared token of a connection, in Postgres. */
export class TokenRows implements TokenStore {
  readonly #tokens: SharedTokens;
  readonly #key: TokenKey;

  constructor(tokens: SharedTokens, key: TokenKey) {
    this.#tokens = tokens;
    this.#key = key;
  }

  async read(): Promise<KeptToken | undefined> {
    return fromRow(await this.#tokens.read(this.#key));
  }

  async claim(by: string, ttlMs: number): Promise<Claim> {
    const claim = await this.#tokens.claim(this.#key, by, ttlMs);
    return claim.state === 'mine' ? { ...claim, kept: fromRow(claim.kept) } : claim;
  }

  prolong(by: string, ttlMs: number): Promise<boolean> {
    return this.#tokens.prolong(this.#key, by, ttlMs);
  }

  release(by: string): Promise<void> {
    return this.#tokens.release(this.#key, by);
  }

  save(by: string, token: { value: TokenValue; lifeMs?: number } | undefined): Promise<boolean> {
    return this.#tokens.save(this.#key, by, token && toRow(token));
  }

  async take(): Promise<KeptToken | undefined> {
    return fromRow(await this.#tokens.take(this.#key));
  }
}

const toRow = ({ value: { value, carry }, lifeMs }: { value: TokenValue; lifeMs?: number }): TokenToKeep => ({
  value,
  ...(carry ? { carry } : {}),
  ...(lifeMs === undefined ? {} : { lifeMs }),
});

function fromRow(row: KeptRow | undefined): KeptToken | undefined {
  if (!row) return undefined;
  const { value, carry, version, lifeMs, leftMs } = row;
  return {
    value: { value, ...(carry ? { carry } : {}) },
    version,
    ...(lifeMs === undefined ? {} : { lifeMs }),
    ...(leftMs === undefined ? {} : { leftMs }),
  };
}
