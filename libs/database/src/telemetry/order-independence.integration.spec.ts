import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deviceId } from '@tributary/contracts';
import { ManualClock, systemClock } from '@tributary/runtime';
import fc from 'fast-check';
import { type Fact, line, type State, stateOf } from '../testing/fact-model.ts';
import { type ScratchDatabase, scratchDatabase } from '../testing/scratch-database.ts';
import type { CommitReport, PointGroup } from './batch.ts';
import { TelemetryStore } from './telemetry-store.ts';

const DAY = 86_400_000;
const NOON = Date.UTC(2026, 5, 15, 12);
let db: ScratchDatabase;
let connectionId: string;
let run = 0;

beforeAll(async () => {
  db = await scratchDatabase();
  connectionId = await db.addConnection();
});
afterAll(() => db.drop());

/** Few devices, signals, times, revs and values: so that facts meet. Two days, and values of each type. */
const anyFact = fc.record({
  device: fc.constantFrom('d1', 'd2'),
  signal: fc.constantFrom('a', 'b'),
  tsMs: fc.constantFrom(NOON, NOON + 1, NOON - DAY, NOON - DAY + 1),
  rev: fc.integer({ min: 1, max: 6 }),
  value: fc.constantFrom(1, 2, 0, true, false, 'x', 'ä', ''),
});
/** Mostly of one identity and two values: so that values come, go and come back. */
const meetingFact = fc.record({
  device: fc.constant('d1'),
  signal: fc.constant('a'),
  tsMs: fc.constant(NOON),
  rev: fc.integer({ min: 1, max: 9 }),
  value: fc.constantFrom(1, 'x'),
});
const fact = fc.oneof({ weight: 1, arbitrary: anyFact }, { weight: 2, arbitrary: meetingFact });

/** The facts in another order, some of them twice, cut into batches that two writers share. */
const delivery = fc.array(fact, { minLength: 1, maxLength: 24 }).chain((facts) =>
  fc.record({
    facts: fc.constant(facts),
    order: fc.shuffledSubarray(
      [...facts.keys(), ...facts.keys()].map((fact, at) => ({ fact, at })),
      { minLength: facts.length * 2, maxLength: facts.length * 2 },
    ),
    cuts: fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 5 }),
  }),
);

const native = (of: Fact) => `${run} ${of.device}`;

function groupsOf(facts: Fact[]): PointGroup[] {
  return facts.map((f) => ({
    workspace: 'default',
    platform: 'acme',
    connectionId,
    deviceId: deviceId(connectionId, native(f)),
    nativeId: native(f),
    rev: String(f.rev),
    points: [[f.signal, f.tsMs, f.value]],
  }));
}

/** All rows of the devices of this run. */
async function readState(): Promise<State> {
  const read = async (table: string, extra = '') => {
    const { rows } = await db.pool.query(
      `select split_part(d.native_id, ' ', 2) as device, s.signal, (extract(epoch from p.ts) * 1000)::float8 as "tsMs",
         p.rev::int as rev, coalesce(to_jsonb(p.number), to_jsonb(p.boolean), to_jsonb(p.text), p.json) as value ${extra}
       from ${table} p join series s on s.id = p.series_id join device d on d.id = s.device_id
       where d.native_id like $1`,
      [`${run} %`],
    );
    return rows.map((row) => line(row) + (row.first === undefined ? '' : ` since ${row.first}`)).toSorted();
  };
  return {
    point: await read('point'),
    revision: await read('point_revision'),
    latest: await read('series_latest', ', (extract(epoch from p.first_ts) * 1000)::float8 as first'),
  };
}

function cut<T>(items: T[], sizes: number[]): T[][] {
  const parts: T[][] = [];
  for (let at = 0, n = 0; at < items.length; n++) {
    const size = sizes[n % sizes.length] ?? 1;
    parts.push(items.slice(at, at + size));
    at += size;
  }
  return parts;
}

const total = (reports: CommitReport[]) =>
  reports.reduce((sum, r) => sum + r.inserted + r.duplicate + r.corrected + r.superseded + r.refused.length, 0);

describe('any order and any duplication of the same facts', () => {
  const clock = new ManualClock(NOON);

  it('gives the tables that the definition demands, one writer after the other', async () => {
    await fc.assert(
      fc.asyncProperty(delivery, async ({ facts, order, cuts }) => {
        run++;
        const stores = [new TelemetryStore(db, { clock }), new TelemetryStore(db, { clock })];
        const reports: CommitReport[] = [];
        for (const [n, part] of cut(order, cuts).entries()) {
          const batch = { groups: groupsOf(part.map(({ fact }) => facts[fact] as Fact)) };
          reports.push(await (stores[n % 2] as TelemetryStore).commit(batch));
        }
        expect(await readState()).toEqual(stateOf(facts));
        expect(total(reports)).toBe(order.length);
        expect(reports.reduce((sum, r) => sum + r.inserted, 0)).toBe(stateOf(facts).point.length);
      }),
      { numRuns: 80 },
    );
  }, 120_000);

  it('gives the same with all batches at once, without a deadlock that gets out', async () => {
    await fc.assert(
      fc.asyncProperty(delivery, async ({ facts, order, cuts }) => {
        run++;
        const stores = Array.from(
          { length: 4 },
          () => new TelemetryStore(db, { clock: systemClock, retentionMs: 10_000 * DAY }),
        );
        const reports = await Promise.all(
          cut(order, cuts).map((part, n) =>
            (stores[n % 4] as TelemetryStore).commit({
              groups: groupsOf(part.map(({ fact }) => facts[fact] as Fact)),
            }),
          ),
        );
        expect(await readState()).toEqual(stateOf(facts));
        expect(total(reports)).toBe(order.length);
      }),
      { numRuns: 40 },
    );
  }, 120_000);
});
