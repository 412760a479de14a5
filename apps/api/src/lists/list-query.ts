import { formatFilter } from '@tributary/contracts';
import { bindingOf, type Keys, readCursor, writeCursor } from './cursor.ts';
import { type FilterColumns, filterToSql } from './filter-sql.ts';
import { afterKeys, type KeyColumn, keyText, orderBy } from './keyset.ts';
import { readFilter } from './read-filter.ts';
import { parseSort } from './sort.ts';
import { type KeyType, Parameters } from './sql.ts';

/** How a resource is listed: what is read, what can be filtered and sorted by, and what makes the order total. */
export interface ListDefinition {
  name: string;
  /** Columns, without `select`. */
  select: string;
  /** Tables and joins, without `from`. */
  from: string;
  filter: FilterColumns;
  sort: Record<string, { sql: string; type: KeyType; always?: boolean }>;
  /** Unique; the last word in every order. */
  key: { sql: string; type: KeyType; descending?: boolean };
}

export interface ListRequest {
  limit: number;
  cursor?: string | undefined;
  filter?: string | undefined;
  sort?: string | undefined;
  count?: boolean | undefined;
}

export interface ListStatement {
  text: string;
  values: unknown[];
  /** Statement that counts all items, where they were asked for. */
  count?: { text: string; values: unknown[] };
  /** Cuts the rows to the page and says where it goes on. */
  page<R extends Record<string, unknown>>(rows: R[]): { rows: R[]; nextCursor?: string };
}

/**
 * One page of a list as one statement. `conditions` gets the parameters and gives what always holds, the workspace
 * first of all. Throws 400 problems for a filter, order or cursor that cannot be.
 */
export function listStatement(
  definition: ListDefinition,
  request: ListRequest,
  conditions: (parameters: Parameters) => string[],
): ListStatement {
  const parameters = new Parameters();
  const fixed = conditions(parameters);
  const scope = JSON.stringify([fixed, parameters.values]);
  const filter =
    request.filter === undefined
      ? undefined
      : readFilter(request.filter, (tree) => ({
          canonical: formatFilter(tree),
          sql: filterToSql(tree, definition.filter, parameters),
        }));
  const where = [...fixed, ...(filter ? [filter.sql] : [])];
  const counted = request.count
    ? {
        text: `select count(*)::int as total from ${definition.from} where ${where.join(' and ')}`,
        values: [...parameters.values],
      }
    : undefined;
  const columns = orderColumns(definition, request.sort);
  const binding = bindingOf(
    definition.name,
    scope,
    filter?.canonical,
    columns.map((c) => [c.sql, c.descending]),
  );
  if (request.cursor !== undefined) {
    const keys = readCursor(
      request.cursor,
      binding,
      columns.map((c) => c.type),
    );
    where.push(afterKeys(columns, keys, parameters));
  }
  const keys = columns.map((column, i) => `${keyText(column)} as "key_${i}"`).join(', ');
  const text = `select ${definition.select}, ${keys} from ${definition.from} where ${where.join(' and ')} order by ${orderBy(columns)} limit ${request.limit + 1}`;
  return {
    text,
    values: parameters.values,
    ...(counted ? { count: counted } : {}),
    page: (rows) => cut(rows, request.limit, columns.length, binding),
  };
}

function orderColumns(definition: ListDefinition, sort: string | undefined): KeyColumn[] {
  const named = parseSort(sort, Object.keys(definition.sort)).map(({ field, descending }) => {
    const column = definition.sort[field];
    if (!column) throw new Error('parseSort lets only known fields through');
    return { ...column, descending };
  });
  return [...named, { descending: false, always: true, ...definition.key }];
}

function cut<R extends Record<string, unknown>>(rows: R[], limit: number, keyCount: number, binding: string) {
  if (rows.length <= limit) return { rows };
  const kept = rows.slice(0, limit);
  const last = kept.at(-1) ?? {};
  const keys: Keys = Array.from(
    { length: keyCount },
    (_, i) => (last as Record<string, string | null>)[`key_${i}`] ?? null,
  );
  return { rows: kept, nextCursor: writeCursor(binding, keys) };
}
