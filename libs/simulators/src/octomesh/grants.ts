import { createHash, randomBytes } from 'node:crypto';
import type { ScenarioClock } from '../kit/scenario-clock.ts';
import type { OauthClient, User } from './accounts.ts';

/** A log-in that the browser has begun. */
export interface AuthorizationRequest {
  client: OauthClient;
  tenant: string;
  redirectUri: string;
  scopes: string[];
  state?: string;
  nonce?: string;
  codeChallenge: string;
}

export interface Granted {
  client: OauthClient;
  user: User;
  scopes: string[];
  nonce?: string;
}

interface Expiring<T> {
  value: T;
  until: number;
}

const REQUEST_LIFE_MS = 10 * 60_000;

/** What was begun and can be redeemed once: log-ins, codes, refresh tokens. */
export class Grants {
  readonly #clock: ScenarioClock;
  readonly #lives: { codeMs: number; refreshMs: number };
  readonly #requests = new Map<string, Expiring<AuthorizationRequest>>();
  readonly #codes = new Map<string, Expiring<{ request: AuthorizationRequest; user: User }>>();
  readonly #refreshTokens = new Map<string, Expiring<Granted>>();

  constructor(clock: ScenarioClock, lives: { codeMs: number; refreshMs: number }) {
    this.#clock = clock;
    this.#lives = lives;
  }

  /** Returns the id under which the log-in page asks for it. */
  begin(request: AuthorizationRequest): string {
    return this.#keep(this.#requests, request, REQUEST_LIFE_MS);
  }

  pending(id: string): AuthorizationRequest | undefined {
    return this.#good(this.#requests.get(id));
  }

  /** The person has proved who she is: the request becomes a code. */
  approve(id: string, user: User): string | undefined {
    const request = this.pending(id);
    this.#requests.delete(id);
    return request && this.#keep(this.#codes, { request, user }, this.#lives.codeMs);
  }

  /** A code serves once, also when the attempt to redeem it fails. */
  redeemCode(code: string, proof: { client: OauthClient; redirectUri: string; verifier: string }): Granted | undefined {
    const found = this.#good(this.#codes.get(code));
    this.#codes.delete(code);
    if (!found) return undefined;
    const { request, user } = found;
    const fits =
      request.client.id === proof.client.id &&
      request.redirectUri === proof.redirectUri &&
      request.codeChallenge === challengeOf(proof.verifier);
    const nonce = request.nonce === undefined ? {} : { nonce: request.nonce };
    return fits ? { client: request.client, user, scopes: request.scopes, ...nonce } : undefined;
  }

  keepForRefresh(granted: Granted): string {
    return this.#keep(this.#refreshTokens, granted, this.#lives.refreshMs);
  }

  /** A refresh token serves once; its successor is given out with the new access token. */
  redeemRefreshToken(token: string, client: OauthClient): Granted | undefined {
    const granted = this.#good(this.#refreshTokens.get(token));
    if (granted?.client.id !== client.id) return undefined;
    this.#refreshTokens.delete(token);
    return granted;
  }

  forgetClient(clientId: string): void {
    for (const [token, { value }] of this.#refreshTokens) {
      if (value.client.id === clientId) this.#refreshTokens.delete(token);
    }
  }

  #keep<T>(where: Map<string, Expiring<T>>, value: T, lifeMs: number): string {
    const key = randomBytes(32).toString('base64url');
    where.set(key, { value, until: this.#clock.now() + lifeMs });
    return key;
  }

  #good<T>(kept: Expiring<T> | undefined): T | undefined {
    return kept && kept.until > this.#clock.now() ? kept.value : undefined;
  }
}

const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url');
