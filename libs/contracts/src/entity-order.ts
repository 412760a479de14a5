import { valueAt } from './filter/match.ts';

/** One word of an order: a dotted path into a record as it is answered. */
export interface SortKey {
  field: string;
  descending: boolean;
}

export type Scalar = null | number | string | boolean;

/**
 * What a record is ordered by. What is absent counts as null; undefined where a value is a list or an object, which
 * have no order.
 */
export function sortValues(record: unknown, sort: readonly SortKey[]): Scalar[] | undefined {
  const values = sort.map(({ field }) => valueAt(record, field) ?? null);
  return values.every(isScalar) ? values : undefined;
}

/**
 * The order of records, the same for every platform: null, then numbers, then text by code points, then false and true;
 * all of it the other way round where a key is descending. 0 where the keys do not tell two records apart.
 */
export function compareSorted(a: readonly Scalar[], b: readonly Scalar[], sort: readonly SortKey[]): number {
  for (const [i, { descending }] of sort.entries()) {
    const order = compareScalars(a[i] ?? null, b[i] ?? null);
    if (order !== 0) return descending ? -order : order;
  }
  return 0;
}

function compareScalars(a: Scalar, b: Scalar): number {
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return rank(a) - rank(b) || Number(a) - Number(b);
}

const rank = (value: Scalar): number => (value === null ? 0 : RANKS.indexOf(typeof value));
const RANKS = ['null', 'number', 'string', 'boolean'];

const isScalar = (value: unknown): value is Scalar => value === null || RANKS.includes(typeof value);
