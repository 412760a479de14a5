import type { FastifyInstance, FastifyRequest } from 'fastify';
import { need } from './access.ts';
import { createMany } from './bulk-routes.ts';
import { checkedDocument, type Document } from './document.ts';
import { meshOf, understood } from './mesh-request.ts';
import { readFilter } from './mongo-filter.ts';
import { readOrder } from './mongo-order.ts';
import { pageQuery, queryOf } from './paging.ts';
import type { MeshydbState } from './state.ts';
import { pointsOf, type TelemetryMapping } from './telemetry-mapping.ts';
import { notFound } from './vendor-error.ts';

const operation = (id: string) => ({ config: { operation: id } });
/** The journal keeps many of them. */
const LONGEST_DETAIL = 200;
const ALL = '/:account/meshes/:mesh';
const ONE = '/:account/meshes/:mesh/:id';

/** Documents one by one, and searching them. */
export function meshRoutes(app: FastifyInstance, state: MeshydbState): void {
  const creates = { ...operation('MESHY-06'), preValidation: nameCreateMany };
  app.post(ALL, creates, async (request, reply) => {
    const mesh = meshOf(request);
    need(request, 'meshes', 'create', mesh);
    const { account, tenant } = request.place;
    account.needRoom();
    if (state.options.extended && Array.isArray(request.body))
      return reply.code(201).send(createMany(request, state, mesh, request.body));
    return reply.code(201).send(state.insert(tenant, mesh, checkedDocument(request.body)));
  });
  app.put(ONE, operation('MESHY-07'), async (request) => {
    const mesh = meshOf(request);
    need(request, 'meshes', 'update', mesh);
    const body = checkedDocument(request.body);
    request.place.account.needRoom();
    return state.update(request.place.tenant, mesh, idOf(request), body);
  });
  app.get(ALL, operation('MESHY-08'), async (request) => {
    const mesh = meshOf(request);
    need(request, 'meshes', 'read', mesh);
    const query = queryOf(request);
    request.simulated.detail = [query.filter, query.orderby].filter(Boolean).join(' ').slice(0, LONGEST_DETAIL);
    const filter = understood('Filter', () => readFilter(query.filter));
    const order = understood('Order by', () => readOrder(query.orderby));
    const found = request.place.tenant.mesh(mesh).search(filter, order, pageQuery(query));
    if (mesh === state.mapping.mesh) noteServed(request, found.results, state.mapping);
    return found;
  });
  app.delete(ONE, operation('MESHY-09'), async (request, reply) => {
    const mesh = meshOf(request);
    need(request, 'meshes', 'delete', mesh);
    state.remove(request.place.tenant, mesh, idOf(request));
    return reply.code(204).send();
  });
  if (!state.options.extended) return;
  app.get(ONE, operation('MESHY-32'), async (request) => {
    const mesh = meshOf(request);
    need(request, 'meshes', 'read', mesh);
    const document = request.place.tenant.mesh(mesh).get(idOf(request));
    if (!document) throw notFound('Mesh data');
    return document;
  });
}

/** Creating many has the path of creating one. */
async function nameCreateMany(request: FastifyRequest): Promise<void> {
  if (Array.isArray(request.body)) request.simulated.operation = 'MESHY-33';
}

function noteServed(request: FastifyRequest, documents: readonly Document[], mapping: TelemetryMapping): void {
  const { served } = request.simulated;
  if (!served) return;
  for (const { device, ts } of documents.flatMap((document) => pointsOf(document, mapping))) served.add(device, ts);
}

/** What is no id is an unknown one. */
const idOf = (request: FastifyRequest): string => (request.params as { id: string }).id;
