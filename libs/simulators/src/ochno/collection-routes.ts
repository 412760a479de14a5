import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { User } from './accounts.ts';
import { requireWrite } from './auth-routes.ts';
import type { OchnoState } from './state.ts';
import { forbidden, notFound } from './vendor-error.ts';

/** What a record belongs to; the members that a listing can be narrowed by. */
export interface Belonging {
  companyId: string;
  locationId?: string;
  floorPlanId?: string;
  hubId?: string;
}

/** One of the collections that are "very similar" to the companies. An absent method is not offered. */
export interface Collection<T extends { id: string }> {
  name: string;
  operation: string;
  records: Map<string, T>;
  belongsTo(record: T): Belonging;
  /** Throws 400 when something required is missing or wrong, 403 and 404 for what it refers to. */
  create?(body: unknown, user: User): T;
  replace(record: T, body: unknown, user: User): T;
  remove?(record: T): void;
}

type ById = { Params: { id: string } };

export function collectionRoutes<T extends { id: string }>(app: FastifyInstance, collection: Collection<T>): void {
  const { name, operation, records, create, remove } = collection;
  const [all, one] = [`/api/${name}`, `/api/${name}/:id`];
  const options = { config: { operation } };
  app.get(all, options, (request) => {
    const wanted = filterOf(request);
    return [...records.values()].filter((record) => {
      const belonging = collection.belongsTo(record);
      return request.ochnoUser.companies.has(belonging.companyId) && wanted(belonging);
    });
  });
  app.get<ById>(one, options, (request) => visible(collection, request));
  app.put<ById>(one, options, (request) => {
    const record = visible(collection, request);
    requireWrite(request);
    const replaced = collection.replace(record, request.body, request.ochnoUser);
    records.set(record.id, replaced);
    return replaced;
  });
  if (create) {
    app.post(all, options, (request) => {
      requireWrite(request);
      return create(request.body, request.ochnoUser);
    });
  }
  if (remove) {
    app.delete<ById>(one, options, (request) => {
      const record = visible(collection, request);
      requireWrite(request);
      remove(record);
      return record;
    });
  }
}

function visible<T extends { id: string }>(collection: Collection<T>, request: FastifyRequest<ById>): T {
  const record = collection.records.get(request.params.id);
  if (!record) throw notFound();
  if (!request.ochnoUser.companies.has(collection.belongsTo(record).companyId)) throw forbidden();
  return record;
}

const FILTERS = ['companyId', 'locationId', 'floorPlanId', 'hubId'] as const;

/** A parameter narrows where a record has such a member; repeated, one of its values is enough. */
function filterOf({ query }: FastifyRequest): (belonging: Belonging) => boolean {
  const given = FILTERS.map((name) => [name, valuesOf((query as Record<string, unknown>)[name])] as const);
  return (belonging) =>
    given.every(([name, values]) => {
      const own = belonging[name];
      return values.length === 0 || own === undefined || values.includes(own);
    });
}

/** Values of a query parameter that may be absent or repeated. */
export function valuesOf(given: unknown): string[] {
  if (given === undefined) return [];
  return (Array.isArray(given) ? given : [given]).map(String);
}

/** Throws 404 for what is not there, 403 for what this user does not see. */
export function referred<T>(
  state: OchnoState,
  user: User,
  records: Map<string, T & { locationId: string }>,
  id: string,
): T {
  const found = records.get(id);
  if (!found) throw notFound();
  if (!user.companies.has(state.companyOfLocation(found.locationId))) throw forbidden();
  return found;
}
