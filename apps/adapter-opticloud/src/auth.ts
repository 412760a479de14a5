import type { Clock, ConnectionKit, TokenSource, TokenValue, VendorHttp } from '@tributary/adapter-kit';
import { AuthenticationError, isPlatformError } from '@tributary/contracts';
import type { Credentials, Settings } from './config.ts';
import {
  type Authorization,
  authorization,
  authorizations,
  type TokenClaims,
  type TokenPair,
  tokenClaims,
  tokenPair,
} from './wire.ts';

/**
 * Two-step log-in: first the list of tenants that the user may act for, then the token of one of them. A refresh token
 * spares both steps while it is good. Knows the tenant's id, which the device listing needs in its path.
 */
export class Login implements TokenSource {
  #tenant: { id: string; name: string } | undefined;
  /** A token fetched to learn the tenant; the next acquisition takes it. */
  #ahead: Promise<TokenValue> | undefined;

  constructor(
    private readonly http: VendorHttp,
    private readonly kit: Pick<ConnectionKit, 'items' | 'clock'>,
    private readonly config: Credentials & Pick<Settings, 'tenant'>,
  ) {}

  async acquire(previous: TokenValue | undefined, signal: AbortSignal): Promise<TokenValue> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead && !previous) return ahead;
    return (await this.#refresh(previous?.carry?.refreshToken, signal)) ?? this.#logIn(signal);
  }

  // Quirk: the token is not carried in `Authorization` (API page, "Authentication").
  attach(token: string, headers: Record<string, string>): void {
    headers['X-Authorization'] = `Bearer ${token}`;
  }

  /** The tenant of this connection; logs in when nobody has yet. */
  async tenant(signal: AbortSignal): Promise<{ id: string; name: string }> {
    if (!this.#tenant) {
      this.#ahead ??= this.#logIn(signal);
      await this.#ahead.catch((error: unknown) => {
        this.#ahead = undefined;
        throw error;
      });
    }
    if (!this.#tenant)
      throw new AuthenticationError('optiCLOUD names no tenant id, neither in its list nor in the token');
    return this.#tenant;
  }

  /** Undefined where a full log-in must do it; a platform that is away is thrown. */
  async #refresh(refreshToken: string | undefined, signal: AbortSignal): Promise<TokenValue | undefined> {
    if (refreshToken === undefined) return undefined;
    try {
      return this.#valueOf(await this.#post('refresh', '/api/auth/token', { refreshToken }, tokenPair, signal));
    } catch (error) {
      if (isPlatformError(error) && !['unavailable', 'timeout', 'rate-limited'].includes(error.code)) return undefined;
      throw error;
    }
  }

  async #logIn(signal: AbortSignal): Promise<TokenValue> {
    const user = { username: this.config.username, password: this.config.password.reveal() };
    const entries = await this.#post('OPTI-01', '/api/noauth/authorization', user, authorizations, signal);
    const chosen = chooseTenant(this.kit.items(authorization, entries, 'authority of the user'), this.config.tenant);
    const login = { ...user, authorityId: chosen.authorityId.id };
    const pair = await this.#post('OPTI-02', '/api/auth/login', login, tokenPair, signal);
    const id = idOfTenant(chosen) ?? claimsOf(pair.token).tenantId;
    if (id !== undefined) this.#tenant = { id, name: chosen.tenant?.name ?? id };
    return this.#valueOf(pair);
  }

  #valueOf({ token, refreshToken }: TokenPair): TokenValue {
    const expiresAtMs = expiry(claimsOf(token), this.kit.clock);
    return {
      value: token,
      ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
      ...(refreshToken ? { carry: { refreshToken } } : {}),
    };
  }

  #post<S extends Parameters<VendorHttp['json']>[1]>(
    operation: string,
    path: string,
    json: unknown,
    schema: S,
    signal: AbortSignal,
  ) {
    return this.http.json(
      { method: 'POST', path, operation, lane: 'interactive', idempotent: true, anonymous: true, json, signal },
      schema,
    );
  }
}

/**
 * Entries without a tenant are passed over; names are compared exactly. Refusals say what is wrong and how to put it
 * right, without telling the names of the tenants.
 */
export function chooseTenant(entries: readonly Authorization[], wanted: string | undefined): Authorization {
  const withTenant = entries.filter((entry) => entry.tenant);
  const matching = wanted === undefined ? withTenant : withTenant.filter((entry) => entry.tenant?.name === wanted);
  const [first, second] = matching;
  if (!first) {
    throw new AuthenticationError(
      withTenant.length === 0
        ? 'the user has access to no tenant'
        : `the user has access to ${withTenant.length} tenant(s), none of which has exactly the name in settings.tenant`,
    );
  }
  if (wanted === undefined && second) {
    throw new AuthenticationError(`the user has access to ${matching.length} tenants: name one in settings.tenant`);
  }
  return first;
}

function idOfTenant({ tenant }: Authorization): string | undefined {
  return typeof tenant?.id === 'string' ? tenant.id : tenant?.id?.id;
}

/** What a JWT says of itself, unverified: it is ours to carry, not to trust. A token of another form says nothing. */
export function claimsOf(token: string): TokenClaims {
  try {
    return tokenClaims.parse(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')));
  } catch {
    return {};
  }
}

/** By the length of its life where that is told, so that a vendor's clock that goes wrong does no harm. Milliseconds. */
function expiry({ iat, exp }: TokenClaims, clock: Clock): number | undefined {
  if (exp === undefined) return undefined;
  return iat === undefined ? exp * 1000 : clock.now() + (exp - iat) * 1000;
}
