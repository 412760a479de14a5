import { type BucketWidth, checkTimeZone, followsWall, mostMs, parseBucketWidth } from '@tributary/contracts';
import { sqlStateOf } from '../database-errors.ts';
import type { Queryable } from '../transaction.ts';
import { milliseconds } from './value-columns.ts';

export interface EdgesQuery {
  /** Half-open: [fromMs, toMs). */
  fromMs: number;
  toMs: number;
  /** ISO 8601 duration. */
  every: string;
  /** IANA name. */
  timeZone: string;
  maxBuckets: number;
}

/** The range has more buckets than the answer may have. */
export class TooManyBucketsError extends RangeError {
  override readonly name = 'TooManyBucketsError';

  constructor(
    /** How many it has; at least so many where they were too many to be counted. */
    readonly asked: number,
    readonly limit: number,
  ) {
    super(`the range has ${asked} buckets or more, and may have ${limit}`);
  }
}

/** A Monday; buckets of several days and of weeks begin from here. */
const ANCHOR = '2000-01-03 00:00';
const INVALID_PARAMETER = '22023';

/**
 * The edges of the buckets that a range touches, milliseconds since 1970, ascending: bucket i is [edge i, edge i+1), the
 * first holds `fromMs`. Days, weeks, months and years begin at midnight of the zone, so a day may have 23 or 25 hours.
 * Clock widths that divide the hour count real time; longer ones (PT6H) follow the clock on the wall. Throws
 * `TooManyBucketsError`, and `RangeError` for what cannot be meant.
 */
export async function bucketEdges(db: Queryable, query: EdgesQuery): Promise<number[]> {
  const { fromMs, toMs, every, timeZone, maxBuckets } = query;
  const width = parseBucketWidth(every);
  checkTimeZone(timeZone);
  if (!(fromMs < toMs)) throw new RangeError('the range is empty: from must be before to');
  const atLeast = Math.floor((toMs - fromMs) / mostMs(width));
  if (atLeast > maxBuckets) throw new TooManyBucketsError(atLeast, maxBuckets);
  const edges = await readEdges(db, width, query);
  const first = edges.findLastIndex((edge) => edge <= fromMs);
  const end = edges.findIndex((edge) => edge >= toMs);
  const touched = edges.slice(first, end + 1);
  if (touched.length - 1 > maxBuckets) throw new TooManyBucketsError(touched.length - 1, maxBuckets);
  return touched;
}

async function readEdges(db: Queryable, width: BucketWidth, query: EdgesQuery): Promise<number[]> {
  const values = [new Date(query.fromMs), new Date(query.toMs), query.timeZone, widthValue(width)];
  try {
    const { rows } = await db.query<{ edges: number[] }>(
      `select array_agg(${milliseconds('at')} order by at) as edges from (${edges(width)}) edge`,
      values,
    );
    return rows[0]?.edges ?? [];
  } catch (error) {
    // The database's list of zones may be older than ours.
    if (sqlStateOf(error) !== INVALID_PARAMETER) throw error;
    throw new RangeError(`"${query.timeZone}" is no time zone that the database knows`, { cause: error });
  }
}

/** From the last edge at or before the range to the first at or after it, and maybe one more. Casts pin the parameters. */
function edges(width: BucketWidth): string {
  if (width.unit === 'month') {
    const month = (of: string) => `(extract(year from ${of}) * 12 + extract(month from ${of}) - 1)::int`;
    const start = `make_timestamp(((${month('lo')} / $4::int) * $4::int) / 12, ((${month('lo')} / $4::int) * $4::int) % 12 + 1, 1, 0, 0, 0)`;
    return localEdges(start, `make_interval(months => $4::int)`);
  }
  if (width.unit === 'day')
    return localEdges(binned(`make_interval(days => $4::int)`), `make_interval(days => $4::int)`);
  const step = `($4::float8 * interval '1 millisecond')`;
  if (followsWall(width.ms)) return localEdges(binned(step), step);
  return `
    select at from generate_series(
      date_bin(${step}, $1::timestamptz, timestamp '${ANCHOR}' at time zone $3::text), $2::timestamptz + ${step}, ${step}) as at`;
}

/**
 * A time that a zone skips falls on the moment of the skip. One that comes twice is meant the first time: where the
 * clock goes from one back to midnight, the day began at the first of both. Postgres takes the second; the offset of
 * the day before gives the first.
 */
const localEdges = (start: string, step: string) => `
  select distinct case when first_at at time zone $3::text = local then least(at, first_at) else at end as at
  from (
    select local, at, (local - ((at - interval '1 day') at time zone $3::text - (at - interval '1 day') at time zone 'UTC'))
      at time zone 'UTC' as first_at
    from (select $1::timestamptz at time zone $3::text as lo, $2::timestamptz at time zone $3::text as hi) as range,
      generate_series(${start}, hi + ${step}, ${step}) as local,
      lateral (select local at time zone $3::text as at) as instant
  ) as candidate`;

const binned = (step: string) => `date_bin(${step}, lo, timestamp '${ANCHOR}')`;

function widthValue(width: BucketWidth): number {
  if (width.unit === 'month') return width.months;
  return width.unit === 'day' ? width.days : width.ms;
}
