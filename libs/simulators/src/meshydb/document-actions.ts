import { z } from 'zod';
import { action } from '../kit/actions.ts';
import { ACCOUNTS, DEFAULT_TENANT } from './accounts.ts';
import { checkedDocument, type Document } from './document.ts';
import { readFilter } from './mongo-filter.ts';
import type { ActionParts } from './scenario-actions.ts';
import { WORK_ORDERS } from './telemetry-mapping.ts';
import { meshName } from './tenant.ts';

const place = {
  mesh: z.string(),
  /** Of the demonstration's account. */
  tenant: z.string().default(DEFAULT_TENANT),
};
const document = z.record(z.string(), z.json());

/** What others do to documents, past the API: nobody is asked for a token, and no limit holds. */
export function documentActions({ state, scenario }: ActionParts) {
  const tenantOf = (name: string) => {
    const tenant = state.account(ACCOUNTS.demo).tenant(name);
    if (!tenant) throw new RangeError(`no tenant is called ${name}`);
    return tenant;
  };
  return {
    documents: action(
      'lists documents, all or those that a filter in MongoDB text fits',
      z.strictObject({ ...place, filter: z.string().optional() }),
      (input) => tenantOf(input.tenant).mesh(meshName(input.mesh)).matching(readFilter(input.filter)),
    ),
    'insert-document': action(
      'somebody else creates one or several documents; with an `_id` it has that id',
      z.strictObject({ ...place, document: z.union([document, z.array(document)]) }),
      (input) => {
        const stored = [input.document]
          .flat()
          .map((one) => state.insert(tenantOf(input.tenant), meshName(input.mesh), checkedDocument(one)));
        return Array.isArray(input.document) ? stored : stored[0];
      },
    ),
    'update-document': action(
      'somebody else changes members of a document, or replaces it; nothing is changed besides, no time either',
      z.strictObject({ ...place, id: z.string(), document, replace: z.boolean().default(false) }),
      (input) => {
        const [tenant, mesh, body] = [tenantOf(input.tenant), meshName(input.mesh), checkedDocument(input.document)];
        if (!input.replace) return state.update(tenant, mesh, input.id, body);
        const { _id } = state.update(tenant, mesh, input.id, {});
        return state.replace(tenant, mesh, _id, body);
      },
    ),
    'delete-document': action(
      'somebody else removes one document, or all that a filter in MongoDB text fits',
      z.strictObject({ ...place, id: z.string().optional(), filter: z.string().optional() }),
      (input) => {
        const [tenant, mesh] = [tenantOf(input.tenant), meshName(input.mesh)];
        if (input.id !== undefined) return { deletedCount: Number(tenant.mesh(mesh).remove(input.id)) };
        if (input.filter === undefined) throw new RangeError('an id or a filter is needed');
        const fits = readFilter(input.filter);
        return { deletedCount: tenant.mesh(mesh).removeWhere((one) => fits.test(one)) };
      },
    ),
    'open-work-orders': action(
      'somebody opens so many work orders',
      z.strictObject({ count: z.number().int().min(1).max(100_000).default(1) }),
      ({ count }) => Array.from({ length: count }, () => scenario.workOrders.open()._id),
    ),
    'advance-work-order': action(
      'somebody gives a work order its next status, and sets `updatedAt`',
      z.strictObject({ id: z.string() }),
      ({ id }): Document => {
        const found = state.demo.mesh(WORK_ORDERS).get(id);
        if (!found) throw new RangeError(`no work order ${id}`);
        return scenario.workOrders.advance(found);
      },
    ),
  };
}
