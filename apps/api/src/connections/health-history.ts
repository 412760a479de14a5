import type { ConnectionChange } from '@tributary/contracts';
import type { FencedDatabase } from '@tributary/database';
import type { ListDefinition, ListRequest } from '../lists/list-query.ts';
import { type ListPage, readList } from '../lists/read-list.ts';

interface ChangeRow extends Record<string, unknown> {
  id: string;
  kind: 'status' | 'breaker';
  at: Date;
  last_at: Date;
  times: number;
  from_state: string | null;
  to_state: string;
  duration_ms: number | null;
  class: ConnectionChange['class'] | null;
  service: ConnectionChange['service'] | null;
  replica: string | null;
  code: string | null;
  failures: number | null;
  reason: string | null;
}

/** Both kinds in one shape. A status lasts until the next one; revs, not times, say which that is. */
const CHANGES = `(
  select 'brk_' || b.id as id, b.connection_id, b.workspace_id, 'breaker' as kind, b.at, b.last_at, b.times,
    b.from_state, b.to_state, null::float8 as duration_ms, b.class, b.service, b.replica, b.code, b.failures,
    null as reason
  from breaker_change b
  union all
  select 'sts_' || s.rev, s.connection_id, s.workspace_id, 'status', s.at, s.at, 1, lag(s.status) over w, s.status,
    greatest(0, floor(extract(epoch from coalesce(lead(s.at) over w, now()) - s.at) * 1000))::float8, null, null, null,
    s.error->>'code', null, s.reason
  from connection_status_change s window w as (partition by s.connection_id, s.workspace_id order by s.rev)) h`;

const healthHistory: ListDefinition = {
  name: 'health-history',
  select: `h.id, h.kind, h.at, h.last_at, h.times, h.from_state, h.to_state, h.duration_ms, h.class, h.service, h.replica,
    h.code, h.failures, h.reason`,
  from: CHANGES,
  filter: {
    kind: { type: 'id', sql: 'h.kind' },
    at: { type: 'instant', sql: 'h.at' },
    from: { type: 'id', sql: 'h.from_state' },
    to: { type: 'id', sql: 'h.to_state' },
    class: { type: 'id', sql: 'h.class' },
    service: { type: 'id', sql: 'h.service' },
    replica: { type: 'id', sql: 'h.replica' },
    code: { type: 'id', sql: 'h.code' },
  },
  sort: { at: { sql: 'h.at', type: 'timestamptz', always: true } },
  key: { sql: 'h.id', type: 'text', descending: true },
};

const NEWEST_FIRST = '-at';

/** What became of a connection and its breakers. */
export const readHealthHistory = (
  db: FencedDatabase,
  of: { workspace: string; connectionId: string },
  request: ListRequest,
): Promise<ListPage<ConnectionChange>> =>
  readList<ChangeRow, ConnectionChange>(db, {
    definition: healthHistory,
    request: { ...request, sort: request.sort ?? NEWEST_FIRST },
    conditions: (parameters) => [
      `h.workspace_id = ${parameters.add(of.workspace, 'text')}`,
      `h.connection_id = ${parameters.add(of.connectionId, 'text')}`,
    ],
    present,
  });

function present(row: ChangeRow): ConnectionChange {
  const repeated = row.times > 1 ? { lastAt: row.last_at.toISOString(), times: row.times } : {};
  return {
    id: row.id,
    kind: row.kind,
    at: row.at.toISOString(),
    ...repeated,
    to: row.to_state,
    ...given({
      from: row.from_state,
      durationMs: row.duration_ms,
      class: row.class,
      service: row.service,
      replica: row.replica,
      code: row.code,
      failures: row.failures,
      reason: row.reason,
    }),
  };
}

/** Without the members that there are not. */
const given = <T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], null | undefined> } =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null && value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], null | undefined>;
  };
