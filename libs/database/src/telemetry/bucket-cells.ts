import type { AggregateFunction, Json } from '@tributary/contracts';
import type { Queryable } from '../transaction.ts';
import { jsonValue, milliseconds } from './value-columns.ts';

/** What is to be known of the points of a bucket; the rest is not computed. */
export interface Wanted {
  functions: ReadonlySet<AggregateFunction>;
  /** `last` even if no function asks for it. */
  last: boolean;
  /** First and last number with their times. */
  numbers: boolean;
}

/** The points of one series in one bucket. What was not wanted is absent. */
export interface Cell {
  count: number;
  avg?: number | null;
  min?: number | null;
  max?: number | null;
  sum?: number | null;
  first?: Json;
  last?: Json;
  firstNumber?: number | null;
  firstNumberMs?: number | null;
  lastNumber?: number | null;
  lastNumberMs?: number | null;
  /** Number at the very begin of the bucket. */
  atBegin?: number | null;
  /** What the steps after the begin add to a counter. */
  rise?: number | null;
  /** What the step to the number at the very begin adds: it belongs to the bucket before. */
  riseAtBegin?: number | null;
}

export interface CellsQuery {
  seriesIds: readonly number[];
  /** Of each series the last number at or before the first edge. */
  levels: readonly (number | null)[];
  /** n + 1 edges of n buckets, milliseconds, ascending. */
  edges: readonly number[];
  wanted: Wanted;
}

/**
 * By place of the series, then by place of the bucket; holes where there are no points. For `delta` and `increase` a
 * number at the last edge is told as the begin of one bucket more. One statement for all series: each is read by
 * itself, in order of time, so that the memory of the database depends on one series and not on how many were asked for.
 */
export async function readCells(db: Queryable, { seriesIds, levels, edges, wanted }: CellsQuery): Promise<Cell[][]> {
  const times = edges.map((edge) => new Date(edge));
  const { rows } = await db.query<Cell & { place: number; bucket: number }>(statement(wanted), [
    seriesIds,
    levels,
    times,
    times[0],
    times.at(-1),
  ]);
  const cells: Cell[][] = seriesIds.map(() => []);
  for (const { place, bucket, ...cell } of rows) (cells[place] as Cell[])[bucket] = cell;
  return cells;
}

/** Does it depend on the number at the end of the bucket? */
export const isAmount = ({ functions }: Wanted): boolean => functions.has('delta') || functions.has('increase');

function statement(wanted: Wanted): string {
  const { grouped, told } = columns(wanted);
  return `
    select s.place::int - 1 as place, b.n - 1 as bucket, ${told.join(', ')}
    from unnest($1::int[], $2::float8[]) with ordinality as s(id, level, place)
    cross join lateral (select n, ${grouped.join(', ')} from (${points(wanted)}) p group by n) b`;
}

/** The points of a series, each with its bucket and with what it adds to a counter. */
function points(wanted: Wanted): string {
  const inRange = `p.series_id = s.id and p.ts >= $4 and p.ts ${isAmount(wanted) ? '<=' : '<'} $5`;
  const bucket = 'width_bucket(p.ts, $3::timestamptz[]) as n';
  if (!wanted.functions.has('increase')) return `select p.ts, p.number, ${bucket} from point p where ${inRange}`;
  // Numbers follow numbers: what is none stands in a window of its own.
  return `
    select ts, number, n, case when number >= before then number - before when number < before then greatest(number, 0) end as step
    from (
      select p.ts, p.number, ${bucket},
        coalesce(lag(p.number) over (partition by p.number is null order by p.ts), s.level) as before
      from point p where ${inRange}
    ) p`;
}

interface Columns {
  /** Of one pass over the points. */
  grouped: string[];
  /** Of the result, by the names of `Cell`. */
  told: string[];
}

const OF_NUMBERS = { avg: 'avg(number)', min: 'min(number)', max: 'max(number)', sum: 'sum(number)' };
const AT_BEGIN = 'p.ts = ($3::timestamptz[])[n]';

function columns(wanted: Wanted): Columns {
  const { functions, last, numbers } = wanted;
  const result: Columns = { grouped: ['count(*)::int as count'], told: ['b.count'] };
  const add = (name: string, grouped: string, told = `b."${name}"`) => {
    result.grouped.push(`${grouped} as "${name}"`);
    result.told.push(`${told} as "${name}"`);
  };
  for (const [name, sql] of Object.entries(OF_NUMBERS)) {
    if (functions.has(name as keyof typeof OF_NUMBERS)) add(name, sql);
  }
  if (functions.has('first')) add('first', 'min(ts)', looked('first', jsonValue('v')));
  if (functions.has('last') || last) add('last', 'max(ts)', looked('last', jsonValue('v')));
  if (numbers || isAmount(wanted)) addNumbers(add);
  if (isAmount(wanted)) add('atBegin', `max(number) filter (where ${AT_BEGIN})`);
  if (functions.has('increase')) {
    add('rise', `sum(step) filter (where not ${AT_BEGIN})`);
    add('riseAtBegin', `sum(step) filter (where ${AT_BEGIN})`);
  }
  return result;
}

function addNumbers(add: (name: string, grouped: string, told: string) => void): void {
  for (const [side, pick] of [
    ['first', 'min'],
    ['last', 'max'],
  ] as const) {
    const ts = `${pick}(ts) filter (where number is not null)`;
    add(`${side}Number`, ts, looked(`${side}Number`, 'v.number'));
    add(`${side}NumberMs`, ts, milliseconds(`b."${side}NumberMs"`));
  }
}

/** The value at a time that the pass over the points has found; by the primary key. */
const looked = (ts: string, value: string): string =>
  `(select ${value} from point v where v.series_id = s.id and v.ts = b."${ts}" and v.ts between $4 and $5)`;
