import type { EntityQuery } from '@tributary/adapter-kit';
import { InvalidRequestError } from '@tributary/contracts';
import { storedPath } from './leaves.ts';

export type Order = Record<string, 1 | -1>;

export const byId: Order = { _id: 1 };

/**
 * The order asked for, and the id last, so that documents which are equal in it have one as well. Throws
 * `InvalidRequestError` for what the platform cannot sort by.
 */
export function orderOf(sort: EntityQuery['sort'], nameField: string | undefined): Order {
  const order: Order = {};
  for (const { field, descending } of sort) {
    const path = pathOf(field, nameField);
    if (path === undefined) throw new InvalidRequestError(`MeshyDB does not sort by ${field.slice(0, 80)}`);
    order[path] ??= descending ? -1 : 1;
  }
  return { ...order, _id: order._id ?? 1 };
}

/** Keys are kept in the order of writing only while they do not look like numbers, which no path here does. */
function pathOf(field: string, nameField: string | undefined): string | undefined {
  if (field === 'nativeId') return '_id';
  if (field === 'name') return nameField && storedPath(`attributes.${nameField}`)?.join('.');
  return storedPath(field)?.join('.');
}
