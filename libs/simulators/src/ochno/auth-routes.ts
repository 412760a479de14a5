import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { User } from './accounts.ts';
import type { OchnoState } from './state.ts';
import { badRequest, forbidden, notAuthenticated } from './vendor-error.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; only there behind the token check. */
    ochnoUser: User;
  }
}

const loginBody = z.object({ email: z.string(), password: z.string() });

export function authRoutes(app: FastifyInstance, state: OchnoState): void {
  app.post('/auth/jwt', { config: { operation: 'OCHNO-01' } }, async (request) => {
    const { email, password } = parsed(loginBody, request.body);
    return { token: await state.tokens.issue(state.checkPassword(email, password).email) };
  });
  app.get('/auth/logout', { config: { operation: 'OCHNO-02' } }, async (request) => {
    const token = shownToken(request);
    if (!token) throw notAuthenticated();
    await state.tokens.verify(token);
    // "One of your tokens": the one that is shown. Others of the same user live on.
    state.tokens.remove(token);
    return {};
  });
}

/** Quirk: the scheme is `JWT`; a Bearer token is not looked at ("Retrieving an access token"). */
export function shownToken(request: FastifyRequest): string | undefined {
  const [, token] = /^JWT +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  return token;
}

/** Token check in front of every route of `app`. */
export function requireToken(app: FastifyInstance, state: OchnoState): void {
  app.decorateRequest('ochnoUser', null as unknown as User);
  app.addHook('preHandler', async (request) => {
    const token = shownToken(request);
    if (!token) throw notAuthenticated();
    request.ochnoUser = state.user(await state.tokens.verify(token));
  });
}

/** Throws 403 for a user who may only look. */
export function requireWrite({ ochnoUser }: FastifyRequest): void {
  if (!ochnoUser.mayWrite) throw forbidden();
}

/** Reads a body or query, or answers 400. */
export function parsed<S extends z.ZodType>(schema: S, given: unknown): z.output<S> {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw badRequest(`${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'not well formed'}`);
}
