import type { FastifyInstance, FastifyRequest } from 'fastify';
import { checkedDocument } from './document.ts';
import { readFilter } from './mongo-filter.ts';
import { readOrder } from './mongo-order.ts';
import { MongoTextError } from './mongo-text.ts';
import { pageQuery, queryOf } from './paging.ts';
import type { MeshydbState } from './state.ts';
import { meshName } from './tenant.ts';
import { badRequest, notFound } from './vendor-error.ts';

interface MeshParams {
  mesh: string;
  id: string;
}

const operation = (id: string) => ({ config: { operation: id } });
const ALL = '/:account/meshes/:mesh';
const ONE = '/:account/meshes/:mesh/:id';

/** Documents one by one, and searching them. */
export function meshRoutes(app: FastifyInstance, state: MeshydbState): void {
  app.post(ALL, operation('MESHY-06'), async (request, reply) => {
    const mesh = meshOf(request);
    const body = checkedDocument(request.body);
    request.place.account.needRoom();
    return reply.code(201).send(state.insert(request.place.tenant, mesh, body));
  });
  app.put(ONE, operation('MESHY-07'), async (request) => {
    const mesh = meshOf(request);
    const body = checkedDocument(request.body);
    request.place.account.needRoom();
    return state.update(request.place.tenant, mesh, idOf(request), body);
  });
  app.get(ALL, operation('MESHY-08'), async (request) => {
    const mesh = meshOf(request);
    const query = queryOf(request);
    const filter = understood('Filter', () => readFilter(query.filter));
    const order = understood('Order by', () => readOrder(query.orderby));
    return request.place.tenant.mesh(mesh).search(filter, order, pageQuery(query));
  });
  app.delete(ONE, operation('MESHY-09'), async (request, reply) => {
    state.remove(request.place.tenant, meshOf(request), idOf(request));
    return reply.code(204).send();
  });
  app.get(ONE, operation('MESHY-32'), async (request) => {
    const document = request.place.tenant.mesh(meshOf(request)).get(idOf(request));
    if (!document) throw notFound('Mesh data');
    return document;
  });
}

export const meshOf = (request: FastifyRequest): string => meshName((request.params as MeshParams).mesh);

/** What is no id is an unknown one. */
const idOf = (request: FastifyRequest): string => (request.params as MeshParams).id;

/** Throws 400 when the text is no MongoDB expression. */
export function understood<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof MongoTextError)) throw error;
    const refused = badRequest(`${what} is in an invalid format. It must be in a valid Mongo DB format.`);
    throw Object.assign(refused, { cause: error });
  }
}
