import type { AggregateFunction, Fill, Json } from '@tributary/contracts';

/** A value given for a time of a series. */
export interface Given {
  tsMs: number;
  rev: number;
  value: Json;
}

export interface ReferenceQuery {
  fromMs: number;
  toMs: number;
  /** One of `WIDTHS`. */
  every: string;
  timeZone: string;
  functions: readonly AggregateFunction[];
  fill: Fill;
  nowMs: number;
}

interface Point {
  tsMs: number;
  value: Json;
}
interface NumberPoint {
  tsMs: number;
  value: number;
}
interface Span {
  fromMs: number;
  toMs: number;
}

const QUARTER_MS = 900_000;
const HOUR_MS = 4 * QUARTER_MS;
const DAY_MS = 24 * HOUR_MS;

/** What tells one bucket of the calendar from the next, as people read it off the clock on the wall. */
const BY_CALENDAR: Record<string, (local: Local) => string> = {
  P1M: ({ year, month }) => `${year}-${month}`,
  P1W: ({ days }) => `${Math.floor((days - MONDAY) / 7)}`,
  P2D: ({ days }) => `${Math.floor((days - MONDAY) / 2)}`,
  P1D: ({ days }) => `${days}`,
  PT6H: ({ days, hour }) => `${days} ${Math.floor(hour / 6)}`,
  PT2H: ({ days, hour }) => `${days} ${Math.floor(hour / 2)}`,
};
const BY_TIME: Record<string, number> = { PT1H: HOUR_MS, PT15M: QUARTER_MS };
export const WIDTHS = [...Object.keys(BY_CALENDAR), ...Object.keys(BY_TIME)];
/** 3 January 2000, in days since 1970. */
const MONDAY = Date.UTC(2000, 0, 3) / DAY_MS;

interface Local {
  year: number;
  month: number;
  /** Days since 1970 of the date on the wall. */
  days: number;
  hour: number;
  minute: number;
}

/** Times that were read off before, by zone: looking at the clock is nearly all that the reference does. */
const seen = new Map<string, { clock: Intl.DateTimeFormat; times: Map<number, Local> }>();

function localOf(ms: number, timeZone: string): Local {
  let { clock, times } = seen.get(timeZone) ?? {};
  if (!clock || !times) {
    const digits = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
    clock = new Intl.DateTimeFormat('en-u-ca-gregory-hc-h23', { ...digits, timeZone });
    times = new Map();
    seen.set(timeZone, { clock, times });
  }
  const local = times.get(ms) ?? readClock(clock, ms);
  times.set(ms, local);
  return local;
}

function readClock(clock: Intl.DateTimeFormat, ms: number): Local {
  const parts = new Map(clock.formatToParts(ms).map(({ type, value }) => [type as string, Number(value)]));
  const of = (name: string) => parts.get(name) ?? Number.NaN;
  const days = Date.UTC(of('year'), of('month') - 1, of('day')) / DAY_MS;
  return { year: of('year'), month: of('month'), days, hour: of('hour'), minute: of('minute') };
}

/** The moment at which that Monday began in the zone. */
function anchorOf(timeZone: string): number {
  for (let ms = Date.UTC(2000, 0, 1); ; ms += QUARTER_MS) {
    const { days, hour, minute } = localOf(ms, timeZone);
    if (days === MONDAY && hour === 0 && minute === 0) return ms;
  }
}

/** Looks at every quarter of an hour: where the label changes, a bucket begins. */
export function referenceBuckets({ fromMs, toMs, every, timeZone }: ReferenceQuery): Span[] {
  const byCalendar = BY_CALENDAR[every];
  const anchor = byCalendar ? 0 : anchorOf(timeZone);
  const label = (ms: number) =>
    byCalendar ? byCalendar(localOf(ms, timeZone)) : `${Math.floor((ms - anchor) / (BY_TIME[every] ?? Number.NaN))}`;
  const first = Math.floor(fromMs / QUARTER_MS) * QUARTER_MS;
  const edges: number[] = [];
  let begin = first;
  while (label(begin - QUARTER_MS) === label(first)) begin -= QUARTER_MS;
  for (let ms = begin; edges.length === 0 || (edges.at(-1) as number) < toMs; ms += QUARTER_MS) {
    if (ms === begin || label(ms) !== label(ms - QUARTER_MS)) edges.push(ms);
  }
  return edges.slice(0, -1).map((edge, i) => ({ fromMs: edge, toMs: edges[i + 1] as number }));
}

/** Straight from the definitions, each value by itself from all points there ever were. */
export function referenceValues(given: readonly Given[], query: ReferenceQuery): Json[][] {
  const points = winners(given);
  return referenceBuckets(query).map((bucket) => {
    const span = { fromMs: Math.max(bucket.fromMs, query.fromMs), toMs: Math.min(bucket.toMs, query.toMs) };
    return query.functions.map((name) => resultOf(name, span, points, query));
  });
}

/** Of each time the value with the greatest rev, in order of time. */
function winners(given: readonly Given[]): Point[] {
  const best = new Map<number, Given>();
  for (const one of given) if (one.rev > (best.get(one.tsMs)?.rev ?? 0)) best.set(one.tsMs, one);
  return [...best.values()].toSorted((a, b) => a.tsMs - b.tsMs);
}

const numbersOf = (points: readonly Point[]): NumberPoint[] =>
  points.filter((point): point is NumberPoint => typeof point.value === 'number');

function resultOf(name: AggregateFunction, span: Span, points: Point[], query: ReferenceQuery): Json {
  const inside = points.filter(({ tsMs }) => tsMs >= span.fromMs && tsMs < span.toMs);
  if (name === 'count') return inside.length;
  const value =
    name === 'delta' || name === 'increase'
      ? amountOf(name, span, numbersOf(points), query.nowMs)
      : simpleOf(name, inside);
  if (value !== null || inside.length > 0) return value;
  return filledOf(name, span, points, query);
}

function simpleOf(name: AggregateFunction, inside: Point[]): Json {
  if (name === 'first') return inside[0]?.value ?? null;
  if (name === 'last') return inside.at(-1)?.value ?? null;
  const values = numbersOf(inside).map(({ value }) => value);
  if (values.length === 0) return null;
  const sum = values.reduce((a, b) => a + b, 0);
  if (name === 'sum') return sum;
  if (name === 'avg') return sum / values.length;
  return name === 'min' ? Math.min(...values) : Math.max(...values);
}

function amountOf(name: 'delta' | 'increase', { fromMs, toMs }: Span, numbers: NumberPoint[], nowMs: number): Json {
  const levelAt = (ms: number) => numbers.findLast(({ tsMs }) => tsMs <= ms)?.value;
  const end = levelAt(toMs);
  if (end === undefined) return null;
  const arrived = numbers.some(({ tsMs }) => tsMs > fromMs && tsMs <= toMs);
  if (!arrived && fromMs > nowMs) return null;
  if (name === 'delta') return end - (levelAt(fromMs) ?? numbers[0]?.value ?? Number.NaN);
  let increase = 0;
  for (const [i, { tsMs, value }] of numbers.entries()) {
    const before = numbers[i - 1]?.value;
    if (before === undefined || tsMs <= fromMs || tsMs > toMs) continue;
    increase += value < before ? Math.max(0, value) : value - before;
  }
  return increase;
}

function filledOf(name: AggregateFunction, { fromMs, toMs }: Span, points: Point[], query: ReferenceQuery): Json {
  if (query.fill === '0') return 0;
  if (name === 'sum' || name === 'delta' || name === 'increase') return null;
  if (query.fill === 'previous' && fromMs <= query.nowMs) {
    const last = points.findLast(({ tsMs }) => tsMs < fromMs)?.value ?? null;
    return name === 'first' || name === 'last' || typeof last === 'number' ? last : null;
  }
  if (query.fill !== 'linear') return null;
  const numbers = numbersOf(points);
  const left = numbers.findLast(({ tsMs }) => tsMs < fromMs);
  const right = numbers.find(({ tsMs }) => tsMs >= toMs);
  if (!left || !right) return null;
  const slope = (right.value - left.value) / (right.tsMs - left.tsMs);
  const at = (ms: number) => left.value + slope * (ms - left.tsMs);
  if (name === 'avg') return at((fromMs + toMs) / 2);
  if (name === 'first') return at(fromMs);
  if (name === 'last') return at(toMs);
  return name === 'min' ? Math.min(at(fromMs), at(toMs)) : Math.max(at(fromMs), at(toMs));
}
