import type pg from 'pg';
import { BinaryWriter } from './binary-writer.ts';
import { BOOLEAN, JSON_VALUE, NUMBER, type PointRows, TEXT } from './point-rows.ts';

const NEWER = `(excluded.ts > l.ts or (excluded.ts = l.ts and point_wins(
  excluded.rev, excluded.number, excluded.boolean, excluded.text, excluded.json, l.rev, l.number, l.boolean, l.text, l.json)))`;

const COLUMNS = ['ts', 'rev', 'number', 'boolean', 'text', 'json', 'observed_at'];

/** An older point may still be the first one; then all else stays as it is. */
const ON_CONFLICT = `
  on conflict (series_id) do update set
    ${COLUMNS.map((column) => `${column} = case when ${NEWER} then excluded.${column} else l.${column} end`).join(',\n    ')},
    first_ts = least(l.first_ts, excluded.first_ts)
  where ${NEWER} or excluded.first_ts < l.first_ts`;

const INSERT = 'insert into series_latest as l (series_id, ts, rev, number, boolean, text, json, first_ts)';

const FROM_ARRAYS = `${INSERT}
  select * from unnest($1::int[], $2::timestamptz[], $3::bigint[], $4::float8[], $5::boolean[], $6::text[], $7::jsonb[],
    $8::timestamptz[])
  ${ON_CONFLICT}`;

/**
 * What the merge left in `point` is the truth at each time. Rows that surely change nothing are not even locked: a
 * redelivered batch writes nothing.
 */
const FROM_INCOMING = `${INSERT}
  select p.series_id, p.ts, p.rev, p.number, p.boolean, p.text, p.json, m.first_ts
  from (select series_id, max(ts) as ts, min(ts) as first_ts from incoming group by series_id) m
  join point p on p.series_id = m.series_id and p.ts = m.ts
  left join series_latest l on l.series_id = m.series_id
  where p.ts between $1 and $2
    and (l.series_id is null or p.ts > l.ts or (p.ts = l.ts and p.rev >= l.rev
      and (p.rev, p.number, p.boolean, p.text, p.json) is distinct from (l.rev, l.number, l.boolean, l.text, l.json))
      or m.first_ts < l.first_ts)
  order by p.series_id
  ${ON_CONFLICT}`;

/** For rows that are all new and come once: the newest row of each series is the last of its run. */
export async function upsertLatestFromRows(client: pg.PoolClient, rows: PointRows): Promise<void> {
  const { first, last } = runs(rows);
  const hasText = last.some((row) => (rows.kind[row] as number) >= TEXT);
  const hasBoolean = last.some((row) => rows.kind[row] === BOOLEAN);
  await client.query({
    name: 'latest-from-arrays',
    text: FROM_ARRAYS,
    values: [
      binaryArray(INT4, last, (w, row) => w.integer(rows.series[row] as number)),
      binaryArray(TIMESTAMPTZ, last, (w, row) => w.timestamp(rows.tsUs[row] as number)),
      binaryArray(INT8, last, (w, row) => w.bigint(rows.rev[row] as bigint)),
      binaryArray(FLOAT8, last, (w, row) =>
        rows.kind[row] === NUMBER ? w.double(rows.number[row] as number) : w.null(),
      ),
      hasBoolean ? last.map((row) => (rows.kind[row] === BOOLEAN ? rows.number[row] === 1 : null)) : null,
      hasText ? last.map((row) => (rows.kind[row] === TEXT ? rows.text[row] : null)) : null,
      hasText ? last.map((row) => (rows.kind[row] === JSON_VALUE ? rows.text[row] : null)) : null,
      binaryArray(TIMESTAMPTZ, first, (w, row) => w.timestamp(rows.tsUs[row] as number)),
    ],
  });
}

/** After a merge of the temporary table `incoming`, whose rows lie between the two times. */
export async function upsertLatestFromIncoming(client: pg.PoolClient, range: [string, string]): Promise<void> {
  await client.query(FROM_INCOMING, range);
}

/** First and last row of each series, in order of the series. */
function runs(rows: PointRows): { first: number[]; last: number[] } {
  const first: number[] = [];
  const last: number[] = [];
  let series = -1;
  for (const row of rows.order) {
    if (rows.series[row] === series) {
      last[last.length - 1] = row;
    } else {
      series = rows.series[row] as number;
      first.push(row);
      last.push(row);
    }
  }
  return { first, last };
}

const INT4 = 23;
const INT8 = 20;
const FLOAT8 = 701;
const TIMESTAMPTZ = 1184;

/** A one-dimensional array in Postgres' binary form; pg sends a Buffer as binary. */
function binaryArray(
  oid: number,
  items: readonly number[],
  write: (writer: BinaryWriter, item: number) => void,
): Buffer {
  const writer = new BinaryWriter(20 + items.length * 12);
  writer.int32(1);
  writer.int32(1);
  writer.int32(oid);
  writer.int32(items.length);
  writer.int32(1);
  for (const item of items) write(writer, item);
  return writer.bytes.subarray(0, writer.at);
}
