import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AccessClaims } from './access-tokens.ts';
import type { Account } from './account.ts';
import type { Right } from './roles.ts';
import type { MeshydbState } from './state.ts';
import type { Tenant } from './tenant.ts';
import type { User } from './users.ts';
import { forbidden, notAuthorized, notFound } from './vendor-error.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose data it is about; there before any route runs. */
    place: Place;
    /** Who asks; only there behind the token check. */
    signedIn: SignedIn;
  }
}

export interface Place {
  account: Account;
  tenant: Tenant;
  /** Whether permissions are asked for. */
  roles: boolean;
}

export interface SignedIn {
  user: User;
  claims: AccessClaims;
}

/** Account, tenant and limits, in front of every route of `app`. */
export function requirePlace(app: FastifyInstance, state: MeshydbState): void {
  app.decorateRequest('place', null as unknown as Place);
  // The vendor has one clock, which also says what expires when.
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('date', new Date(state.clock.now()).toUTCString());
  });
  app.addHook('preHandler', async (request) => {
    const { account: name } = request.params as { account?: string };
    if (name === undefined) return;
    const account = state.account(name);
    const asked = request.headers.tenant;
    const tenant = account.tenant(Array.isArray(asked) ? asked[0] : asked);
    if (!tenant) throw notFound('Tenant');
    request.place = { account, tenant, roles: state.options.roles };
    account.takeRequest();
  });
}

/**
 * Quirk: the page names the header `Authentication`; what works elsewhere is `Authorization` (REST page, "Retrieving
 * Self"). Either is taken.
 */
export const shownToken = (request: FastifyRequest): string | undefined => {
  const { authorization, authentication } = request.headers;
  const shown = authorization ?? (Array.isArray(authentication) ? authentication[0] : authentication);
  return /^bearer +([^ ]+) *$/i.exec(shown ?? '')?.[1];
};

/** A token of this account and tenant, in front of every route of `app`. */
export function requireToken(app: FastifyInstance, state: MeshydbState): void {
  app.decorateRequest('signedIn', null as unknown as SignedIn);
  app.addHook('preHandler', async (request) => {
    const token = shownToken(request);
    if (!token) throw notAuthorized();
    const claims = await state.access.verify(token);
    const { account, tenant } = request.place;
    if (claims.account !== account.name || claims.tenant !== tenant.name) throw notAuthorized();
    const user = tenant.users.get(claims.userId);
    if (!user || claims.n <= user.revokedThrough) throw notAuthorized();
    request.signedIn = { user, claims };
  });
}

/**
 * Throws 403 unless the token carries the permission. What changed since it was issued counts at the next log-in or
 * refresh.
 */
export function need({ place, signedIn }: FastifyRequest, permissible: string, right: Right, mesh?: string): void {
  const permissions = signedIn.claims.permissions;
  const names = mesh === undefined ? [permissible] : [permissible, `${permissible}.${mesh}`];
  if (place.roles && !names.some((name) => permissions.includes(`${name}.${right}`))) throw forbidden();
}
