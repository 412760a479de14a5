import {
  compareSorted,
  type EntityRecord,
  InvalidRequestError,
  type Json,
  matchesFilter,
  parseFilter,
  sortValues,
} from '@tributary/contracts';
import type { RequestHandlers } from '@tributary/messaging';

export interface Collection {
  type: string;
  schema: { [key: string]: Json };
  records: { [name: string]: Json }[];
  /** Does the vendor evaluate filters? */
  filters: boolean;
  sorts: boolean;
}

/** A vendor that keeps one type of records: their ids are their names, every answer costs it as many calls as it has items, and one. */
export function fakeCollection(collection: Collection): RequestHandlers {
  const { type, schema, filters, sorts } = collection;
  return {
    'entities.types': async (_payload, { spent }) => {
      spent.vendorCalls = 1;
      return { types: [{ name: type, readOnly: true, schema }] };
    },
    'entities.query': async ({ filter, sort, limit, cursor }, { spent }) => {
      if (sort.length > 0 && !sorts) throw new InvalidRequestError('this vendor lists in no order that can be chosen');
      const tree = filter === undefined ? undefined : parseFilter(filter);
      const records = collection.records.map((attributes): EntityRecord => {
        const name = String(attributes.name);
        return { type, nativeId: name, etag: '1', name, attributes };
      });
      const found = tree && filters ? records.filter((record) => matchesFilter(tree, record)) : records;
      const ordered = found
        .map((record) => ({ record, values: sortValues(record, sort) ?? [] }))
        .toSorted((a, b) => compareSorted(a.values, b.values, sort));
      const from = Number(cursor ?? 0);
      const items = ordered.slice(from, from + limit).map(({ record }) => record);
      spent.vendorCalls = items.length + 1;
      return {
        items,
        ...(from + limit < found.length ? { nextCursor: String(from + limit) } : {}),
        ...(filter === undefined || filters ? {} : { residualFilter: filter }),
      };
    },
  };
}
