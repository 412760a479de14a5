import type { Json } from '@tributary/contracts';
import type { Queryable } from '../transaction.ts';
import { jsonValue, milliseconds } from './value-columns.ts';

export interface NearestQuery {
  seriesIds: readonly number[];
  atMs: number;
  /** `before`: the last point at or before the time. `after`: the first at or after it. */
  side: 'before' | 'after';
  /** Passes over values that are no numbers. */
  numbersOnly: boolean;
}

export interface NearPoint {
  tsMs: number;
  value: Json;
}

const DAY_MS = 86_400_000;
/**
 * How far each look goes before the next one does. Most series have a point close by, and each look locks every
 * partition that it may touch: a year of them, asked for by a few callers at once, is all the locks that Postgres has.
 */
const REACHES_MS = [2 * DAY_MS, 32 * DAY_MS, Number.POSITIVE_INFINITY];

/** The nearest point of each series that has one, by the number of the series. At most a look for each reach. */
export async function nearestPoints(db: Queryable, query: NearestQuery): Promise<Map<number, NearPoint>> {
  const found = new Map<number, NearPoint>();
  const bounds = await readBounds(db, query);
  let reached = 0;
  for (const reach of REACHES_MS) {
    const missing = [...bounds.keys()].filter((id) => !found.has(id));
    if (missing.length === 0) break;
    const furthest = furthestOf(missing, bounds, query);
    const [near, far] = [atDistance(query, reached), atDistance(query, Math.min(reach, furthest))];
    if (reached <= furthest) await look(db, query, missing, [near, far], found);
    reached = reach;
  }
  return found;
}

type Bounds = Map<number, { firstMs: number; lastMs: number }>;

/** Series that have a point on the side that is looked at, and between which times they have points at all. */
async function readBounds(db: Queryable, { seriesIds, atMs, side }: NearestQuery): Promise<Bounds> {
  const { rows } = await db.query<{ id: number; firstMs: number; lastMs: number }>(
    `select series_id as id, ${milliseconds('first_ts')} as "firstMs", ${milliseconds('ts')} as "lastMs"
     from series_latest where series_id = any($1::int[])`,
    [seriesIds],
  );
  const beside = rows.filter(({ firstMs, lastMs }) => (side === 'before' ? firstMs <= atMs : lastMs >= atMs));
  return new Map(beside.map(({ id, ...bound }) => [id, bound]));
}

/** Distance to the last place where one of these series can have a point. */
function furthestOf(ids: number[], bounds: Bounds, { atMs, side }: NearestQuery): number {
  const distances = ids.map((id) => {
    const { firstMs = atMs, lastMs = atMs } = bounds.get(id) ?? {};
    return side === 'before' ? atMs - firstMs : lastMs - atMs;
  });
  return Math.ceil(Math.max(...distances));
}

const atDistance = ({ atMs, side }: NearestQuery, distance: number): number =>
  side === 'before' ? atMs - distance : atMs + distance;

async function look(
  db: Queryable,
  { side, numbersOnly }: NearestQuery,
  ids: number[],
  reach: [near: number, far: number],
  found: Map<number, NearPoint>,
): Promise<void> {
  const { rows } = await db.query<NearPoint & { id: number }>(
    `select s.id, n."tsMs", n.value from unnest($1::int[]) as s(id) cross join lateral (
       select ${milliseconds('p.ts')} as "tsMs", ${jsonValue('p')} as value from point p
       where p.series_id = s.id and p.ts between $2 and $3 ${numbersOnly ? 'and p.number is not null' : ''}
       order by p.ts ${side === 'before' ? 'desc' : 'asc'} limit 1
     ) n`,
    [ids, new Date(Math.min(...reach)), new Date(Math.max(...reach))],
  );
  for (const { id, tsMs, value } of rows) found.set(id, { tsMs, value });
}
