import type { Keys } from './cursor.ts';
import type { KeyType, Parameters } from './sql.ts';

/** One column of an order. Nulls come last in either direction. */
export interface KeyColumn {
  sql: string;
  type: KeyType;
  descending: boolean;
  /** Never null: then an index in the plain order serves, and bounds where a page begins. */
  always?: boolean;
}

/** Text by code points, so that the order is the same on every database. */
const ordered = (column: KeyColumn): string =>
  column.type === 'text' ? `(${column.sql}) collate "C"` : `(${column.sql})`;

export const orderBy = (columns: readonly KeyColumn[]): string =>
  columns
    .map((column) => `${ordered(column)} ${column.descending ? 'desc' : 'asc'}${column.always ? '' : ' nulls last'}`)
    .join(', ');

/** The column as exact text for a cursor. */
export const keyText = (column: KeyColumn): string =>
  column.type === 'timestamptz'
    ? `(extract(epoch from ${column.sql}) * 1000000)::bigint::text`
    : `(${column.sql})::text`;

/** True for rows that come after the keys: (a > x) or (a = x and b > y) or … */
export function afterKeys(columns: readonly KeyColumn[], keys: Keys, parameters: Parameters): string {
  const places = columns.map((column, i) => placeholder(column, keys[i] ?? null, parameters));
  const alternatives = columns.map((column, i) => {
    const equal = columns.slice(0, i).map((before, j) => `${ordered(before)} is not distinct from ${places[j]}`);
    return `(${[...equal, beyond(column, keys[i] ?? null, places[i] ?? 'null')].join(' and ')})`;
  });
  return `(${bound(columns[0], places[0])}${alternatives.join(' or ')}))`;
}

/** Follows from what stands behind it; an index cannot begin in the middle of alternatives. */
function bound(first: KeyColumn | undefined, place: string | undefined): string {
  return first?.always ? `${ordered(first)} ${first.descending ? '<=' : '>='} ${place} and (` : '(';
}

function beyond(column: KeyColumn, key: string | null, place: string): string {
  if (key === null) return 'false';
  const further = `${ordered(column)} ${column.descending ? '<' : '>'} ${place}`;
  return column.always ? further : `(${further} or (${column.sql}) is null)`;
}

function placeholder(column: KeyColumn, key: string | null, parameters: Parameters): string {
  if (column.type !== 'timestamptz') return parameters.add(key, column.type);
  return `('epoch'::timestamptz + ${parameters.add(key, 'bigint')} * interval '1 microsecond')`;
}
