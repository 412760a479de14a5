import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { need } from './access.ts';
import { checkedDocument } from './document.ts';
import { meshOf, understood } from './mesh-request.ts';
import { readFilter } from './mongo-filter.ts';
import { readUpdate } from './mongo-update.ts';
import { queryOf } from './paging.ts';
import { bodyOf } from './request-body.ts';
import type { MeshydbState } from './state.ts';
import { badRequest, VendorError } from './vendor-error.ts';

const ALL = '/:account/meshes/:mesh';

const updateMany = z.object({ filter: z.string().optional(), update: z.string().optional() });

/** Many documents at once. Creating many shares its path with creating one: see the routes of meshes. */
export function bulkRoutes(app: FastifyInstance, state: MeshydbState): void {
  app.patch(ALL, { config: { operation: 'MESHY-34' } }, async (request) => {
    const mesh = meshOf(request);
    need(request, 'meshes', 'update', mesh);
    const { filter, update } = bodyOf(request, updateMany);
    if (!filter) throw badRequest('Filter is required.');
    if (!update) throw badRequest('Update is required.');
    request.place.account.needRoom();
    const fits = understood('Filter', () => readFilter(filter));
    const changed = understood('Update', () => readUpdate(update));
    const { tenant } = request.place;
    // All are looked at before the first is changed.
    const changes = understood('Update', () =>
      tenant
        .mesh(mesh)
        .matching(fits)
        .map((document) => ({ document, next: checkedDocument(changed(document)) })),
    );
    const modified = changes.filter(({ document, next }) => JSON.stringify(document) !== JSON.stringify(next));
    for (const { document, next } of modified) state.replace(tenant, mesh, document._id, next);
    return {
      isAcknowledged: true,
      isModifiedCountAvailable: true,
      matchedCount: changes.length,
      modifiedCount: modified.length,
      upsertedId: null,
    };
  });
  app.delete(ALL, { config: { operation: 'MESHY-35' } }, async (request) => {
    const mesh = meshOf(request);
    need(request, 'meshes', 'delete', mesh);
    const { filter } = queryOf(request);
    if (!filter?.trim()) throw badRequest('Filter was not provided.');
    const fits = understood('Filter', () => readFilter(filter));
    const deletedCount = request.place.tenant.mesh(mesh).removeWhere((document) => fits.test(document));
    return { deletedCount, isAcknowledged: true };
  });
}

/** All or none: one that cannot be kept refuses them all, with a word on each. */
export function createMany(request: FastifyRequest, state: MeshydbState, mesh: string, bodies: unknown[]) {
  const { tenant } = request.place;
  if (bodies.length === 0) throw badRequest('No data was provided.');
  const seen = new Set<unknown>();
  const problems = bodies.map((body) => {
    try {
      const document = checkedDocument(body);
      state.checkNewId(tenant, mesh, document._id);
      if (document._id !== undefined && seen.has(document._id)) return 'Mesh already exists for provided id.';
      seen.add(document._id);
      return null;
    } catch (error) {
      if (error instanceof VendorError) return error.message;
      throw error;
    }
  });
  if (problems.some((problem) => problem !== null))
    throw new VendorError(400, 'Data is in an invalid format.', {
      results: problems.map((message, index) => ({ index, isValid: message === null, message })),
    });
  const createdData = bodies.map((body) => state.insert(tenant, mesh, checkedDocument(body)));
  return { createdCount: createdData.length, createdData };
}
