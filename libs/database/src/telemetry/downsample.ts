import type { Queryable } from '../transaction.ts';

export interface DownsampleQuery {
  seriesId: number;
  /** Half-open: [fromMs, toMs). */
  fromMs: number;
  toMs: number;
  /** At most this many points, at least 4. */
  maxPoints: number;
}

export interface PlotPoint {
  tsMs: number;
  value: number;
}

/**
 * A line for a plot: of each of `maxPoints / 2` equal spans of time the least and the greatest value, where they were.
 * No peak is lost, whatever the reduction. Only numbers; each real points of the series.
 */
export async function downsample(db: Queryable, query: DownsampleQuery): Promise<PlotPoint[]> {
  if (!(query.fromMs < query.toMs)) throw new RangeError('the range is empty: from must be before to');
  if (query.maxPoints < 4) throw new RangeError('a plot has at least 4 points');
  // An array is compared element by element: the least value at its earliest time, without sorting all points.
  const { rows } = await db.query<{ low: [number, number]; high: [number, number] }>(
    `select min(array[p.number, extract(epoch from p.ts)::float8 * 1000]) as low,
       max(array[p.number, -extract(epoch from p.ts)::float8 * 1000]) as high
     from point p
     where p.series_id = $1 and p.ts >= $2 and p.ts < $3 and p.number is not null
     group by width_bucket(extract(epoch from p.ts)::float8 * 1000, $4::float8, $5::float8, $6::int)
     order by min(p.ts)`,
    [
      query.seriesId,
      new Date(query.fromMs),
      new Date(query.toMs),
      query.fromMs,
      query.toMs,
      Math.floor(query.maxPoints / 2),
    ],
  );
  return rows.flatMap(({ low, high }) => {
    const least = { tsMs: low[1], value: low[0] };
    const greatest = { tsMs: -high[1], value: high[0] };
    if (least.tsMs === greatest.tsMs) return [least];
    return least.tsMs < greatest.tsMs ? [least, greatest] : [greatest, least];
  });
}
