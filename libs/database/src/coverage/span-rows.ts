import type { Queryable } from '../transaction.ts';
import type { Scope, SpanRow, StatedState } from './statement.ts';

/** A row as it crosses the wire; times in milliseconds. */
export interface SpanColumns {
  from_ms: number;
  to_ms: number;
  run: string | null;
  stated_ms: number;
  settled_ms: number;
  waiting_ms: number | null;
  waiting_at_ms: number | null;
  device_id: string | null;
  space_id: string | null;
  signal: string | null;
  state: StatedState;
  source: string;
  reason: string | null;
}

type StoredColumns = SpanColumns & { id: string };

const ms = (column: string, name: string) => `(extract(epoch from ${column}) * 1000)::float8 as ${name}`;

const SELECT = `
  select id::text as id, device_id, space_id, signal, state, source, run, reason, ${ms('from_ts', 'from_ms')},
    ${ms('to_ts', 'to_ms')}, ${ms('stated_at', 'stated_ms')}, ${ms('settled_to', 'settled_ms')},
    ${ms('waiting_to', 'waiting_ms')}, ${ms('waiting_at', 'waiting_at_ms')}
  from coverage_span`;

/** In the order of time. The condition is ours, never a caller's. */
export async function readRows(client: Queryable, where: string, values: readonly unknown[]): Promise<SpanRow[]> {
  const { rows } = await client.query<StoredColumns>(`${SELECT} where ${where} order by from_ts, id`, [...values]);
  return rows.map(toRow);
}

const toRow = (row: StoredColumns): SpanRow => ({
  id: row.id,
  deviceId: row.device_id,
  spaceId: row.space_id,
  signal: row.signal,
  fromMs: row.from_ms,
  toMs: row.to_ms,
  state: row.state,
  source: row.source,
  run: row.run,
  reason: row.reason,
  statedMs: row.stated_ms,
  settledMs: row.settled_ms,
  waiting:
    row.waiting_ms === null || row.waiting_at_ms === null ? null : { toMs: row.waiting_ms, atMs: row.waiting_at_ms },
});

/**
 * In which spaces the devices and spaces named by the scopes lie, innermost first. A device that has no space of its own
 * is where its parent is. Circles end.
 */
export async function spacesAround(
  client: Queryable,
  scopes: readonly Scope[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const spaces = new Set(scopes.flatMap(({ spaceId }) => spaceId ?? []));
  if (spaces.size === 0) return new Map();
  return spacesOf(client, [...new Set([...spaces, ...scopes.flatMap(({ deviceId }) => deviceId ?? [])])]);
}

export async function spacesOf(
  client: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const { rows } = await client.query<{ id: string; space: string }>(
    `with recursive home(id, device, depth) as (
       select d.id, d.id, 0 from device d where d.id = any($1)
       union all
       select h.id, d.parent_id, h.depth + 1 from home h join device d on d.id = h.device
       where d.space_id is null and d.parent_id is not null and h.depth < ${DEEPEST}
     ), around(id, space, depth) as (
       select h.id, d.space_id, h.depth from home h join device d on d.id = h.device where d.space_id is not null
       union all
       select s.id, s.parent_id, 0 from space s where s.id = any($1) and s.parent_id is not null
       union all
       select a.id, s.parent_id, a.depth + 1 from around a join space s on s.id = a.space
       where s.parent_id is not null and a.depth < ${DEEPEST}
     )
     select id, space from around order by id, depth`,
    [ids],
  );
  const found = new Map<string, Set<string>>();
  for (const { id, space } of rows) {
    const list = found.get(id) ?? new Set();
    found.set(id, list.add(space));
  }
  return found;
}

const DEEPEST = 32;
