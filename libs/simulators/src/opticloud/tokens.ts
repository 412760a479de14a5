import { createHash } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import type { ScenarioClock } from '../kit/scenario-clock.ts';
import type { Authority, User } from './accounts.ts';
import { notAuthenticated, tokenExpired } from './vendor-error.ts';

export interface TokenPair {
  token: string;
  refreshToken: string;
}

export interface TokenLives {
  accessMs: number;
  refreshMs: number;
}

interface Session {
  username: string;
  authorityId: string;
}

/** Access and refresh tokens: JWTs with lives in whole seconds, as their claims are. */
export class Tokens {
  readonly #clock: ScenarioClock;
  readonly #key: Uint8Array;
  readonly lives: TokenLives;
  #count = 0;
  #expiredThrough = 0;
  readonly #usedRefreshTokens = new Set<string>();

  /** The key comes from the seed, so that tokens live on when the simulator is started again. */
  constructor(clock: ScenarioClock, seed: number, lives: TokenLives) {
    this.#clock = clock;
    this.#key = createHash('sha512').update(`opticloud ${seed}`).digest();
    this.lives = lives;
  }

  async issue(user: User, authority: Authority): Promise<TokenPair> {
    return {
      token: await this.#sign(user, authority, 'ACCESS', this.lives.accessMs),
      refreshToken: await this.#sign(user, authority, 'REFRESH_TOKEN', this.lives.refreshMs),
    };
  }

  verify(token: string): Promise<Session> {
    return this.#verify(token, 'ACCESS');
  }

  /** A refresh token serves once. */
  async redeem(refreshToken: string): Promise<Session> {
    const session = await this.#verify(refreshToken, 'REFRESH_TOKEN');
    if (this.#usedRefreshTokens.has(refreshToken)) throw notAuthenticated();
    this.#usedRefreshTokens.add(refreshToken);
    return session;
  }

  /** Access tokens given out so far are expired; refresh tokens stay good. */
  expireAll(): void {
    this.#expiredThrough = this.#count;
  }

  #sign(user: User, authority: Authority, use: string, lifeMs: number): Promise<string> {
    const now = Math.floor(this.#clock.now() / 1000);
    const tenantId = authority.tenant?.id;
    return new SignJWT({ userId: user.id, authorityId: authority.id, scopes: [use], ...(tenantId ? { tenantId } : {}) })
      .setProtectedHeader({ alg: 'HS512' })
      .setSubject(user.username)
      .setIssuer('opticloud.io')
      .setJti(String(++this.#count))
      .setIssuedAt(now)
      .setExpirationTime(now + Math.ceil(lifeMs / 1000))
      .sign(this.#key);
  }

  async #verify(token: string, use: string): Promise<Session> {
    const payload = await this.#payload(token);
    const scopes = payload.scopes;
    if (!Array.isArray(scopes) || !scopes.includes(use)) throw notAuthenticated();
    if (use === 'ACCESS' && Number(payload.jti) <= this.#expiredThrough) throw tokenExpired();
    return { username: String(payload.sub), authorityId: String(payload.authorityId) };
  }

  async #payload(token: string) {
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: ['HS512'],
        currentDate: new Date(this.#clock.now()),
      });
      return payload;
    } catch (error) {
      throw error instanceof errors.JWTExpired ? tokenExpired() : notAuthenticated();
    }
  }
}
