import type pg from 'pg';
import { encodeCopy, POINT_COLUMNS } from './copy-encoding.ts';
import { sendCopy } from './copy-path.ts';
import { upsertLatestFromIncoming } from './latest.ts';
import { CORRECTED, DUPLICATE, INSERTED, type PointRows, SUPERSEDED } from './point-rows.ts';

/** Empty at each commit. Nested loops: the planner knows nothing of this table, and a partition may have millions of rows. */
const PREPARE = `
  create temp table if not exists incoming (
    ts timestamptz not null, rev bigint not null, number float8, series_id int not null, boolean boolean, text text,
    json jsonb, wave int not null, place int not null
  ) on commit delete rows;
  set local enable_hashjoin = off;
  set local enable_mergejoin = off`;

const INSERT_NEW = `
  insert into point (${POINT_COLUMNS})
  select ${POINT_COLUMNS} from incoming where wave = 0 order by series_id, ts
  on conflict (series_id, ts) do nothing`;

/** Which rows of the first wave were inserted: those that this very transaction has written. Before anything is changed. */
const FIND_NEW = `
  select array_agg(i.place) as places from incoming i
  join point p on p.series_id = i.series_id and p.ts = i.ts and p.ts between $1 and $2
  where i.wave = 0 and p.xmin = pg_current_xact_id()::xid`;

const VALUE = (of: string) => `(${of}.number, ${of}.boolean, ${of}.text, ${of}.json)`;
const FACT = (of: string) => `${of}.rev, ${of}.number, ${of}.boolean, ${of}.text, ${of}.json`;
const SAME_POINT = 'p.series_id = i.series_id and p.ts = i.ts and p.ts between $1 and $2';

/**
 * Locks what may change, in order. A row with the same value and no lesser rev already says all that the incoming one
 * says, and can only come to say more.
 */
const LOCK_CHANGING = `
  select 1 from incoming i join point p on ${SAME_POINT}
  where i.rev > p.rev or ${VALUE('i')} is distinct from ${VALUE('p')}
  order by p.series_id, p.ts
  for update of p`;

/** With several waves, a row may come to change only in a later one: all are locked before the first. */
const LOCK_ALL = `
  select 1 from (select distinct series_id, ts from incoming) i join point p on ${SAME_POINT}
  order by p.series_id, p.ts
  for update of p`;

/**
 * One statement for all that one wave changes. It comes after the locks, not with them: a statement sees the revisions
 * that were there when it began, and another writer's may have come while it waited.
 */
const SETTLE = `
  with judged as materialized (
    select i.series_id, i.ts, i.place,
      i.rev, i.number, i.boolean, i.text, i.json,
      p.rev as old_rev, p.number as old_number, p.boolean as old_boolean, p.text as old_text, p.json as old_json,
      ${VALUE('i')} is not distinct from ${VALUE('p')} as same,
      point_wins(${FACT('i')}, ${FACT('p')}) as wins
    from incoming i join point p on ${SAME_POINT}
    where i.wave = $3
  ), updated as (
    update point p
    set rev = i.rev, number = i.number, boolean = i.boolean, text = i.text, json = i.json
    from judged i where i.wins and ${SAME_POINT}
  ), freed as (
    delete from point_revision r using judged i
    where i.wins and not i.same and r.series_id = i.series_id and r.ts = i.ts
      and r.value_key = point_value_key(i.number, i.boolean, i.text, i.json)
  ), losing as (
    select ts, old_rev as rev, old_number as number, series_id, old_boolean as boolean, old_text as text, old_json as json
    from judged where wins and not same
    union all
    select ts, rev, number, series_id, boolean, text, json from judged where not wins and not same
  ), kept as (
    insert into point_revision as r (${POINT_COLUMNS}, value_key)
    select ${POINT_COLUMNS}, point_value_key(number, boolean, text, json) from losing
    on conflict (series_id, ts, value_key) do update set rev = excluded.rev where excluded.rev > r.rev
  )
  select
    coalesce(array_agg(place) filter (where wins and not same), '{}') as corrected,
    coalesce(array_agg(place) filter (where not wins and not same), '{}') as superseded
  from judged`;

/**
 * Merges rows of which some may be stored already. Afterwards `point` holds the fact that wins of each identity and
 * `point_revision` every other value that was ever given, in whatever order the facts came, and `rows` say what became of
 * them.
 */
export async function mergeRows(client: pg.PoolClient, rows: PointRows): Promise<void> {
  await client.query(PREPARE);
  await sendCopy(
    client,
    `copy incoming (${POINT_COLUMNS}, wave, place) from stdin with (format binary)`,
    encodeCopy(rows, true),
  );
  const range = timeRange(rows);
  const inserted = (await client.query(INSERT_NEW)).rowCount ?? 0;
  await noteInserted(client, rows, range, inserted);
  if (inserted < rows.order.length) {
    const locked = await client.query(rows.waves > 1 ? LOCK_ALL : LOCK_CHANGING, range);
    if (locked.rowCount !== 0) await settle(client, rows, range);
  }
  await upsertLatestFromIncoming(client, range);
}

/** Asks which rows were inserted only where some were and some were not. */
async function noteInserted(
  client: pg.PoolClient,
  rows: PointRows,
  range: [string, string],
  inserted: number,
): Promise<void> {
  let heads = 0;
  for (const row of rows.order) {
    if (rows.wave[row] === 0) heads += 1;
    rows.outcome[row] = inserted > 0 && rows.wave[row] === 0 ? INSERTED : DUPLICATE;
  }
  if (inserted === 0 || inserted === heads) return;
  for (const row of rows.order) rows.outcome[row] = DUPLICATE;
  const found = await client.query<{ places: number[] }>(FIND_NEW, range);
  note(rows, found.rows[0]?.places ?? [], INSERTED);
}

/** What was inserted meets itself in the first wave, and is the same. */
async function settle(client: pg.PoolClient, rows: PointRows, range: [string, string]): Promise<void> {
  for (let wave = 0; wave < rows.waves; wave++) {
    const judged = await client.query<{ corrected: number[]; superseded: number[] }>(SETTLE, [...range, wave]);
    for (const { corrected, superseded } of judged.rows) {
      note(rows, corrected, CORRECTED);
      note(rows, superseded, SUPERSEDED);
    }
  }
}

function note(rows: PointRows, places: readonly number[], outcome: number): void {
  for (const place of places) rows.outcome[rows.order[place] as number] = outcome;
}

/** First and last time, so that the planner leaves out the partitions in which nothing can be. */
function timeRange(rows: PointRows): [string, string] {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const row of rows.order) {
    const ts = rows.tsUs[row] as number;
    if (ts < first) first = ts;
    if (ts > last) last = ts;
  }
  // Whole milliseconds around: a Date carries no fraction.
  return [new Date(Math.floor(first / 1000)).toISOString(), new Date(Math.ceil(last / 1000)).toISOString()];
}
