import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Place } from './access.ts';
import { ANONYMOUS_PASSWORD } from './accounts.ts';
import { type Form, formOf } from './form.ts';
import type { MeshydbState } from './state.ts';
import type { Tenant } from './tenant.ts';
import type { User } from './users.ts';
import { OauthError } from './vendor-error.ts';

const SCOPES = ['meshy.api', 'offline_access', 'openid'];
const REFRESH = 'refresh_token';

export function tokenRoute(app: FastifyInstance, state: MeshydbState): void {
  const nameOperation = async (request: FastifyRequest) => {
    const { grant_type: grant } = (request.body ?? {}) as Record<string, unknown>;
    request.simulated.operation = grant === REFRESH ? 'MESHY-04' : 'MESHY-03';
  };
  const config = { operation: 'MESHY-03' };
  app.post('/:account/connect/token', { config, preValidation: nameOperation }, async (request, reply) => {
    const form = formOf(request);
    const { tenant } = request.place;
    if (form.client_id !== tenant.description.publicKey)
      throw new OauthError('invalid_client', 'Client id is invalid.');
    reply.headers({ 'cache-control': 'no-store', pragma: 'no-cache' });
    if (form.grant_type === 'password') return loggedIn(state, request.place, form);
    if (form.grant_type === REFRESH) return refreshed(state, request.place, form);
    throw new OauthError('unsupported_grant_type', 'Grant type is invalid.');
  });
}

async function loggedIn(state: MeshydbState, place: Place, form: Form): Promise<object> {
  const scopes = scopesOf(form.scope);
  const user = checkedUser(place.tenant, form);
  const refreshToken = scopes.includes('offline_access')
    ? state.refresh.begin(place.tenant.key, user.id, scopes)
    : undefined;
  return tokens(state, place, { user, scopes, refreshToken });
}

async function refreshed(state: MeshydbState, place: Place, form: Form): Promise<object> {
  if (form.scope !== undefined) scopesOf(form.scope);
  if (form.refresh_token === undefined) throw new OauthError('invalid_request', 'Token is missing.');
  const redeemed = state.refresh.redeem(form.refresh_token, place.tenant.key);
  if (!redeemed) throw new OauthError('invalid_grant', 'Token is invalid.');
  const user = place.tenant.users.get(redeemed.family.userId);
  if (!user?.isActive) throw new OauthError('invalid_grant', 'User is no longer active.');
  return tokens(state, place, { user, scopes: redeemed.family.scopes, refreshToken: redeemed.token });
}

/** Throws `invalid_scope` for none, and for one that there is not. */
function scopesOf(text = ''): string[] {
  const scopes = text.split(' ').filter(Boolean);
  if (scopes.length === 0 || scopes.some((one) => !SCOPES.includes(one)))
    throw new OauthError('invalid_scope', 'Invalid Scope.');
  return [...new Set(scopes)];
}

function checkedUser(tenant: Tenant, { username, password }: Form): User {
  if (username === undefined) throw new OauthError('invalid_grant', 'Username is invalid.');
  const user = tenant.users.named(username);
  if (!user) throw new OauthError('invalid_grant', 'Username is invalid.');
  const right = user.anonymous ? ANONYMOUS_PASSWORD : user.password;
  if (password !== right) throw new OauthError('invalid_grant', 'Password is invalid.');
  if (!user.isActive) throw new OauthError('invalid_grant', 'User is no longer active.');
  return user;
}

interface Grant {
  user: User;
  scopes: readonly string[];
  refreshToken: string | undefined;
}

async function tokens(state: MeshydbState, { account, tenant }: Place, grant: Grant): Promise<object> {
  const { user, scopes, refreshToken } = grant;
  const permissions = tenant.roles.permissionsOf(user.roles.map(({ name }) => name));
  const given = { user, scopes, permissions, account: account.name, tenant: tenant.name };
  return {
    access_token: await state.access.issue(given),
    expires_in: state.access.lifeSeconds,
    token_type: 'Bearer',
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
  };
}

/**
 * Quirk: the page shows the account's name as `client_id`, and `grant_type` where RFC 7009 has `token_type_hint` (REST
 * page, "Sign out"). Both forms are taken.
 */
export function revocationRoute(app: FastifyInstance, state: MeshydbState): void {
  const config = { operation: 'MESHY-10' };
  app.post('/:account/connect/revocation', { config }, async (request, reply) => {
    const form = formOf(request);
    const { account, tenant } = request.place;
    if (form.client_id !== account.name && form.client_id !== tenant.description.publicKey)
      throw new OauthError('invalid_client', 'Invalid client id.');
    const kinds = [form.grant_type, form.token_type_hint].filter((kind) => kind !== undefined);
    if (kinds.some((kind) => kind !== REFRESH))
      throw new OauthError('unsupported_token_type', 'Unsupported Token type.');
    if (form.token === undefined) throw new OauthError('invalid_request', 'Token is missing.');
    state.refresh.revoke(form.token, tenant.key);
    return reply.code(200).send();
  });
}
