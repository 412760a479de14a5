import type { FastifyInstance } from 'fastify';
import { createVendorServer, type VendorServerOptions } from '../kit/vendor-server.ts';
import { ALL_SCOPES } from './accounts.ts';
import { authorizeRoutes } from './authorize-routes.ts';
import type { Identity } from './identity.ts';
import { AuthorizeError, OauthError } from './oauth-error.ts';
import { tokenRoute } from './token-route.ts';
import { profileClaims } from './tokens.ts';
import { HttpRefusal, unauthorized } from './vendor-error.ts';

/** The identity service: discovery, keys, log-in and tokens. */
export function createIdentityServer(identity: Identity, kit: Omit<VendorServerOptions, 'voice'>): FastifyInstance {
  const app = createVendorServer({
    ...kit,
    caseSensitive: false,
    voice: {
      error: (status) => ({
        contentType: 'application/json',
        body: status >= 500 ? '' : '{"error":"invalid_request"}',
      }),
      // Its limiter says no more than the status.
      rateLimited: () => ({ contentType: 'text/plain', body: 'Too many requests' }),
      credential: () => undefined,
    },
  });
  onlyForms(app);
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof AuthorizeError) return reply.redirect(error.location, 302);
    if (error instanceof HttpRefusal) return reply.code(error.status).headers(error.headers).send(error.body);
    const refusal = error instanceof OauthError ? error : generalRefusal(error);
    const aboutPages = !request.url.toLowerCase().startsWith('/connect/token');
    if (aboutPages) return reply.code(refusal.status).type('text/html').send(refusal.html);
    return reply.code(refusal.status).type('application/json').send(refusal.body);
  });
  discoveryRoutes(app, identity);
  tokenRoute(app, identity);
  authorizeRoutes(app, identity);
  return app;
}

/** A body of any other kind is as good as none. */
function onlyForms(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    const fields = [...new URLSearchParams(String(body))];
    const repeated = new Set(fields.map(([name]) => name)).size < fields.length;
    if (repeated) done(new OauthError('invalid_request', 'a parameter is given twice'));
    else done(null, Object.fromEntries(fields));
  });
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, _body, done) => done(null, {}));
}

function generalRefusal(error: unknown): OauthError {
  const status = (error as { statusCode?: unknown }).statusCode;
  if (typeof status === 'number' && status < 500) return new OauthError('invalid_request', '', status);
  return new OauthError('server_error', '', 500);
}

function discoveryRoutes(app: FastifyInstance, identity: Identity): void {
  const { tokens } = identity;
  app.get('/.well-known/openid-configuration', { config: { operation: 'OCTO-DISCOVERY' } }, () => ({
    issuer: tokens.issuer,
    jwks_uri: `${tokens.issuer}.well-known/openid-configuration/jwks`,
    authorization_endpoint: `${tokens.issuer}connect/authorize`,
    token_endpoint: `${tokens.issuer}connect/token`,
    userinfo_endpoint: `${tokens.issuer}connect/userinfo`,
    scopes_supported: ALL_SCOPES,
    claims_supported: ['sub', 'name', 'email', 'role', 'tenant_id', 'allowed_tenants'],
    grant_types_supported: ['authorization_code', 'client_credentials', 'refresh_token'],
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    id_token_signing_alg_values_supported: ['RS256'],
    subject_types_supported: ['public'],
    code_challenge_methods_supported: ['S256'],
  }));
  app.get('/.well-known/openid-configuration/jwks', { config: { operation: 'OCTO-JWKS' } }, () => tokens.publicKeys);
  app.get('/connect/userinfo', { config: { operation: 'OCTO-USERINFO' } }, async (request) => {
    const token = /^bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (!token) throw unauthorized();
    const session = await tokens.verify(token);
    const user = identity.userById(session.userId ?? '');
    if (!user) throw unauthorized();
    return { sub: user.id, tenant_id: user.tenant, ...profileClaims(user, session.scopes) };
  });
  app.get('/health', () => ({ status: 'Healthy' }));
}
