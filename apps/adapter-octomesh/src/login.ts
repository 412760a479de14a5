import type { Adapter, Clock, VendorHttp } from '@tributary/adapter-kit';
import { AuthenticationError, isPlatformError, MalformedResponseError } from '@tributary/contracts';
import * as oauth from 'oauth4webapi';
import { claimsOf } from './claims.ts';
import type { Credentials, Settings } from './config.ts';
import { refusalOf } from './oauth-refusal.ts';
import { oauthFetch } from './oauth-transport.ts';

type LoginCapability = NonNullable<Adapter['login']>;

export interface UserLoginOptions {
  http: VendorHttp;
  clock: Clock;
  settings: Pick<Settings, 'identityUrl' | 'tenantId' | 'login'>;
  credentials: Credentials;
}

/** OCTO-01 and OCTO-02: authorization code with PKCE, on the tenant's own page, by what discovery says. */
export class UserLogin implements LoginCapability {
  constructor(private readonly options: UserLoginOptions) {}

  async begin(asked: { redirectUri: string; state: string; nonce: string }, signal: AbortSignal) {
    const { settings, credentials } = this.options;
    const server = await this.#discover(signal);
    if (server.authorization_endpoint === undefined) {
      throw new MalformedResponseError('OCTO-01: the identity service names no authorization endpoint');
    }
    const verifier = oauth.generateRandomCodeVerifier();
    const url = new URL(server.authorization_endpoint);
    const parameters = {
      response_type: 'code',
      client_id: credentials.clientId,
      redirect_uri: asked.redirectUri,
      scope: settings.login.scope,
      acr_values: `tenant:${settings.tenantId}`,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state: asked.state,
      nonce: asked.nonce,
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return { url: url.href, carry: { verifier } };
  }

  async finish(
    answer: { redirectUri: string; code: string; nonce: string; carry: Record<string, string> },
    signal: AbortSignal,
  ) {
    const { credentials } = this.options;
    const server = await this.#discover(signal);
    const client: oauth.Client = { client_id: credentials.clientId };
    const tokens = await this.#exchange(server, client, answer, signal);
    const claims = claimsOf(tokens.access_token);
    this.#checkTenant(claims.tenant_id);
    const known = oauth.getValidatedIdTokenClaims(tokens);
    const account = [known?.email, known?.preferred_username, known?.name, claims.email, claims.name, known?.sub].find(
      (text): text is string => typeof text === 'string' && text !== '',
    );
    return { credentials: this.#left(tokens), ...(account === undefined ? {} : { account }) };
  }

  async #exchange(
    server: oauth.AuthorizationServer,
    client: oauth.Client,
    answer: { redirectUri: string; code: string; nonce: string; carry: Record<string, string> },
    signal: AbortSignal,
  ): Promise<oauth.TokenEndpointResponse> {
    const { credentials } = this.options;
    const secret = credentials.clientSecret?.reveal();
    const proof = secret === undefined ? oauth.None() : oauth.ClientSecretPost(secret);
    const transport = this.#transport('OCTO-02', signal);
    const { carry, redirectUri, nonce } = answer;
    if (carry.verifier === undefined) throw new AuthenticationError('this log-in was not begun here');
    try {
      // The state has been compared by whoever received the callback; the library wants its parameters checked by it.
      const parameters = oauth.validateAuthResponse(
        { issuer: server.issuer },
        client,
        new URLSearchParams({ code: answer.code }),
        oauth.expectNoState,
      );
      const response = await oauth.authorizationCodeGrantRequest(
        server,
        client,
        proof,
        parameters,
        redirectUri,
        carry.verifier,
        transport,
      );
      const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
        expectedNonce: nonce,
        requireIdToken: true,
      });
      await oauth.validateApplicationLevelSignature(server, response, transport);
      return tokens;
    } catch (error) {
      throw loginFailure(error);
    }
  }

  /** The new credentials: what `Login` can go on with. */
  #left({ access_token, refresh_token, expires_in }: oauth.TokenEndpointResponse): Record<string, string> {
    const { clientId, clientSecret } = this.options.credentials;
    const own = { clientId, ...(clientSecret ? { clientSecret: clientSecret.reveal() } : {}) };
    if (refresh_token !== undefined) return { ...own, refreshToken: refresh_token };
    const untilMs = this.options.clock.now() + (expires_in ?? 0) * 1_000;
    return {
      ...own,
      accessToken: access_token,
      ...(expires_in === undefined ? {} : { accessTokenExpiresAt: new Date(untilMs).toISOString() }),
    };
  }

  #checkTenant(tenantId: string | undefined): void {
    const { settings } = this.options;
    if (tenantId === undefined || tenantId.toLowerCase() === settings.tenantId.toLowerCase()) return;
    throw new AuthenticationError('the user has logged in to another tenant than the one in the settings');
  }

  async #discover(signal: AbortSignal): Promise<oauth.AuthorizationServer> {
    const issuer = new URL(this.options.settings.identityUrl);
    try {
      const answer = await oauth.discoveryRequest(issuer, this.#transport('OCTO-01', signal));
      return await oauth.processDiscoveryResponse(issuer, answer);
    } catch (error) {
      throw refusalOf('OCTO-01', error);
    }
  }

  #transport(operation: string, signal: AbortSignal) {
    const { http, settings } = this.options;
    return {
      signal,
      [oauth.customFetch]: oauthFetch(http, settings.identityUrl, operation),
      [oauth.allowInsecureRequests]: true,
    };
  }
}

/** Claims that do not fit, a nonce or signature that is not ours: refused, not merely unreadable. */
function loginFailure(error: unknown): unknown {
  const told = refusalOf('OCTO-02', error);
  const isAboutToken = error instanceof oauth.OperationProcessingError && error.code !== oauth.PARSE_ERROR;
  if (isPlatformError(told) && told.code === 'malformed-response' && isAboutToken) {
    return new AuthenticationError(
      `the identity service's token is not one for this log-in (${error.code ?? 'invalid'})`,
    );
  }
  return told;
}
