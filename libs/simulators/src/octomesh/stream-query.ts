import { compileFilter, type FilterTree, type Readable } from './filter.ts';
import { comparator, type SortKey } from './ordering.ts';
import type { Sliceable } from './paging.ts';
import type { Row } from './stream-rows.ts';
import type { StreamTable } from './stream-table.ts';

export interface StreamQuery {
  filter?: FilterTree | null;
  orderBy: readonly SortKey[];
}

/** Answers from the order in which rows lie wherever it can, and looks at every row only where it must. */
export function queryStream(table: StreamTable, query: StreamQuery, readable: Readable<Row>): Sliceable<Row> {
  const filter = query.filter ?? {};
  const holds = compileFilter(filter, readable);
  const bounds = boundsOf(filter);
  const [first, ...rest] = query.orderBy;
  const byTime = !first || (first.attribute === 'timestamp' && rest.length === 0);
  const range = { from: bounds.from, to: bounds.to, descending: byTime && (first?.descending ?? false) };
  const rows = table.select(bounds.rtIds ? { ...range, rtIds: bounds.rtIds } : range);
  if (byTime && bounds.complete) return rows;
  const found = everyRow(rows, holds);
  return byTime ? found : found.sort(comparator(query.orderBy, readable));
}

const PORTION = 10_000;

/** Rows are made a portion at a time: there may be millions of them. */
function everyRow(rows: Sliceable<Row>, holds: (row: Row) => boolean): Row[] {
  const found: Row[] = [];
  for (let at = 0; at < rows.length; at += PORTION) found.push(...rows.slice(at, at + PORTION).filter(holds));
  return found;
}

interface Bounds {
  from: number;
  to: number;
  rtIds: ReadonlySet<string> | undefined;
  /** Whether the bounds say all that the filter says. */
  complete: boolean;
}

/** What a filter demands of time and entity, whatever else it demands. */
function boundsOf(filter: FilterTree): Bounds {
  const bounds: Bounds = {
    from: Number.NEGATIVE_INFINITY,
    to: Number.POSITIVE_INFINITY,
    rtIds: undefined,
    complete: true,
  };
  for (const [key, value] of Object.entries(filter)) {
    if (value === null || value === undefined) continue;
    if (key === 'AND') for (const part of value as FilterTree[]) narrow(bounds, boundsOf(part));
    else if (key === 'timestamp') narrowTime(bounds, value as Record<string, unknown>);
    else if (key === 'rtId') narrowIds(bounds, value as Record<string, unknown>);
    else bounds.complete = false;
  }
  return bounds;
}

function narrow(bounds: Bounds, by: Bounds): void {
  bounds.from = Math.max(bounds.from, by.from);
  bounds.to = Math.min(bounds.to, by.to);
  bounds.complete &&= by.complete;
  if (by.rtIds) keepIds(bounds, [...by.rtIds]);
}

function narrowTime(bounds: Bounds, operators: Record<string, unknown>): void {
  for (const [operator, operand] of Object.entries(operators)) {
    const at = Date.parse(String(operand));
    if (operator === 'gte' || operator === 'eq') bounds.from = Math.max(bounds.from, at);
    if (operator === 'gt') bounds.from = Math.max(bounds.from, at + 1);
    if (operator === 'lte' || operator === 'eq') bounds.to = Math.min(bounds.to, at + 1);
    if (operator === 'lt') bounds.to = Math.min(bounds.to, at);
    if (operator === 'neq' || operator === 'in') bounds.complete = false;
  }
}

function narrowIds(bounds: Bounds, operators: Record<string, unknown>): void {
  for (const [operator, operand] of Object.entries(operators)) {
    if (operator === 'eq') keepIds(bounds, [String(operand)]);
    else if (operator === 'in') keepIds(bounds, operand as string[]);
    else bounds.complete = false;
  }
}

function keepIds(bounds: Bounds, ids: readonly string[]): void {
  bounds.rtIds = new Set(ids.filter((id) => !bounds.rtIds || bounds.rtIds.has(id)));
}
