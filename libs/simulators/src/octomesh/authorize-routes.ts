import type { FastifyInstance } from 'fastify';
import type { OauthClient } from './accounts.ts';
import type { AuthorizationRequest } from './grants.ts';
import type { Identity } from './identity.ts';
import { loginPage, tenantPage } from './login-page.ts';
import { AuthorizeError, OauthError } from './oauth-error.ts';
import { scopesFor } from './token-route.ts';

type Query = Readonly<Record<string, string | string[] | undefined>>;

const config = { operation: 'OCTO-01' };
const TENANT_IN_ACR = /(?:^| )tenant:([^ ]+)/;

/** The code flow as a browser goes through it: authorize, the tenant's login page, back to the application. */
export function authorizeRoutes(app: FastifyInstance, identity: Identity): void {
  app.get('/connect/authorize', { config }, (request, reply) => {
    const query = singleValues(request.query as Query);
    const client = knownClient(identity, query);
    const tenant = TENANT_IN_ACR.exec(query.acr_values ?? '')?.[1];
    if (tenant === undefined) return reply.type('text/html').send(tenantPage(identity.tenants, withoutAcr(query)));
    const asked = readRequest(identity, client, tenant, query);
    return reply.redirect(`/${encodeURIComponent(tenant)}/login?request=${identity.grants.begin(asked)}`, 302);
  });
  app.get('/:tenant/login', { config }, (request, reply) => {
    const { request: id = '' } = singleValues(request.query as Query);
    const pending = pendingRequest(identity, id);
    return reply.type('text/html').send(loginPage({ tenant: pending.tenant, request: id, client: pending.client.id }));
  });
  app.post('/account/login', { config }, (request, reply) => {
    const { request: id = '', username = '', password = '' } = (request.body ?? {}) as Record<string, string>;
    const { tenant, client, redirectUri, state } = pendingRequest(identity, id);
    const user = identity.checkPassword(tenant, username, password);
    if (!user) return reply.type('text/html').send(loginPage({ tenant, request: id, client: client.id, wrong: true }));
    const target = new URL(redirectUri);
    target.searchParams.set('code', identity.grants.approve(id, user) ?? '');
    if (state !== undefined) target.searchParams.set('state', state);
    return reply.redirect(target.href, 302);
  });
}

/** A parameter given twice is refused, as RFC 6749 wants. */
function singleValues(query: Query): Record<string, string> {
  const entries = Object.entries(query).filter((entry): entry is [string, string | string[]] => entry[1] !== undefined);
  if (entries.some(([, value]) => typeof value !== 'string')) throw new OauthError('invalid_request', 'given twice');
  return Object.fromEntries(entries) as Record<string, string>;
}

const withoutAcr = ({ acr_values: _, ...rest }: Record<string, string>): Record<string, string> => rest;

function pendingRequest(identity: Identity, id: string): AuthorizationRequest {
  const pending = identity.grants.pending(id);
  if (!pending) throw new OauthError('invalid_request', 'This log-in has expired. Start again in the application.');
  return pending;
}

/** Until both are known to belong together nobody is sent anywhere. */
function knownClient(identity: Identity, query: Record<string, string>): OauthClient {
  const client = identity.client(query.client_id ?? '');
  if (!client) throw new OauthError('unauthorized_client', 'The application is not known.');
  if (!query.redirect_uri || !identity.mayReturnTo(query.redirect_uri)) {
    throw new OauthError('invalid_request', 'The application is not registered with this redirect_uri.');
  }
  return client;
}

function readRequest(
  identity: Identity,
  client: OauthClient,
  tenant: string,
  query: Record<string, string>,
): AuthorizationRequest {
  if (!identity.tenants.includes(tenant) || !client.tenants.includes(tenant)) {
    throw new OauthError('unauthorized_client', `The application is not registered in the tenant ${tenant}.`);
  }
  const { redirect_uri: redirectUri = '', state, nonce, code_challenge: codeChallenge = '' } = query;
  const refuse = (error: string, description: string) => new AuthorizeError(error, description, redirectUri, state);
  if (!client.grants.includes('authorization_code')) throw refuse('unauthorized_client', 'grant type not allowed');
  if (query.response_type !== 'code') throw refuse('unsupported_response_type', 'only code is supported');
  if (query.code_challenge_method !== 'S256' || !/^[A-Za-z0-9_-]{43}$/.test(codeChallenge)) {
    throw refuse('invalid_request', 'PKCE with S256 is required');
  }
  if (query.prompt === 'none') throw refuse('login_required', 'nobody is logged in');
  return {
    client,
    tenant,
    redirectUri,
    scopes: scopesOr(client, query.scope ?? '', refuse),
    codeChallenge,
    ...(state === undefined ? {} : { state }),
    ...(nonce === undefined ? {} : { nonce }),
  };
}

function scopesOr(
  client: OauthClient,
  wish: string,
  refuse: (error: string, description: string) => AuthorizeError,
): string[] {
  try {
    return scopesFor(client, wish);
  } catch (error) {
    throw error instanceof OauthError ? refuse(error.error, 'a scope is unknown or not allowed') : error;
  }
}
