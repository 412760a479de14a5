import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aggregateFunctions, deviceId, fills, type Json } from '@tributary/contracts';
import { ManualClock } from '@tributary/runtime';
import fc from 'fast-check';
import {
  type Given,
  type ReferenceQuery,
  referenceBuckets,
  referenceValues,
  WIDTHS,
} from '../testing/bucket-reference.ts';
import { type ScratchDatabase, scratchDatabase } from '../testing/scratch-database.ts';
import { type BucketRow, type BucketsQuery, readBuckets } from './buckets.ts';
import { TelemetryStore } from './telemetry-store.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const QUARTER = HOUR / 4;

/** Zones and the changes of their clocks: at night, by half an hour, over midnight in both directions. */
const CHANGES = [
  ['Europe/Stockholm', '2026-03-29T01:00:00Z'],
  ['Europe/Stockholm', '2026-10-25T01:00:00Z'],
  ['America/New_York', '2026-03-08T07:00:00Z'],
  ['America/New_York', '2026-11-01T06:00:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T15:30:00Z'],
  // Midnight does not exist, and midnight comes twice.
  ['America/Havana', '2026-03-08T05:00:00Z'],
  ['America/Havana', '2026-11-01T05:00:00Z'],
] as const;
/** Days of points around a change; partitions of these are made once. */
const AROUND = 3;

let db: ScratchDatabase;
let store: TelemetryStore;
let connectionId: string;
let devices = 0;

beforeAll(async () => {
  db = await scratchDatabase();
  connectionId = await db.addConnection();
  const clock = new ManualClock(Date.parse('2026-12-01T00:00:00Z'));
  store = new TelemetryStore(db, { clock, retentionMs: 1_000 * DAY });
});
afterAll(() => db.drop());

/** Values that fall often, so that a counter is reset within a bucket, and some that are no numbers. */
const value = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -3, max: 40 }) },
  { weight: 1, arbitrary: fc.constantFrom<Json>('off', true, { a: 1 }) },
);

/** Times hit the edges of buckets often, and miss them by a millisecond. */
const given = (middleMs: number): fc.Arbitrary<Given> =>
  fc
    .record({
      quarter: fc.integer({ min: -AROUND * 96, max: AROUND * 96 }),
      beside: fc.constantFrom(0, 0, 0, 1, -1, 17),
      rev: fc.integer({ min: 1, max: 9 }),
      value,
    })
    .map(({ quarter, beside, ...rest }) => ({ tsMs: middleMs + quarter * QUARTER + beside, ...rest }));

/** One value for one rev: which of two wins then is another test's business. */
const series = (middleMs: number) =>
  fc.uniqueArray(given(middleMs), { minLength: 1, maxLength: 40, selector: ({ tsMs, rev }) => `${tsMs} ${rev}` });

const question = (middleMs: number, timeZone: string): fc.Arbitrary<ReferenceQuery> =>
  fc
    .record({
      from: fc.integer({ min: -AROUND * 96 + 30, max: 20 }),
      quarters: fc.integer({ min: 1, max: 2 * 96 }),
      beside: fc.constantFrom(0, 0, 1),
      every: fc.constantFrom(...WIDTHS),
      fill: fc.constantFrom(...fills),
      now: fc.integer({ min: -AROUND * 96, max: AROUND * 96 }),
    })
    .map(({ from, quarters, beside, every, fill, now }) => ({
      fromMs: middleMs + from * QUARTER + beside,
      toMs: middleMs + (from + quarters) * QUARTER + beside,
      every,
      timeZone,
      functions: aggregateFunctions,
      fill,
      nowMs: middleMs + now * QUARTER,
    }));

/** A change of the clock, what three series were told around it, and what is asked. */
const story = fc.constantFrom(...CHANGES).chain(([timeZone, at]) => {
  const middleMs = Date.parse(at);
  return fc.record({
    told: fc.array(series(middleMs), { minLength: 3, maxLength: 3 }),
    queries: fc.array(question(middleMs, timeZone), { minLength: 4, maxLength: 4 }),
    shuffle: fc.integer(),
    cellsPerStatement: fc.constantFrom(8, 20, 50, 10_000),
  });
});

/** Stores what was told, in an order that has nothing to do with time, in small batches; the numbers of the series. */
async function tell(told: Given[][], shuffle: number): Promise<number[]> {
  devices += 1;
  const nativeId = `meter-${devices}`;
  const id = deviceId(connectionId, nativeId);
  const owner = { workspace: 'default', platform: 'acme', connectionId, deviceId: id, nativeId };
  const groups = told.flatMap((list, place) =>
    list.map(({ tsMs, rev, value: told }) => ({
      ...owner,
      rev: String(rev),
      points: [[`s${place}`, tsMs, told] as const],
    })),
  );
  const shuffled = groups.toSorted((a, b) => scattered(a, shuffle) - scattered(b, shuffle));
  for (let at = 0; at < shuffled.length; at += 50) await store.commit({ groups: shuffled.slice(at, at + 50) });
  const { rows } = await db.pool.query<{ id: number }>('select id from series where device_id = $1 order by signal', [
    id,
  ]);
  return rows.map((row) => row.id);
}

const scattered = (of: unknown, seed: number): number =>
  [...JSON.stringify(of)].reduce((sum, c) => (Math.imul(sum, 31) + (c.codePointAt(0) ?? 0)) | 0, seed);

async function read(query: BucketsQuery, cellsPerStatement: number): Promise<BucketRow[]> {
  const parts: BucketRow[][] = [];
  for await (const part of readBuckets(db.pool, query, { cellsPerStatement })) parts.push(part);
  return parts.flat();
}

/** Six places: a sum in another order, and a line drawn from its other end, differ in the last digits. */
const rounded = (value: Json): Json => (typeof value === 'number' ? Math.round(value * 1e6) / 1e6 + 0 : value);

/** What the reference says; with fill `none` without the buckets in which nothing is. */
function expected(told: Given[][], query: ReferenceQuery): BucketRow[] {
  const columns = told.map((list) => referenceValues(list, query));
  const rows = referenceBuckets(query).map((bucket, i) => ({
    ...bucket,
    values: columns.map((column) => (column[i] ?? []).map(rounded)),
  }));
  if (query.fill !== 'none') return rows;
  const [count, delta, increase] = (['count', 'delta', 'increase'] as const).map((n) => query.functions.indexOf(n));
  const says = (values: Json[]) => [count, delta, increase].some((at) => Boolean(values[at ?? -1]));
  return rows.filter(({ values }) => values.some(says));
}

describe('buckets of many series', () => {
  it('are what the definitions say, around every change of the clock, in whatever order and corrections points came', async () => {
    await fc.assert(
      fc.asyncProperty(story, async ({ told, queries, shuffle, cellsPerStatement }) => {
        const seriesIds = await tell(told, shuffle);
        for (const query of queries) {
          const rows = await read({ ...query, seriesIds, maxBuckets: 1_000 }, cellsPerStatement);
          const found = rows.map((row) => ({ ...row, values: row.values.map((list) => list.map(rounded)) }));
          expect(found).toEqual(expected(told, query));
        }
      }),
      { numRuns: 40 },
    );
  }, 180_000);

  it('add up: amounts of quarters, hours, days and weeks are the amounts of the whole', async () => {
    await fc.assert(
      fc.asyncProperty(story, async ({ told, queries: [query], shuffle, cellsPerStatement }) => {
        if (!query) return;
        const seriesIds = await tell(told, shuffle);
        const functions = ['delta', 'increase'] as const;
        const sums = async (every: string) => {
          const asked = { ...query, every, functions, fill: 'none', seriesIds, maxBuckets: 1_000 } as const;
          const rows = await read(asked, cellsPerStatement);
          return seriesIds.map((_, s) =>
            functions.map((_, f) => rows.reduce((sum, row) => sum + Number(row.values[s]?.[f] ?? 0), 0)),
          );
        };
        const whole = await sums('P10Y');
        for (const every of ['P1M', 'P1D', 'PT6H', 'PT15M']) expect(await sums(every)).toEqual(whole);
      }),
      { numRuns: 15 },
    );
  }, 180_000);
});
