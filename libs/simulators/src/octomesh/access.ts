import type { FastifyInstance, FastifyRequest } from 'fastify';
import { SCOPES } from './accounts.ts';
import type { OctomeshState } from './state.ts';
import type { Tenant } from './tenant.ts';
import type { Session } from './tokens.ts';
import { forbiddenByHttp, unauthorized, unknownTenant } from './vendor-error.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks and where; only there behind the token check. */
    access: Access;
  }
}

export interface Access {
  session: Session;
  tenant: Tenant;
  mayWrite: boolean;
}

/** Bearer tokens alone; the word is understood in any case. */
export const shownToken = (request: FastifyRequest): string | undefined =>
  /^bearer +([^ ]+) *$/i.exec(request.headers.authorization ?? '')?.[1];

/** Token, tenant and scope, in front of every route of `app`. */
export function requireAccess(app: FastifyInstance, state: OctomeshState): void {
  app.decorateRequest('access', null as unknown as Access);
  app.addHook('preHandler', async (request) => {
    const token = shownToken(request);
    if (!token) throw unauthorized();
    const session = await state.identity.tokens.verify(token);
    const { tenantId = '' } = request.params as { tenantId?: string };
    const tenant = state.tenant(tenantId);
    if (!tenant) throw unknownTenant();
    const foreign = session.tenantId !== undefined && session.tenantId.toLowerCase() !== tenant.id.toLowerCase();
    const mayRead = session.scopes.some((scope) => scope === SCOPES.full || scope === SCOPES.readOnly);
    if (foreign || !mayRead) throw forbiddenByHttp(state.options.forbiddenEnvelope);
    request.access = { session, tenant, mayWrite: session.scopes.includes(SCOPES.full) };
  });
}
