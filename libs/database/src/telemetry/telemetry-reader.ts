import type { Json } from '@tributary/contracts';
import type { Database } from '../database.ts';
import { Conditions, type PageRequest, type PageResult, toPage } from '../page.ts';
import { inTransaction } from '../transaction.ts';
import { type BucketRow, type BucketsQuery, readBuckets } from './buckets.ts';
import { type DownsampleQuery, downsample, type PlotPoint } from './downsample.ts';
import { jsonValue } from './value-columns.ts';

export interface StoredPoint {
  ts: Date;
  value: Json;
  rev: string;
}

export interface PointsQuery extends PageRequest {
  seriesId: number;
  /** Half-open: [fromMs, toMs). */
  fromMs: number;
  toMs: number;
  descending?: boolean | undefined;
}

/**
 * A page is read from the key on, in its order, and no further. Left to itself the planner, where it believes that a
 * range is small or knows nothing of a young partition, reads all that is left of the range and sorts it: for each page.
 */
const BY_KEY = 'begin read only; set local enable_sort = off; set local jit = off';
/** Rows of one round trip of a stream. */
const STREAM_ROWS = 5_000;

/** Reads points by the number of their series; whose series it is, the caller has found out before. */
export class TelemetryReader {
  readonly #db: Pick<Database, 'pool'>;

  constructor(db: Pick<Database, 'pool'>) {
    this.#db = db;
  }

  /** A cursor is the time of the last point, in microseconds. Throws `RangeError` for another one. */
  async points(query: PointsQuery): Promise<PageResult<StoredPoint>> {
    const { descending = false, after } = query;
    if (after !== undefined && !/^-?\d{1,18}$/.test(after)) throw new RangeError('the cursor is not of this list');
    const where = new Conditions()
      .and('p.series_id = ?', query.seriesId)
      .and('p.ts >= ?', new Date(query.fromMs))
      .and('p.ts < ?', new Date(query.toMs))
      .and(`p.ts ${descending ? '<' : '>'} ?::timestamptz`, after === undefined ? undefined : timestampOf(after));
    const text = `select p.ts, p.rev, ${jsonValue('p')} as value, (extract(epoch from p.ts) * 1000000)::bigint as us
       from point p where ${where.sql} order by p.ts ${descending ? 'desc' : 'asc'} limit ${where.bind(query.limit + 1)}`;
    const { rows } = await inTransaction(
      this.#db.pool,
      (client) => client.query<StoredPoint & { us: string }>(text, where.values),
      BY_KEY,
    );
    return toPage(
      rows,
      query.limit,
      ({ ts, value, rev }) => ({ ts, value, rev }),
      (row) => row.us,
    );
  }

  /**
   * All points of a range in order of time, in constant memory, a page at a time: nothing is held open between pages, so
   * a slow reader harms nobody. Points that come while it runs may be among them.
   */
  async *streamPoints(
    query: Omit<PointsQuery, 'limit' | 'after'>,
    signal?: AbortSignal,
  ): AsyncGenerator<StoredPoint[]> {
    let after: string | undefined;
    do {
      signal?.throwIfAborted();
      const page: PageResult<StoredPoint> = await this.points({ ...query, after, limit: STREAM_ROWS });
      if (page.items.length > 0) yield page.items;
      after = page.next;
    } while (after !== undefined);
  }

  /**
   * Values that were given for points of a range and are not their values now, oldest point and least rev first.
   * `replacedByRev` is the least greater rev at which another value was given.
   */
  async revisions(query: {
    seriesId: number;
    fromMs: number;
    toMs: number;
    limit: number;
  }): Promise<(StoredPoint & { replacedByRev: string })[]> {
    const { rows } = await this.#db.pool.query<StoredPoint & { replacedByRev: string }>(
      `select r.ts, r.rev, ${jsonValue('r')} as value,
         coalesce(lead(r.rev) over (partition by r.ts order by r.rev), p.rev) as "replacedByRev"
       from point_revision r join point p on p.series_id = r.series_id and p.ts = r.ts
       where r.series_id = $1 and r.ts >= $2 and r.ts < $3 and p.ts >= $2 and p.ts < $3
       order by r.ts, r.rev limit $4`,
      [query.seriesId, new Date(query.fromMs), new Date(query.toMs), query.limit],
    );
    return rows;
  }

  /** See `readBuckets`. */
  buckets(query: BucketsQuery, signal?: AbortSignal): AsyncGenerator<BucketRow[]> {
    return readBuckets(this.#db.pool, query, { signal });
  }

  /** See `downsample`. */
  downsample(query: DownsampleQuery): Promise<PlotPoint[]> {
    return downsample(this.#db.pool, query);
  }
}

/** Microseconds since 1970 as a text that Postgres reads exactly: a known time leaves out the partitions before it. */
function timestampOf(microseconds: string): string {
  const us = BigInt(microseconds);
  const below = ((us % 1000n) + 1000n) % 1000n;
  const text = new Date(Number((us - below) / 1000n)).toISOString();
  return text.replace('Z', `${String(below).padStart(3, '0')}Z`);
}
