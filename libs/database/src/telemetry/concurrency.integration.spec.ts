import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deviceId } from '@tributary/contracts';
import { systemClock } from '@tributary/runtime';
import { type ScratchDatabase, scratchDatabase } from '../testing/scratch-database.ts';
import type { PointGroup } from './batch.ts';
import { TelemetryStore } from './telemetry-store.ts';

const NOW = systemClock.now();
const DEVICES = 40;
const POINTS = 10;
let db: ScratchDatabase;
let connectionId: string;

beforeAll(async () => {
  db = await scratchDatabase();
  connectionId = await db.addConnection();
});
afterAll(() => db.drop());

/** The same identities for every writer; each its own rev and value. */
const groups = (rev: number): PointGroup[] =>
  Array.from({ length: DEVICES }, (_, d) => ({
    workspace: 'default',
    platform: 'acme',
    connectionId,
    deviceId: deviceId(connectionId, `d${d}`),
    nativeId: `d${d}`,
    rev: String(rev),
    points: Array.from({ length: POINTS }, (_, p) => [`s${p % 3}`, NOW + p, rev] as const),
  }));

describe('committers of the same rows', () => {
  it('never deadlock, from unknown devices on, and agree in the end', async () => {
    const stores = Array.from({ length: 4 }, () => new TelemetryStore(db, { clock: systemClock }));
    const before = await deadlocks();
    for (let round = 0; round < 6; round++) {
      await Promise.all(
        stores.map((store, n) => {
          const list = groups(round * 4 + n + 1);
          return store.commit({ groups: n % 2 ? list.toReversed() : list });
        }),
      );
    }
    expect((await deadlocks()) - before).toBe(0);
    const { rows } = await db.pool.query(
      'select count(*)::int as n, min(number) as least, max(rev)::int as rev from point',
    );
    expect(rows).toEqual([{ n: DEVICES * POINTS, least: 24, rev: 24 }]);
    const revisions = await db.pool.query('select count(*)::int as n from point_revision');
    expect(revisions.rows).toEqual([{ n: DEVICES * POINTS * 23 }]);
    const latest = await db.pool.query('select distinct number from series_latest');
    expect(latest.rows).toEqual([{ number: 24 }]);
  }, 60_000);

  it('numbers each series once', async () => {
    const { rows } = await db.pool.query('select count(*)::int as n, max(id) as greatest from series');
    expect(rows[0].n).toBe(DEVICES * 3);
  });
});

async function deadlocks(): Promise<number> {
  await db.pool.query('select pg_stat_clear_snapshot()');
  const { rows } = await db.pool.query(
    'select deadlocks::int as n from pg_stat_database where datname = current_database()',
  );
  return rows[0].n;
}
