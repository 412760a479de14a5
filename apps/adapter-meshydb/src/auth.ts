import { type Clock, path, type TokenSource, type TokenValue, type VendorHttp } from '@tributary/adapter-kit';
import { AuthenticationError, isPlatformError } from '@tributary/contracts';
import type { Credentials, Settings } from './config.ts';
import { type TokenAnswer, tokenAnswer } from './wire.ts';

/** Quirk: the password of every anonymous user (REST, "Login"). */
const ANONYMOUS_PASSWORD = 'nopassword';
/** Without the second no refresh token is given. */
const SCOPE = 'meshy.api offline_access';
const UNKNOWN_CLIENT = 'invalid_client';

export interface LoginOptions {
  /** To the auth host. */
  http: VendorHttp;
  clock: Clock;
  settings: Pick<Settings, 'accountName' | 'registerAnonymous'>;
  credentials: Credentials;
  /** Registers the anonymous user if there is none of that name; answers whether it did. */
  register(username: string, signal: AbortSignal): Promise<boolean>;
}

/** Password grant, then refresh tokens that are good once and shared by all replicas. */
export class Login implements TokenSource {
  readonly shared = true;

  constructor(private readonly options: LoginOptions) {}

  async acquire(previous: TokenValue | undefined, signal: AbortSignal): Promise<TokenValue> {
    return (await this.#refresh(previous?.carry?.refreshToken, signal)) ?? this.#logIn(signal);
  }

  // Quirk: the document names the header `Authentication`, everything else of the vendor `Authorization` (REST,
  // "Retrieving Self"). Both are sent.
  attach(token: string, headers: Record<string, string>): void {
    headers.Authorization = `Bearer ${token}`;
    headers.Authentication = `Bearer ${token}`;
  }

  /**
   * MESHY-10. Quirk: the client is the public key as everywhere else, though the document writes the account name there
   * (REST, "Sign out"): that is tried second.
   */
  async revoke(last: TokenValue, signal: AbortSignal): Promise<void> {
    const token = last.carry?.refreshToken;
    if (token === undefined) return;
    try {
      await this.#signOut(this.options.credentials.publicKey, token, signal);
    } catch (error) {
      if (!isPlatformError(error) || error.platformCode !== UNKNOWN_CLIENT) throw error;
      await this.#signOut(this.options.settings.accountName, token, signal);
    }
  }

  /** MESHY-04. Undefined where a full log-in must do it; a platform that is away is thrown. */
  async #refresh(token: string | undefined, signal: AbortSignal): Promise<TokenValue | undefined> {
    if (token === undefined) return undefined;
    try {
      const form = { grant_type: 'refresh_token', refresh_token: token };
      const answer = await this.#token('MESHY-04', form, signal);
      return this.#valueOf(answer, token);
    } catch (error) {
      if (isPlatformError(error) && error.code === 'authentication') return undefined;
      throw error;
    }
  }

  async #logIn(signal: AbortSignal): Promise<TokenValue> {
    const { credentials, settings, register } = this.options;
    if (!('anonymous' in credentials))
      return this.#byPassword(credentials.username, credentials.password.reveal(), signal);
    const name = credentials.anonymous;
    try {
      return await this.#byPassword(name, ANONYMOUS_PASSWORD, signal);
    } catch (error) {
      const refused = error instanceof AuthenticationError && error.platformCode !== UNKNOWN_CLIENT;
      if (!settings.registerAnonymous || !refused || !(await register(name, signal))) throw error;
      return this.#byPassword(name, ANONYMOUS_PASSWORD, signal);
    }
  }

  /** MESHY-03. */
  async #byPassword(username: string, password: string, signal: AbortSignal): Promise<TokenValue> {
    return this.#valueOf(
      await this.#token('MESHY-03', { grant_type: 'password', username, password, scope: SCOPE }, signal),
    );
  }

  /** A refresh may or may not give a new refresh token: the newest counts. */
  #valueOf({ access_token, expires_in, refresh_token }: TokenAnswer, before?: string): TokenValue {
    const refreshToken = refresh_token ?? before;
    return {
      value: access_token,
      ...(expires_in === undefined ? {} : { expiresAtMs: this.options.clock.now() + expires_in * 1_000 }),
      ...(refreshToken === undefined ? {} : { carry: { refreshToken } }),
    };
  }

  #token(operation: string, form: Record<string, string>, signal: AbortSignal): Promise<TokenAnswer> {
    const { http, settings, credentials } = this.options;
    return http.json(
      {
        method: 'POST',
        path: path`/${settings.accountName}/connect/token`,
        operation,
        lane: 'interactive',
        // A refresh token that may have been spent is not offered again: then the full log-in follows.
        idempotent: operation === 'MESHY-03',
        anonymous: true,
        form: { client_id: credentials.publicKey, ...form },
        signal,
      },
      tokenAnswer,
    );
  }

  async #signOut(client: string, token: string, signal: AbortSignal): Promise<void> {
    const form = { client_id: client, grant_type: 'refresh_token', token_type_hint: 'refresh_token', token };
    const where = path`/${this.options.settings.accountName}/connect/revocation`;
    await this.options.http.send({
      method: 'POST',
      path: where,
      operation: 'MESHY-10',
      lane: 'interactive',
      idempotent: true,
      anonymous: true,
      form,
      signal,
    });
  }
}
