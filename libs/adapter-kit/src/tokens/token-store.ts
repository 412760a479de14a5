import type { TokenValue } from '../connection-kit.ts';

/** A token as it is kept for all replicas. */
export interface KeptToken {
  value: TokenValue;
  /** Grows with every renewal. */
  version: number;
  /** Its whole life, and what is left of it; absent for one without end. Milliseconds. */
  lifeMs?: number;
  leftMs?: number;
}

export type Claim =
  | { state: 'mine'; kept: KeptToken | undefined; version: number }
  /** Somebody else renews. */
  | { state: 'busy' }
  /** The connection was removed, or has other credentials than ours by now. */
  | { state: 'gone' };

/**
 * Where one token of a connection is kept for all replicas. Renewing takes a claim, which ends by itself after `ttlMs`;
 * `by` is new for each. Any method may reject when the store is away.
 */
export interface TokenStore {
  read(): Promise<KeptToken | undefined>;
  claim(by: string, ttlMs: number): Promise<Claim>;
  /** False when the claim was lost; nothing changed then. */
  prolong(by: string, ttlMs: number): Promise<boolean>;
  release(by: string): Promise<void>;
  /** Ends the claim with a new token, or with none. False when the claim was lost; nothing changed then. */
  save(by: string, token: { value: TokenValue; lifeMs?: number } | undefined): Promise<boolean>;
  /** Removes it; of all who ask one gets it. */
  take(): Promise<KeptToken | undefined>;
}
