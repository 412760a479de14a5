import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Authority, User } from './accounts.ts';
import type { Caller, OpticloudState } from './state.ts';
import { badCredentials, badRequest, notAuthenticated } from './vendor-error.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; only there behind the token check. */
    caller: Caller;
  }
}

const passwordBody = z.object({ username: z.string(), password: z.string() });
const loginBody = passwordBody.extend({ authorityId: z.string().nullish() });
const refreshBody = z.object({ refreshToken: z.string() });

export function authRoutes(app: FastifyInstance, state: OpticloudState): void {
  app.post('/api/noauth/authorization', { config: { operation: 'OPTI-01' } }, (request) => {
    const { username, password } = parsed(passwordBody, request.body);
    return state.checkPassword(username, password).authorities.map(authorityEntry);
  });
  app.post('/api/auth/login', { config: { operation: 'OPTI-02' } }, (request) => {
    const { username, password, authorityId } = parsed(loginBody, request.body);
    const user = state.checkPassword(username, password);
    return state.tokens.issue(user, chosenAuthority(user, authorityId ?? undefined));
  });
  app.post('/api/auth/token', { config: { operation: 'OPTI-02-REFRESH' } }, async (request) => {
    const { refreshToken } = parsed(refreshBody, request.body);
    const { user, authority } = state.callerOf(await state.tokens.redeem(refreshToken));
    return state.tokens.issue(user, authority);
  });
}

function authorityEntry({ id, authority, tenant }: Authority) {
  const entry = { authorityId: { id }, authority };
  return tenant ? { ...entry, tenant: { id: { entityType: 'TENANT', id: tenant.id }, name: tenant.name } } : entry;
}

function chosenAuthority(user: User, authorityId: string | undefined): Authority {
  if (authorityId !== undefined) {
    const chosen = user.authorities.find((authority) => authority.id === authorityId);
    if (!chosen) throw badCredentials();
    return chosen;
  }
  const [only, ...others] = user.authorities.filter((authority) => authority.tenant);
  if (!only || others.length > 0) throw badRequest('authorityId is required: the user has several tenants');
  return only;
}

/** The vendor reads `X-Authorization: Bearer …`; an `Authorization` header is not looked at. */
export function shownToken(request: FastifyRequest): string | undefined {
  const header = request.headers['x-authorization'];
  return typeof header === 'string' && header.startsWith('Bearer ') ? header.slice('Bearer '.length) : undefined;
}

/** Token check in front of every route of `app`. */
export function requireToken(app: FastifyInstance, state: OpticloudState): void {
  app.decorateRequest('caller', null as unknown as Caller);
  app.addHook('preHandler', async (request) => {
    const token = shownToken(request);
    if (!token) throw notAuthenticated();
    request.caller = state.callerOf(await state.tokens.verify(token));
  });
}

/** Reads a body or query, or answers 400. */
export function parsed<S extends z.ZodType>(schema: S, given: unknown): z.output<S> {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw badRequest(`Invalid parameter '${issue?.path.join('.') ?? ''}': ${issue?.message ?? 'not well formed'}`);
}
