import type { ConnectionKit, TokenSource, TokenValue, VendorHttp } from '@tributary/adapter-kit';
import { isPlatformError } from '@tributary/contracts';
import type { Credentials } from './config.ts';
import { jwt, type TokenClaims, tokenClaims } from './wire.ts';

const LOG_OUT_MS = 3_000;
/** Older tokens have ended by themselves. */
const MOST_TOKENS = 4;

/** E-mail and password for a token; every token that was got is given back at the end. */
export class Login implements TokenSource {
  readonly #http: VendorHttp;
  readonly #kit: Pick<ConnectionKit, 'clock' | 'log'>;
  readonly #user: Credentials;
  #live: { token: string; endsAtMs: number }[] = [];

  constructor(http: VendorHttp, kit: Pick<ConnectionKit, 'clock' | 'log'>, user: Credentials) {
    this.#http = http;
    this.#kit = kit;
    this.#user = user;
  }

  /** OCHNO-01. */
  async acquire(_previous: TokenValue | undefined, signal: AbortSignal): Promise<TokenValue> {
    const json = { email: this.#user.email, password: this.#user.password.reveal() };
    const { token } = await this.#http.json(
      {
        method: 'POST',
        path: '/auth/jwt',
        operation: 'OCHNO-01',
        lane: 'interactive',
        idempotent: true,
        anonymous: true,
        json,
        signal,
      },
      jwt,
    );
    const lifeMs = lifeOf(claimsOf(token));
    const now = this.#kit.clock.now();
    this.#live = [...this.#live, { token, endsAtMs: now + (lifeMs ?? Number.POSITIVE_INFINITY) }].slice(-MOST_TOKENS);
    return { value: token, ...(lifeMs === undefined ? {} : { expiresAtMs: now + lifeMs }) };
  }

  // Quirk: the scheme is `JWT`, not `Bearer` (API introduction, "Retrieving an access token").
  attach(token: string, headers: Record<string, string>): void {
    headers.Authorization = `JWT ${token}`;
  }

  /** OCHNO-02 for every token that is still good. Never throws: a token that cannot be given back ends by itself. */
  async logOut(): Promise<void> {
    const now = this.#kit.clock.now();
    const tokens = this.#live.filter(({ endsAtMs }) => endsAtMs > now);
    this.#live = [];
    await Promise.all(tokens.map(({ token }) => this.#giveBack(token)));
  }

  async #giveBack(token: string): Promise<void> {
    const headers: Record<string, string> = {};
    this.attach(token, headers);
    try {
      await this.#http.send({
        method: 'GET',
        path: '/auth/logout',
        operation: 'OCHNO-02',
        lane: 'interactive',
        idempotent: false,
        anonymous: true,
        headers,
        timeoutMs: LOG_OUT_MS,
      });
    } catch (error) {
      this.#kit.log.debug({ code: isPlatformError(error) ? error.code : 'unknown' }, 'a token could not be given back');
    }
  }
}

/** What a JWT says of itself, unverified: it is ours to carry, not to trust. A token of another form says nothing. */
export function claimsOf(token: string): TokenClaims {
  try {
    return tokenClaims.parse(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')));
  } catch {
    return {};
  }
}

/** By its length, so that a vendor's clock that goes wrong does no harm. Undefined: used until it is refused. */
function lifeOf({ iat, exp }: TokenClaims): number | undefined {
  return iat === undefined || exp === undefined || exp <= iat ? undefined : (exp - iat) * 1000;
}
