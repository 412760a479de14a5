import type { Clock, TokenSource, TokenValue, VendorHttp } from '@tributary/adapter-kit';
import { AuthenticationError, isPlatformError } from '@tributary/contracts';
import * as oauth from 'oauth4webapi';
import type { Credentials, Settings } from './config.ts';
import { refusalOf } from './oauth-refusal.ts';
import { oauthFetch } from './oauth-transport.ts';

export interface LoginOptions {
  /** To the identity service, with `passRefusals`. */
  http: VendorHttp;
  clock: Clock;
  settings: Pick<Settings, 'identityUrl' | 'tenantId' | 'scope' | 'acrValues'>;
  credentials: Credentials;
}

/** Tokens of a connection: by the client's own secret, or by what a user's log-in has left. */
export class Login implements TokenSource {
  /** Refresh tokens are good once: replicas have to share what a refresh gave, and none may spend it alone. */
  readonly shared?: 'strictly';

  constructor(private readonly options: LoginOptions) {
    if (options.credentials.refreshToken) this.shared = 'strictly';
  }

  async acquire(previous: TokenValue | undefined, signal: AbortSignal): Promise<TokenValue> {
    const { clientSecret, refreshToken, accessToken } = this.options.credentials;
    if (!clientSecret && !refreshToken && !accessToken) {
      throw new AuthenticationError('a user has to log in, or the client needs its secret');
    }
    if (refreshToken) return this.#goOn(refreshToken.reveal(), previous?.carry?.refreshToken, signal);
    return accessToken ? this.#given(accessToken.reveal(), previous) : this.#byItself(signal);
  }

  attach(token: string, headers: Record<string, string>): void {
    headers.Authorization = `Bearer ${token}`;
  }

  /** What the last refresh left goes first; after a new log-in it is the credentials' own that is good. */
  async #goOn(given: string, carried: string | undefined, signal: AbortSignal): Promise<TokenValue> {
    if (carried === undefined || carried === given) return this.#refresh(given, signal);
    try {
      return await this.#refresh(carried, signal);
    } catch (error) {
      if (!isPlatformError(error) || error.platformCode !== 'invalid_grant') throw error;
      return this.#refresh(given, signal);
    }
  }

  /** OCTO-03. */
  async #byItself(signal: AbortSignal): Promise<TokenValue> {
    const { settings } = this.options;
    const parameters = { scope: settings.scope, ...this.#tenant() };
    const { server, client, proof } = this.#parties();
    try {
      const answer = await oauth.clientCredentialsGrantRequest(
        server,
        client,
        proof,
        parameters,
        this.#transport('OCTO-03', signal),
      );
      return this.#valueOf(await oauth.processClientCredentialsResponse(server, client, answer));
    } catch (error) {
      throw refusalOf('OCTO-03', error);
    }
  }

  /** A refresh answers a new refresh token with the old one good no more. */
  async #refresh(refreshToken: string, signal: AbortSignal): Promise<TokenValue> {
    const { server, client, proof } = this.#parties();
    try {
      const answer = await oauth.refreshTokenGrantRequest(server, client, proof, refreshToken, {
        ...this.#transport('OCTO-02', signal),
        additionalParameters: this.#tenant(),
      });
      const got = await oauth.processGenericTokenEndpointResponse(server, client, await withoutIdToken(answer));
      return { ...this.#valueOf(got), carry: { refreshToken: got.refresh_token ?? refreshToken } };
    } catch (error) {
      throw refusalOf('OCTO-02', error);
    }
  }

  /** What a log-in without `offline_access` has left: good until its end, and nothing after it. */
  #given(token: string, previous: TokenValue | undefined): TokenValue {
    const { accessTokenExpiresAt } = this.options.credentials;
    const expiresAtMs = accessTokenExpiresAt === undefined ? undefined : Date.parse(accessTokenExpiresAt);
    const over = expiresAtMs !== undefined && expiresAtMs <= this.options.clock.now();
    if (over || previous) throw new AuthenticationError("the user's log-in is over: somebody has to log in again");
    return { value: token, ...(expiresAtMs === undefined ? {} : { expiresAtMs }) };
  }

  #valueOf({ access_token, expires_in }: oauth.TokenEndpointResponse): TokenValue {
    const lifeMs = expires_in === undefined ? undefined : expires_in * 1_000;
    return { value: access_token, ...(lifeMs === undefined ? {} : { expiresAtMs: this.options.clock.now() + lifeMs }) };
  }

  #tenant(): Record<string, string> {
    const { acrValues, tenantId } = this.options.settings;
    return acrValues ? { acr_values: `tenant:${tenantId}` } : {};
  }

  #parties() {
    const { settings, credentials } = this.options;
    const { identityUrl } = settings;
    const server = { issuer: identityUrl, token_endpoint: `${identityUrl}/connect/token` };
    const secret = credentials.clientSecret?.reveal();
    const proof = secret === undefined ? oauth.None() : oauth.ClientSecretPost(secret);
    return { server, client: { client_id: credentials.clientId }, proof };
  }

  #transport(operation: string, signal: AbortSignal) {
    const { http, settings } = this.options;
    return {
      signal,
      [oauth.customFetch]: oauthFetch(http, settings.identityUrl, operation),
      // Whether plain HTTP is allowed is the address guard's to say, for development alone.
      [oauth.allowInsecureRequests]: true,
    };
  }
}

/** Who the user is was checked when they logged in; a refresh is not asked again, by whatever issuer it calls itself. */
async function withoutIdToken(answer: Response): Promise<Response> {
  const { status, headers } = answer;
  if (status !== 200) return answer;
  const text = await answer.text();
  try {
    const { id_token: _unused, ...rest } = JSON.parse(text) as Record<string, unknown>;
    return new Response(JSON.stringify(rest), { status, headers });
  } catch {
    // Not JSON: the library says so.
    return new Response(text, { status, headers });
  }
}
