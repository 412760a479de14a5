import type { Database } from '../database.ts';
import { inTransaction, type Queryable } from '../transaction.ts';
import { compacted, leftOut, paint, scopeOf } from './paint.ts';
import { readRows, type SpanColumns, spacesAround } from './span-rows.ts';
import type { SpanRow, SpanStatement } from './statement.ts';

/** Whoever states something of a connection waits for whoever is at it. */
const LOCK_CLASS = 7_214_010;
/** A reason is for people, and short. */
const LONGEST_REASON = 300;

interface Clocks {
  nowMs: number;
  horizonMs: number;
}

/** Writes what sources state of stretches of time. Rows stay few: a source that goes on makes its row longer. */
export class CoverageBook {
  readonly #db: Pick<Database, 'pool'>;

  constructor(db: Pick<Database, 'pool'>) {
    this.#db = db;
  }

  /**
   * Call in a transaction that has made sure that the connection is still the caller's, once everything that the
   * statements speak of is confirmed by the bus. They hold in the order given: see `worth` and `SpanStatement`. Those of
   * no length, and those of a connection that is gone, say nothing.
   */
  async write(client: Queryable, connectionId: string, statements: readonly SpanStatement[]): Promise<void> {
    const said = statements.map(tidy).filter(isSome);
    if (said.length === 0) return;
    const clocks = await this.#begin(client, connectionId);
    // Nobody has read what is to come, whatever the clock of who says so.
    const list = said.map((one) => ({ ...one, toMs: Math.min(one.toMs, clocks.nowMs) })).filter(isSome);
    if (list.length === 0) return;
    const before = await this.#concerned(client, connectionId, list);
    const spaces = await spacesAround(client, [...before, ...list.map(scopeOf)]);
    const spacesOf = (id: string) => spaces.get(id) ?? NONE;
    let rows: readonly SpanRow[] = before;
    for (const statement of list) {
      const lastMs = statement.onward ? await this.#lastOf(client, connectionId, statement, rows) : undefined;
      for (const hole of leftOut(rows, statement, lastMs, spacesOf))
        rows = paint(rows, { ...statement, ...hole, state: 'missing', reason: 'not read' }, clocks, spacesOf);
      rows = paint(rows, statement, clocks, spacesOf);
    }
    await save(client, connectionId, before, compacted(rows, clocks.horizonMs, spacesOf));
  }

  /** As `write`, in a transaction of its own and for the owner of the connection. False, and nothing said, when it is another's. */
  writeOwned(
    lease: { connectionId: string; epoch: bigint | number },
    statements: readonly SpanStatement[],
  ): Promise<boolean> {
    return inTransaction(this.#db.pool, async (client) => {
      // The share lock keeps a take-over waiting until this is committed.
      const { rowCount } = await client.query(
        'select from connection_lease where connection_id = $1 and epoch = $2 and replica is not null for share',
        [lease.connectionId, String(lease.epoch)],
      );
      if (rowCount !== 1) return false;
      await this.write(client, lease.connectionId, statements);
      return true;
    });
  }

  /**
   * A hole that was gone through for each whom it concerns is no hole any more; what was stated of these meanwhile stays.
   * Call in a transaction that has made sure that the connection is still the caller's. False when there is no such hole.
   */
  async madeUp(client: Queryable, holeId: string): Promise<boolean> {
    const { rowCount } = await client.query(`delete from coverage_span where id = $1 and state = 'missing'`, [holeId]);
    return rowCount === 1;
  }

  /** Nothing is known any more of what lies before: its points are dropped. Returns how many spans went. */
  async forget(before: Date): Promise<number> {
    const { rowCount } = await this.#db.pool.query('delete from coverage_span where to_ts <= $1', [before]);
    await this.#db.pool.query(
      `update coverage_span set from_ts = $1, settled_to = greatest(settled_to, $1),
         waiting_to = greatest(waiting_to, $1)
       where from_ts < $1 and to_ts > $1`,
      [before],
    );
    return rowCount ?? 0;
  }

  async #begin(client: Queryable, connectionId: string): Promise<Clocks> {
    const { rows } = await client.query<Clocks>(
      `select ceil(extract(epoch from now()) * 1000)::float8 as "nowMs",
         floor(extract(epoch from nullif(settled_before, '-infinity')) * 1000)::float8 as "horizonMs",
         pg_advisory_xact_lock($1, hashtext($2))
       from conservation_horizon`,
      [LOCK_CLASS, connectionId],
    );
    const { nowMs, horizonMs } = rows[0] as Clocks;
    return { nowMs, horizonMs: horizonMs ?? Number.NEGATIVE_INFINITY };
  }

  /** What they touch; where a source goes on after a while, also what anybody has said of what lies between. */
  async #concerned(client: Queryable, connectionId: string, list: readonly SpanStatement[]): Promise<SpanRow[]> {
    const fromMs = Math.min(...list.map((statement) => statement.fromMs));
    const near = await this.#touched(client, connectionId, list, fromMs);
    const onward = list.filter((statement) => statement.onward);
    const lasts: (number | undefined)[] = [];
    for (const statement of onward) lasts.push(await this.#lastOf(client, connectionId, statement, near));
    const sinceMs = Math.min(fromMs, ...lasts.map((ms) => ms ?? fromMs));
    return sinceMs < fromMs ? this.#touched(client, connectionId, list, sinceMs) : near;
  }

  /** All rows that the statements may change, or that say more than they do. */
  #touched(
    client: Queryable,
    connectionId: string,
    list: readonly SpanStatement[],
    fromMs: number,
  ): Promise<SpanRow[]> {
    const wide = list.some(({ deviceId }) => deviceId === undefined);
    const devices = wide ? null : list.map(({ deviceId }) => deviceId);
    return readRows(
      client,
      `connection_id = $1 and from_ts <= to_timestamp($3::float8 / 1000) and to_ts >= to_timestamp($2::float8 / 1000)
       and ($4::text[] is null or device_id is null or device_id = any($4))`,
      [connectionId, fromMs, Math.max(...list.map(({ toMs }) => toMs)), devices],
    );
  }

  /** Where the source's last statement of this scope ended; undefined where it has made none. */
  async #lastOf(
    client: Queryable,
    connectionId: string,
    statement: SpanStatement,
    rows: readonly SpanRow[],
  ): Promise<number | undefined> {
    const { deviceId, spaceId, signal } = scopeOf(statement);
    const own = (row: SpanRow) =>
      row.deviceId === deviceId && row.spaceId === spaceId && row.signal === signal && row.source === statement.source;
    // The usual case asks nobody.
    if (rows.some((row) => own(row) && row.toMs >= statement.fromMs)) return undefined;
    const { rows: found } = await client.query<{ ms: number | null }>(
      `select (extract(epoch from max(to_ts)) * 1000)::float8 as ms from coverage_span
       where connection_id = $1 and source = $2 and device_id is not distinct from $3
         and space_id is not distinct from $4 and signal is not distinct from $5`,
      [connectionId, statement.source, deviceId, spaceId, signal],
    );
    return found[0]?.ms ?? undefined;
  }
}

const NONE: ReadonlySet<string> = new Set();
const isSome = ({ fromMs, toMs }: SpanStatement): boolean => fromMs < toMs;

function tidy(statement: SpanStatement): SpanStatement {
  const { reason, fromMs, toMs } = statement;
  // Whole milliseconds that hold no more than was read.
  const stretch = { fromMs: Math.ceil(fromMs), toMs: Math.floor(toMs) };
  return { ...statement, ...stretch, ...(reason === undefined ? {} : { reason: reason.slice(0, LONGEST_REASON) }) };
}

async function save(
  client: Queryable,
  connectionId: string,
  before: readonly SpanRow[],
  after: readonly SpanRow[],
): Promise<void> {
  const untouched = new Set(before);
  const left = new Set(after.map(({ id }) => id));
  const gone = before.flatMap(({ id }) => (left.has(id) ? [] : [id]));
  const changed = after.filter((row) => !untouched.has(row));
  if (gone.length > 0) await client.query('delete from coverage_span where id = any($1::bigint[])', [gone]);
  const stored = changed.filter(({ id }) => id !== undefined);
  if (stored.length > 0) await client.query(UPDATE, [stored.map(({ id }) => id), ...columns(stored)]);
  const fresh = changed.filter(({ id }) => id === undefined);
  if (fresh.length > 0) await client.query(INSERT, [connectionId, ...columns(fresh)]);
}

const FIELDS = {
  from_ms: 'float8',
  to_ms: 'float8',
  run: 'text',
  stated_ms: 'float8',
  settled_ms: 'float8',
  waiting_ms: 'float8',
  waiting_at_ms: 'float8',
  device_id: 'text',
  space_id: 'text',
  signal: 'text',
  state: 'text',
  source: 'text',
  reason: 'text',
};
const arrays = (first: number) =>
  Object.values(FIELDS)
    .map((type, at) => `$${first + at}::${type}[]`)
    .join(', ');
const names = Object.keys(FIELDS).join(', ');
const time = (name: string) => `to_timestamp(i.${name} / 1000)`;

const UPDATE = `
  update coverage_span s set from_ts = ${time('from_ms')}, to_ts = ${time('to_ms')}, run = i.run,
    stated_at = ${time('stated_ms')}, settled_to = ${time('settled_ms')},
    waiting_to = ${time('waiting_ms')}, waiting_at = ${time('waiting_at_ms')}
  from unnest($1::bigint[], ${arrays(2)}) as i(id, ${names})
  where s.id = i.id`;

const INSERT = `
  insert into coverage_span (workspace_id, connection_id, device_id, space_id, signal, from_ts, to_ts, state, source, run,
    reason, stated_at, settled_to, waiting_to, waiting_at)
  select c.workspace_id, c.id, i.device_id, i.space_id, i.signal, ${time('from_ms')}, ${time('to_ms')}, i.state, i.source,
    i.run, i.reason, ${time('stated_ms')}, ${time('settled_ms')}, ${time('waiting_ms')}, ${time('waiting_at_ms')}
  from unnest(${arrays(2)}) as i(${names}) cross join connection c
  where c.id = $1`;

const columns = (rows: readonly SpanRow[]): unknown[][] => {
  const lines = rows.map(
    (row): SpanColumns => ({
      from_ms: row.fromMs,
      to_ms: row.toMs,
      run: row.run,
      stated_ms: row.statedMs,
      settled_ms: row.settledMs,
      waiting_ms: row.waiting?.toMs ?? null,
      waiting_at_ms: row.waiting?.atMs ?? null,
      device_id: row.deviceId,
      space_id: row.spaceId,
      signal: row.signal,
      state: row.state,
      source: row.source,
      reason: row.reason,
    }),
  );
  return (Object.keys(FIELDS) as (keyof SpanColumns)[]).map((name) => lines.map((line) => line[name]));
};
