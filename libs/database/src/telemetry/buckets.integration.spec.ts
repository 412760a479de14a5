import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AggregateFunction, deviceId, type Json } from '@tributary/contracts';
import { ManualClock } from '@tributary/runtime';
import { type ScratchDatabase, scratchDatabase } from '../testing/scratch-database.ts';
import type { BatchPoint } from './batch.ts';
import type { BucketsQuery } from './buckets.ts';
import { TelemetryReader } from './telemetry-reader.ts';
import { TelemetryStore } from './telemetry-store.ts';

const HOUR = 3_600_000;
const QUARTER = 900_000;
const ms = (text: string) => Date.parse(text);
let db: ScratchDatabase;
let reader: TelemetryReader;
let seriesId: number;
let wordsId: number;

/** One value every quarter of an hour, around both changes of the clock in Stockholm in 2026 and around New Year. */
const SPANS = [
  ['2026-03-27T00:00:00Z', '2026-03-31T00:00:00Z'],
  ['2026-10-23T00:00:00Z', '2026-10-27T00:00:00Z'],
] as const;

beforeAll(async () => {
  db = await scratchDatabase();
  reader = new TelemetryReader(db);
  const connectionId = await db.addConnection();
  const store = new TelemetryStore(db, {
    clock: new ManualClock(ms('2026-10-27T00:00:00Z')),
    retentionMs: 1000 * 86_400_000,
  });
  const id = deviceId(connectionId, 'meter');
  const of = (points: BatchPoint[]) => ({
    groups: [
      { workspace: 'default', platform: 'acme', connectionId, deviceId: id, nativeId: 'meter', rev: '1', points },
    ],
  });
  for (const [from, to] of SPANS) {
    const points: BatchPoint[] = [];
    for (let ts = ms(from); ts < ms(to); ts += QUARTER) points.push(['energy', ts, (ts % (24 * HOUR)) / QUARTER]);
    await store.commit(of(points));
  }
  await store.commit(
    of([
      ['mode', ms('2026-03-29T10:00:00Z'), 'auto'],
      ['mode', ms('2026-03-29T11:00:00Z'), 'off'],
    ]),
  );
  const series = await db.pool.query<{ id: number; signal: string }>('select id, signal from series');
  seriesId = series.rows.find((s) => s.signal === 'energy')?.id ?? 0;
  wordsId = series.rows.find((s) => s.signal === 'mode')?.id ?? 0;
});
afterAll(() => db.drop());

const SIMPLE = ['count', 'avg', 'min', 'max', 'sum', 'first', 'last'] as const;
type Bucket = { from: Date; to: Date } & Record<(typeof SIMPLE)[number], Json>;
type Asked = Pick<BucketsQuery, 'fromMs' | 'toMs' | 'every'> & Partial<BucketsQuery> & { seriesId: number };

/** The buckets of one series, each function by its name. */
async function aggregate({ seriesId: id, ...asked }: Asked): Promise<Bucket[]> {
  const functions: readonly AggregateFunction[] = SIMPLE;
  const defaults = { timeZone: 'UTC', fill: 'none', nowMs: ms('2026-10-27T00:00:00Z'), maxBuckets: 20_000 } as const;
  const found: Bucket[] = [];
  for await (const part of reader.buckets({ seriesIds: [id], functions, ...defaults, ...asked })) {
    for (const { fromMs, toMs, values } of part) {
      const named = Object.fromEntries(functions.map((name, i) => [name, values[0]?.[i] ?? null]));
      found.push({ ...(named as Omit<Bucket, 'from' | 'to'>), from: new Date(fromMs), to: new Date(toMs) });
    }
  }
  return found;
}

const days = async (from: string, to: string, every: string, timeZone: string) =>
  (await aggregate({ seriesId, fromMs: ms(from), toMs: ms(to), every, timeZone })).map((bucket) => ({
    from: bucket.from.toISOString(),
    hours: (bucket.to.getTime() - bucket.from.getTime()) / HOUR,
    count: bucket.count,
  }));

describe('buckets of the calendar', () => {
  it('gives the day on which the clock goes forward 23 hours', async () => {
    expect(await days('2026-03-27T23:00:00Z', '2026-03-30T22:00:00Z', 'P1D', 'Europe/Stockholm')).toEqual([
      { from: '2026-03-27T23:00:00.000Z', hours: 24, count: 96 },
      { from: '2026-03-28T23:00:00.000Z', hours: 23, count: 92 },
      { from: '2026-03-29T22:00:00.000Z', hours: 24, count: 96 },
    ]);
  });

  it('gives the day on which the clock goes back 25 hours', async () => {
    expect(await days('2026-10-23T22:00:00Z', '2026-10-26T23:00:00Z', 'P1D', 'Europe/Stockholm')).toEqual([
      { from: '2026-10-23T22:00:00.000Z', hours: 24, count: 96 },
      { from: '2026-10-24T22:00:00.000Z', hours: 25, count: 100 },
      { from: '2026-10-25T23:00:00.000Z', hours: 24, count: 96 },
    ]);
  });

  it('counts real hours through both changes: none is missing, none is double', async () => {
    for (const [from, to, hours] of [
      ['2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z', 23],
      ['2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z', 25],
    ] as const) {
      const buckets = await days(from, to, 'PT1H', 'Europe/Stockholm');
      expect(buckets).toHaveLength(hours);
      expect(buckets.every((bucket) => bucket.hours === 1 && bucket.count === 4)).toBe(true);
      expect(await days(from, to, 'PT15M', 'Europe/Stockholm')).toHaveLength(hours * 4);
    }
  });

  it('lets quarters of a day follow the clock on the wall', async () => {
    const buckets = await days('2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z', 'PT6H', 'Europe/Stockholm');
    expect(buckets.map((bucket) => bucket.hours)).toEqual([5, 6, 6, 6]);
    const autumn = await days('2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z', 'PT6H', 'Europe/Stockholm');
    expect(autumn.map((bucket) => bucket.hours)).toEqual([7, 6, 6, 6]);
  });

  it('gives months their lengths: March an hour less, October an hour more', async () => {
    const buckets = await aggregate({
      seriesId,
      fromMs: ms('2026-02-28T23:00:00Z'),
      toMs: ms('2026-10-31T23:00:00Z'),
      every: 'P1M',
      timeZone: 'Europe/Stockholm',
      fill: 'null',
    });
    const hours = buckets.map((bucket) => (bucket.to.getTime() - bucket.from.getTime()) / HOUR);
    expect(hours).toEqual([31 * 24 - 1, 720, 744, 720, 744, 744, 720, 31 * 24 + 1]);
    expect(buckets.map((bucket) => bucket.count)).toEqual([4 * 96, 0, 0, 0, 0, 0, 0, 4 * 96]);
  });

  it('begins weeks on Monday and years in January', async () => {
    const [week] = await aggregate({
      seriesId,
      fromMs: ms('2026-03-27T00:00:00Z'),
      toMs: ms('2026-03-28T00:00:00Z'),
      every: 'P1W',
      timeZone: 'Europe/Stockholm',
    });
    expect(week?.from.toISOString()).toBe('2026-03-22T23:00:00.000Z');
    const [year] = await aggregate({
      seriesId,
      fromMs: ms('2026-03-27T00:00:00Z'),
      toMs: ms('2026-03-28T00:00:00Z'),
      every: 'P1Y',
      timeZone: 'America/New_York',
    });
    expect([year?.from.toISOString(), year?.to.toISOString()]).toEqual([
      '2026-01-01T05:00:00.000Z',
      '2027-01-01T05:00:00.000Z',
    ]);
  });

  it('begins quarters of an hour right where the zone is 45 minutes off', async () => {
    const buckets = await days('2026-03-27T00:00:00Z', '2026-03-27T02:00:00Z', 'PT1H', 'Asia/Kathmandu');
    expect(buckets.map((bucket) => bucket.from)).toEqual([
      '2026-03-26T23:15:00.000Z',
      '2026-03-27T00:15:00.000Z',
      '2026-03-27T01:15:00.000Z',
    ]);
    expect(buckets.map((bucket) => bucket.count)).toEqual([1, 4, 3]);
  });
});

describe('buckets', () => {
  it('computes each function over the points of the bucket', async () => {
    const [bucket] = await aggregate({
      seriesId,
      fromMs: ms('2026-03-27T01:00:00Z'),
      toMs: ms('2026-03-27T02:00:00Z'),
      every: 'PT1H',
    });
    expect(bucket).toMatchObject({ count: 4, avg: 5.5, min: 4, max: 7, sum: 22, first: 4, last: 7 });
  });

  it('counts what is no number, and knows its first and last', async () => {
    const [bucket] = await aggregate({
      seriesId: wordsId,
      fromMs: ms('2026-03-29T00:00:00Z'),
      toMs: ms('2026-03-30T00:00:00Z'),
      every: 'P1D',
    });
    expect(bucket).toMatchObject({ count: 2, avg: null, min: null, max: null, sum: null, first: 'auto', last: 'off' });
  });

  it.each([
    [{ every: 'P1DT1H' }, 'mixture'],
    [{ every: 'PT0S' }, 'not nothing'],
    [{ every: '15m' }, 'ISO 8601'],
    [{ every: 'P' }, 'ISO 8601'],
    [{ every: 'PT0.001S' }, 'buckets'],
    [{ every: 'P1D', timeZone: 'Mars/Olympus' }, 'no IANA time zone'],
    [{ every: 'P1D', timeZone: '+02:00' }, 'time zone'],
    [{ every: 'P1D', toMs: 0 }, 'range is empty'],
    [{ every: 'P2000Y' }, 'a thousand years'],
  ])('refuses %j', async (given, message) => {
    const query = { seriesId, fromMs: ms('2026-03-27T00:00:00Z'), toMs: ms('2026-03-28T00:00:00Z'), ...given };
    await expect(aggregate(query)).rejects.toThrow(RangeError);
    await expect(aggregate(query)).rejects.toThrow(message);
  });
});

describe('points', () => {
  const range = { fromMs: ms('2026-03-27T00:00:00Z'), toMs: ms('2026-03-31T00:00:00Z') };

  it('pages through a range in both directions, each point once', async () => {
    const all = (await reader.points({ seriesId, ...range, limit: 1000 })).items.map((p) => p.ts.getTime());
    expect(all).toHaveLength(4 * 96);
    for (const descending of [false, true]) {
      const seen: number[] = [];
      let after: string | undefined;
      do {
        const page = await reader.points({ seriesId, ...range, descending, limit: 37, after });
        seen.push(...page.items.map((p) => p.ts.getTime()));
        after = page.next;
      } while (after !== undefined);
      expect(seen).toEqual(descending ? all.toReversed() : all);
    }
    const streamed: number[] = [];
    for await (const part of reader.streamPoints({ seriesId, ...range }))
      streamed.push(...part.map((p) => p.ts.getTime()));
    expect(streamed).toEqual(all);
  });

  it('thins a line without losing its peaks', async () => {
    const all = (await reader.points({ seriesId, ...range, limit: 1000 })).items.map((p) => Number(p.value));
    const thin = await reader.downsample({ seriesId, ...range, maxPoints: 40 });
    expect(thin.length).toBeLessThanOrEqual(40);
    expect(Math.max(...thin.map((p) => p.value))).toBe(Math.max(...all));
    expect(Math.min(...thin.map((p) => p.value))).toBe(Math.min(...all));
    expect(thin.map((p) => p.tsMs)).toEqual(thin.map((p) => p.tsMs).toSorted((a, b) => a - b));
  });

  it('refuses a cursor that is not its own', async () => {
    await expect(reader.points({ seriesId, ...range, limit: 1, after: 'x' })).rejects.toThrow(RangeError);
  });
});
