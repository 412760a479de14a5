import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ALL_SCOPES, type Grant, type OauthClient } from './accounts.ts';
import type { Granted } from './grants.ts';
import type { Identity } from './identity.ts';
import { OauthError } from './oauth-error.ts';

type Form = Readonly<Record<string, string>>;

const OPERATIONS: Record<string, string> = {
  client_credentials: 'OCTO-03',
  authorization_code: 'OCTO-02',
  refresh_token: 'OCTO-02-REFRESH',
};

export function tokenRoute(app: FastifyInstance, identity: Identity): void {
  const nameOperation = async (request: FastifyRequest) => {
    const grant = formOf(request).grant_type;
    request.simulated.operation = OPERATIONS[grant ?? ''] ?? 'OCTO-02';
  };
  app.post('/connect/token', { preValidation: nameOperation }, async (request, reply) => {
    const form = formOf(request);
    if (Object.keys(form).length === 0) throw new OauthError('invalid_request');
    reply.headers({ 'cache-control': 'no-store', pragma: 'no-cache' });
    return answer(identity, form, request.headers.authorization);
  });
}

const formOf = (request: FastifyRequest): Form => (request.body ?? {}) as Form;

function answer(identity: Identity, form: Form, authorization: string | undefined): Promise<object> {
  const grant = form.grant_type;
  if (grant === undefined) throw new OauthError('invalid_request', 'grant_type is missing');
  if (!(grant in OPERATIONS)) throw new OauthError('unsupported_grant_type');
  const client = authenticated(identity, form, authorization);
  if (!client.grants.includes(grant as Grant)) throw new OauthError('unauthorized_client');
  if (grant === 'client_credentials') return forService(identity, client, form);
  if (grant === 'refresh_token') return refreshed(identity, client, form);
  return forCode(identity, client, form);
}

function authenticated(identity: Identity, form: Form, authorization: string | undefined): OauthClient {
  const shown = shownClient(form, authorization);
  const client = identity.client(shown.id);
  if (!client || client.secret !== shown.secret) throw new OauthError('invalid_client');
  return client;
}

/** In the form, as documented, or by HTTP Basic, which OpenID clients use as well. */
function shownClient(form: Form, authorization: string | undefined): { id: string; secret: string | undefined } {
  const basic = /^basic (.+)$/i.exec(authorization ?? '')?.[1];
  if (!basic) return { id: form.client_id ?? '', secret: form.client_secret };
  const [id = '', secret = ''] = Buffer.from(basic, 'base64').toString('utf8').split(':');
  return { id: formDecoded(id), secret: formDecoded(secret) };
}

function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (error) {
    throw Object.assign(new OauthError('invalid_client'), { cause: error });
  }
}

async function forService(identity: Identity, client: OauthClient, form: Form): Promise<object> {
  const scopes = scopesFor(client, form.scope);
  return tokenAnswer(identity, await identity.tokens.issueForService(client, scopes), scopes);
}

async function forCode(identity: Identity, client: OauthClient, form: Form): Promise<object> {
  const { code, redirect_uri: redirectUri, code_verifier: verifier } = form;
  if (!code || !redirectUri || !verifier) throw new OauthError('invalid_request', 'code, redirect_uri, code_verifier');
  const granted = identity.grants.redeemCode(code, { client, redirectUri, verifier });
  if (!granted) throw new OauthError('invalid_grant');
  return forUser(identity, granted);
}

async function refreshed(identity: Identity, client: OauthClient, form: Form): Promise<object> {
  if (!form.refresh_token) throw new OauthError('invalid_request', 'refresh_token is missing');
  const granted = identity.grants.redeemRefreshToken(form.refresh_token, client);
  if (!granted) throw new OauthError('invalid_grant');
  return forUser(identity, granted);
}

async function forUser(identity: Identity, granted: Granted): Promise<object> {
  const { client, user, scopes, nonce } = granted;
  const accessToken = await identity.tokens.issueForUser(user, client, scopes);
  const idToken = scopes.includes('openid')
    ? { id_token: await identity.tokens.issueIdToken(user, client, nonce, scopes) }
    : {};
  const refreshToken = scopes.includes('offline_access')
    ? { refresh_token: identity.grants.keepForRefresh({ client, user, scopes }) }
    : {};
  return { ...tokenAnswer(identity, accessToken, scopes), ...idToken, ...refreshToken };
}

const tokenAnswer = (identity: Identity, accessToken: string, scopes: readonly string[]) => ({
  access_token: accessToken,
  token_type: 'Bearer',
  expires_in: identity.tokens.accessLifeSeconds,
  scope: scopes.join(' '),
});

/** Throws `invalid_scope`. Without a wish a service gets all that its client may have. */
export function scopesFor(client: OauthClient, wish: string | undefined): string[] {
  if (wish === undefined) return [...client.scopes];
  const scopes = wish.split(' ').filter(Boolean);
  const refused =
    scopes.length === 0 || scopes.some((one) => !ALL_SCOPES.includes(one) || !client.scopes.includes(one));
  if (refused) throw new OauthError('invalid_scope');
  return [...new Set(scopes)];
}
