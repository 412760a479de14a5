import type { FastifyInstance } from 'fastify';
import { find } from 'mingo';
import { need } from './access.ts';
import { understood } from './mesh-request.ts';
import { readFilter } from './mongo-filter.ts';
import { readOrder } from './mongo-order.ts';
import { pageOf, pageQuery, queryOf } from './paging.ts';
import { project } from './projections.ts';
import { badRequest, notFound } from './vendor-error.ts';

/** Stored aggregations. Filter and order are about what comes out of them. */
export function projectionRoutes(app: FastifyInstance): void {
  app.get('/:account/projections/:name', { config: { operation: 'MESHY-36' } }, async (request) => {
    need(request, 'projections', 'read');
    const { name } = request.params as { name: string };
    if (name.trim() === '') throw badRequest('Projection name is required.');
    const { tenant } = request.place;
    const projection = tenant.projections.get(name.toLowerCase());
    if (!projection) throw notFound('Projection');
    const query = queryOf(request);
    const filter = understood('Filter', () => readFilter(query.filter));
    const order = understood('Order by', () => readOrder(query.orderby));
    const page = pageQuery(query);
    const rows = understood('Projection', () => project(tenant, projection)).filter((row) => filter.test(row));
    return pageOf(order ? find(rows, {}).sort(order).all() : rows, page);
  });
}
