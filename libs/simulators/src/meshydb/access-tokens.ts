import { createHash } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import type { ScenarioClock } from '../kit/scenario-clock.ts';
import type { User } from './users.ts';
import { notAuthorized } from './vendor-error.ts';

/** What an access token says of whom it was given to. */
export interface AccessClaims {
  userId: string;
  account: string;
  tenant: string;
  permissions: readonly string[];
  /** Its position among all that were ever given out. */
  n: number;
}

export interface AccessGrant {
  user: User;
  account: string;
  tenant: string;
  scopes: readonly string[];
  permissions: readonly string[];
}

const API_SCOPE = 'meshy.api';

/** Signed tokens that nobody can take back one by one. Their life is whole seconds. */
export class AccessTokens {
  readonly #clock: ScenarioClock;
  readonly #key: Uint8Array;
  readonly #lifeMs: number;
  #count = 0;
  #expiredThrough = 0;

  /** The key comes from the seed, so that tokens live on when the simulator is started again. */
  constructor(clock: ScenarioClock, seed: number, lifeMs: number) {
    this.#clock = clock;
    this.#key = createHash('sha256').update(`meshydb ${seed}`).digest();
    this.#lifeMs = lifeMs;
  }

  get lifeSeconds(): number {
    return Math.ceil(this.#lifeMs / 1000);
  }

  /** Number of the newest. */
  get count(): number {
    return this.#count;
  }

  issue({ user, account, tenant, scopes, permissions }: AccessGrant): Promise<string> {
    const now = Math.floor(this.#clock.now() / 1000);
    const claims = {
      id: user.username,
      given_name: user.firstName,
      family_name: user.lastName,
      role: user.roles.map(({ name }) => name),
      permission: permissions,
      account,
      tenant,
      scope: scopes,
    };
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setSubject(user.id)
      .setJti(String(++this.#count))
      .setIssuedAt(now)
      .setExpirationTime(now + this.lifeSeconds)
      .sign(this.#key);
  }

  /** Throws 401 when it is expired, forged, or not meant for the API. */
  async verify(token: string): Promise<AccessClaims> {
    const { sub = '', jti, account, tenant, scope, permission } = await this.#payload(token);
    const isForApi = Array.isArray(scope) && scope.includes(API_SCOPE);
    if (!isForApi || Number(jti) <= this.#expiredThrough) throw notAuthorized();
    const permissions = Array.isArray(permission) ? permission.map(String) : [];
    return { userId: sub, account: String(account), tenant: String(tenant), permissions, n: Number(jti) };
  }

  /** All that were given out so far are expired. */
  expireAll(): void {
    this.#expiredThrough = this.#count;
  }

  async #payload(token: string) {
    try {
      const currentDate = new Date(this.#clock.now());
      return (await jwtVerify(token, this.#key, { algorithms: ['HS256'], currentDate })).payload;
    } catch (error) {
      throw Object.assign(notAuthorized(), { cause: error });
    }
  }
}
