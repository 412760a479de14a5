import { errorPage } from './login-page.ts';

/** A refusal of the token endpoint, in the form of RFC 6749. */
export class OauthError extends Error {
  override readonly name = 'OauthError';

  constructor(
    readonly error: string,
    description = '',
    readonly status = 400,
  ) {
    super(description);
  }

  get body(): string {
    return JSON.stringify({ error: this.error, ...(this.message ? { error_description: this.message } : {}) });
  }

  get html(): string {
    return errorPage(this.error, this.message);
  }
}

/** A refusal that the application learns of, because it may be trusted to be the one that asked. */
export class AuthorizeError extends OauthError {
  constructor(
    error: string,
    description: string,
    readonly redirectUri: string,
    readonly state: string | undefined,
  ) {
    super(error, description);
  }

  get location(): string {
    const target = new URL(this.redirectUri);
    target.searchParams.set('error', this.error);
    target.searchParams.set('error_description', this.message);
    if (this.state !== undefined) target.searchParams.set('state', this.state);
    return target.href;
  }
}
