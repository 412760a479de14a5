import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '@tributary/runtime';
import fc from 'fast-check';
import { type ScratchDatabase, scratchDatabase } from '../testing/scratch-database.ts';
import { inTransaction } from '../transaction.ts';
import { CONSERVATION } from './account-sql.ts';
import { AdapterBook } from './adapter-book.ts';
import { type BatchEntry, countsOf, type RunMinute } from './batch-account.ts';
import { Conservation } from './conservation.ts';
import { settle, settleParked } from './intake-book.ts';
import { numbersIn, rangesOf } from './number-ranges.ts';

const NUMBERS = 12;
const STORED = 0;
const longAgo = Math.floor((Date.UTC(2026, 0, 1) - 3_600_000) / 60_000) * 60_000;
const keys: RunMinute[] = ['con_a', 'con_b'].flatMap((connectionId) =>
  [0, 1].map((at) => ({ workspace: 'ws', connectionId, run: 'run_1', minuteMs: longAgo + at * 60_000 })),
);

let db: ScratchDatabase;
let account: Conservation;
beforeAll(async () => {
  db = await scratchDatabase();
  account = new Conservation(db);
}, 30_000);
afterAll(() => db.drop());
beforeEach(async () => void (await db.pool.query('truncate conservation_minute')));

/** What a batch says that stored these numbers. */
function entry(key: RunMinute, from: number, to: number): BatchEntry {
  const numbers = rangesOf([[from, to]]);
  const outcomes = () => new Map([...numbersIn(numbers)].map((number) => [number, STORED]));
  return { ...key, numbers, confirmedBelow: 0, counts: countsOf(outcomes().values()), redelivered: 0, outcomes };
}

const adapterKnows = (key: RunMinute) =>
  new AdapterBook(db).record([
    {
      ...key,
      epoch: 1,
      received: NUMBERS,
      unchanged: 0,
      setAside: {},
      unacknowledged: 0,
      numbered: NUMBERS,
      confirmed: rangesOf([[0, NUMBERS]]),
      past: true,
      ended: true,
    },
  ]);

describe('the two books, written by many at once', () => {
  const step = fc.record({
    kind: fc.constantFrom('store' as const, 'store' as const, 'park' as const),
    parts: fc.array(
      fc.record({ key: fc.nat(keys.length - 1), from: fc.nat(NUMBERS - 1), points: fc.integer({ min: 1, max: 5 }) }),
      { minLength: 1, maxLength: keys.length },
    ),
  });

  it('every number is counted once, whoever brings it how often', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { maxLength: 4 }), async (writers) => {
        await db.pool.query('truncate conservation_minute');
        const write = async (steps: (typeof writers)[number]) => {
          for (const { kind, parts } of steps) {
            const one = new Map(
              parts.map(({ key, from, points }) => [key, { from, to: Math.min(from + points, NUMBERS) }]),
            );
            const entries = [...one].map(([at, { from, to }]) => entry(keys[at] as RunMinute, from, to));
            if (kind === 'store') await inTransaction(db.pool, (client) => settle(client, entries));
            else
              for (const { numbers, outcomes, ...key } of entries)
                await settleParked(db.pool, { ...key, numbers, points: outcomes().size });
          }
        };
        await Promise.all([...writers.map(write), ...keys.map(adapterKnows), account.close(), account.close()]);
        await Promise.all(
          keys.map(async (key) => {
            await inTransaction(db.pool, (client) => settle(client, [entry(key, 0, NUMBERS)]));
          }),
        );
        await account.close();
        const { rows } = await db.pool.query(
          `select stored::int, parked::int, received::int, missing::int, in_flight::int, checked from ${CONSERVATION} c`,
        );
        const whole = { stored: NUMBERS, parked: 0, received: NUMBERS, missing: 0, in_flight: 0, checked: true };
        expect(rows).toEqual(keys.map(() => whole));
      }),
      { numRuns: 25 },
    );
  }, 120_000);

  it('rows are locked in one order, however a batch has them', async () => {
    const [first, , , last] = keys as [RunMinute, RunMinute, RunMinute, RunMinute];
    const waiting = async () => {
      const { rowCount } = await db.pool.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return rowCount === 1;
    };
    let other: Promise<void> | undefined;
    await inTransaction(db.pool, async (client) => {
      await settle(client, [entry(first, 0, 1)]);
      other = inTransaction(db.pool, (theirs) => settle(theirs, [entry(last, 0, 1), entry(first, 1, 2)]));
      while (!(await waiting())) await systemClock.sleep(10);
      await settle(client, [entry(last, 1, 2)]);
    });
    await other;
    const { rows } = await db.pool.query('select sum(stored)::int as stored from conservation_minute');
    expect(rows).toEqual([{ stored: 4 }]);
  });

  it('a minute that somebody is writing is not closed, nor waited for', async () => {
    const [key] = keys as [RunMinute];
    await adapterKnows(key);
    await inTransaction(db.pool, (client) => settle(client, [entry(key, 0, NUMBERS)]));
    await inTransaction(db.pool, async (client) => {
      await settle(client, [entry(key, NUMBERS, NUMBERS + 1)]);
      expect(await account.close()).toBe(0);
    });
    expect((await db.pool.query('select checked from conservation_minute')).rows).toEqual([{ checked: false }]);
  });
});
