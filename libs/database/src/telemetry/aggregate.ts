import type { Json } from '@tributary/contracts';
import type { Queryable } from '../transaction.ts';
import { type BucketWidth, checkTimeZone, leastMs, parseBucketWidth } from './bucket-duration.ts';

export interface AggregateQuery {
  seriesId: number;
  /** Half-open: [fromMs, toMs). */
  fromMs: number;
  toMs: number;
  /** ISO 8601 duration. */
  every: string;
  /** IANA name; default UTC. */
  timeZone?: string | undefined;
  /** Buckets without points too; default false. */
  empty?: boolean | undefined;
}

/** Of points within [from, to) of the bucket and of the query. Numbers only, except for count, first and last. */
export interface Aggregate {
  from: Date;
  to: Date;
  count: number;
  avg: number | null;
  min: number | null;
  max: number | null;
  sum: number | null;
  first: Json;
  last: Json;
}

/** More buckets than this are refused: they would be a table, not an answer. */
export const MAX_BUCKETS = 20_000;
const HOUR_MS = 3_600_000;
/** A Monday; buckets of several days and of weeks begin from here. */
const ANCHOR = '2000-01-03 00:00';

/**
 * Aggregates by buckets of a calendar. Days, weeks, months and years begin at midnight of the zone, so a day may have 23
 * or 25 hours. Clock widths that divide the hour count real time; longer ones (PT6H) follow the clock on the wall, so
 * that they begin at the same hours all year. Throws `RangeError` for what cannot be meant.
 */
export async function aggregate(db: Queryable, query: AggregateQuery): Promise<Aggregate[]> {
  const width = parseBucketWidth(query.every);
  const timeZone = query.timeZone ?? 'UTC';
  checkTimeZone(timeZone);
  if (!(query.fromMs < query.toMs)) throw new RangeError('the range is empty: from must be before to');
  if ((query.toMs - query.fromMs) / leastMs(width) > MAX_BUCKETS) {
    throw new RangeError(`the range has more than ${MAX_BUCKETS} buckets; ask for wider ones or a shorter range`);
  }
  const { rows } = await db.query<Aggregate>(statement(width, query.empty ?? false), [
    query.seriesId,
    new Date(query.fromMs),
    new Date(query.toMs),
    timeZone,
    widthValue(width),
  ]);
  return rows;
}

/**
 * The edges come first, then one pass over the points of the range, each of which finds its bucket by binary search.
 * Casts pin the parameters: $4 is the zone, $5 the width.
 */
const statement = (width: BucketWidth, empty: boolean) => `
  with edge as (${edges(width)}),
  bucket as (select at as "from", lead(at) over (order by at) as "to", row_number() over (order by at)::int as n from edge),
  summed as (
    select width_bucket(p.ts, (select array_agg(at order by at) from edge)) as n,
      count(*)::int as count, avg(p.number) as avg, min(p.number) as min, max(p.number) as max, sum(p.number) as sum,
      min(p.ts) as first_ts, max(p.ts) as last_ts
    from point p where p.series_id = $1 and p.ts >= $2 and p.ts < $3
    group by 1
  )
  select b."from", b."to", coalesce(s.count, 0) as count, s.avg, s.min, s.max, s.sum,
    (${valueAt('s.first_ts')}) as first, (${valueAt('s.last_ts')}) as last
  from bucket b ${empty ? 'left join' : 'join'} summed s on s.n = b.n
  where b."to" is not null and b."from" < $3 and b."to" > $2
  order by b.n`;

const valueAt = (ts: string) => `
  select coalesce(to_jsonb(v.number), to_jsonb(v.boolean), to_jsonb(v.text), v.json)
  from point v where v.series_id = $1 and v.ts = ${ts} and v.ts >= $2 and v.ts < $3`;

/** From the last edge at or before the range to the first at or after it. A time that a zone skips falls on the next edge. */
function edges(width: BucketWidth): string {
  if (width.unit === 'month') {
    const month = (of: string) => `(extract(year from ${of}) * 12 + extract(month from ${of}) - 1)::int`;
    const start = `make_timestamp(((${month('lo')} / $5::int) * $5::int) / 12, ((${month('lo')} / $5::int) * $5::int) % 12 + 1, 1, 0, 0, 0)`;
    return localEdges(start, `make_interval(months => $5::int)`);
  }
  if (width.unit === 'day')
    return localEdges(binned(`make_interval(days => $5::int)`), `make_interval(days => $5::int)`);
  const step = `($5::float8 * interval '1 millisecond')`;
  if (followsWall(width.ms)) return localEdges(binned(step), step);
  return `
    select at from generate_series(
      date_bin(${step}, $2::timestamptz, timestamp '${ANCHOR}' at time zone $4::text), $3::timestamptz + ${step}, ${step}) as at`;
}

const localEdges = (start: string, step: string) => `
  select distinct local at time zone $4::text as at
  from (select $2::timestamptz at time zone $4::text as lo, $3::timestamptz at time zone $4::text as hi) as range,
    generate_series(${start}, hi + ${step}, ${step}) as local`;

const binned = (step: string) => `date_bin(${step}, lo, timestamp '${ANCHOR}')`;

/** Widths above the hour that fit the day a whole number of times. */
const followsWall = (ms: number): boolean => ms > HOUR_MS && (24 * HOUR_MS) % ms === 0;

function widthValue(width: BucketWidth): number {
  if (width.unit === 'month') return width.months;
  return width.unit === 'day' ? width.days : width.ms;
}
