import { type CryptoKey, exportJWK, generateKeyPair, type JWK, jwtVerify, SignJWT } from 'jose';
import type { ScenarioClock } from '../kit/scenario-clock.ts';
import type { OauthClient, User } from './accounts.ts';
import { unauthorized } from './vendor-error.ts';

interface SigningKey {
  privateKey: CryptoKey;
  publicKey: CryptoKey;
  jwk: JWK;
}

const KEY_ID = 'octomesh-simulator-1';
let madeKey: Promise<SigningKey> | undefined;

/** One key a process: making one takes longer than anything else at the start. */
function signingKey(): Promise<SigningKey> {
  madeKey ??= generateKeyPair('RS256', { extractable: true }).then(async ({ privateKey, publicKey }) => ({
    privateKey,
    publicKey,
    jwk: { ...(await exportJWK(publicKey)), kid: KEY_ID, alg: 'RS256', use: 'sig' },
  }));
  return madeKey;
}

/** Who asks, as an access token says it. */
export interface Session {
  clientId: string;
  scopes: readonly string[];
  /** Only users are bound to one; a service's token opens every tenant. */
  tenantId?: string;
  userId?: string;
}

export interface TokenLives {
  accessMs: number;
  idMs: number;
}

/** Signs and checks access and id tokens. Lives are whole seconds, as their claims are. */
export class Tokens {
  readonly #clock: ScenarioClock;
  readonly #lives: TokenLives;
  readonly #key: SigningKey;
  readonly #revokedClients = new Set<string>();
  #count = 0;
  #expiredThrough = 0;

  private constructor(
    clock: ScenarioClock,
    lives: TokenLives,
    key: SigningKey,
    /** Ends with a slash; known once the port is. */
    public issuer: string,
  ) {
    this.#clock = clock;
    this.#lives = lives;
    this.#key = key;
  }

  static async create(clock: ScenarioClock, lives: TokenLives): Promise<Tokens> {
    return new Tokens(clock, lives, await signingKey(), '');
  }

  get publicKeys(): { keys: JWK[] } {
    return { keys: [this.#key.jwk] };
  }

  get accessLifeSeconds(): number {
    return Math.ceil(this.#lives.accessMs / 1000);
  }

  /** Has neither `sub` nor `tenant_id`. */
  issueForService(client: OauthClient, scopes: readonly string[]): Promise<string> {
    return this.#sign({ client_id: client.id, scope: scopes.join(' ') }, this.#lives.accessMs, 'octo_api');
  }

  issueForUser(user: User, client: OauthClient, scopes: readonly string[]): Promise<string> {
    const claims = { ...tenantClaims(user), client_id: client.id, scope: scopes.join(' ') };
    return this.#sign(claims, this.#lives.accessMs, 'octo_api');
  }

  issueIdToken(user: User, client: OauthClient, nonce: string | undefined, scopes: readonly string[]): Promise<string> {
    const claims = {
      ...tenantClaims(user),
      ...profileClaims(user, scopes),
      auth_time: this.#seconds(),
      ...(nonce === undefined ? {} : { nonce }),
    };
    return this.#sign(claims, this.#lives.idMs, client.id);
  }

  /** Throws the 401 of a token that is missing, forged, expired, or of a client that was revoked. */
  async verify(token: string): Promise<Session> {
    const claims = await this.#claims(token);
    const clientId = String(claims.client_id ?? '');
    // An id token has no client: it is proof for the application, not for this API.
    if (!clientId || this.#revokedClients.has(clientId) || Number(claims.jti) <= this.#expiredThrough) {
      throw unauthorized();
    }
    return {
      clientId,
      scopes: String(claims.scope ?? '').split(' '),
      ...(claims.tenant_id === undefined ? {} : { tenantId: String(claims.tenant_id) }),
      ...(claims.sub === undefined ? {} : { userId: claims.sub }),
    };
  }

  /** Access tokens given out so far are expired. */
  expireAll(): void {
    this.#expiredThrough = this.#count;
  }

  setRevoked(clientId: string, revoked: boolean): void {
    if (revoked) this.#revokedClients.add(clientId);
    else this.#revokedClients.delete(clientId);
  }

  isRevoked(clientId: string): boolean {
    return this.#revokedClients.has(clientId);
  }

  #seconds(): number {
    return Math.floor(this.#clock.now() / 1000);
  }

  #sign(claims: Record<string, unknown>, lifeMs: number, audience: string): Promise<string> {
    const now = this.#seconds();
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: KEY_ID })
      .setIssuer(this.issuer)
      .setAudience(audience)
      .setJti(String(++this.#count))
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(now + Math.ceil(lifeMs / 1000))
      .sign(this.#key.privateKey);
  }

  async #claims(token: string) {
    try {
      const { payload } = await jwtVerify(token, this.#key.publicKey, {
        algorithms: ['RS256'],
        issuer: this.issuer,
        currentDate: new Date(this.#clock.now()),
      });
      return payload;
    } catch (error) {
      throw Object.assign(unauthorized(), { cause: error });
    }
  }
}

const tenantClaims = (user: User) => ({
  sub: user.id,
  tenant_id: user.tenant,
  role: [...user.roles],
  allowed_tenants: [...user.allowedTenants],
});

/** What the scopes of OpenID Connect let the application know of a person. */
export const profileClaims = (user: User, scopes: readonly string[]) => ({
  ...(scopes.includes('profile') ? { name: user.name, preferred_username: user.username } : {}),
  ...(scopes.includes('email') ? { email: user.username, email_verified: true } : {}),
});
