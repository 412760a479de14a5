import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deviceId } from '@tributary/contracts';
import { ManualClock, silentLogger } from '@tributary/runtime';
import { ConnectionLeases } from '../connections/connection-leases.ts';
import { Connections } from '../connections/connections.ts';
import type { BatchPoint } from '../telemetry/batch.ts';
import { TelemetryStore } from '../telemetry/telemetry-store.ts';
import { type ScratchDatabase, scratchDatabase } from '../testing/scratch-database.ts';
import { Retention } from './retention.ts';

const DAY = 86_400_000;
const NOON = Date.UTC(2026, 5, 15, 12);
const clock = new ManualClock(NOON);
let db: ScratchDatabase;
let store: TelemetryStore;
let retention: Retention;

beforeAll(async () => {
  db = await scratchDatabase(clock);
  store = new TelemetryStore(db, { clock, retentionMs: 10 * DAY });
  retention = new Retention(db, { store, log: silentLogger });
});
afterAll(() => db.drop());

const commit = (connectionId: string, rev: number, points: BatchPoint[]) =>
  store.commit({
    groups: [
      {
        workspace: 'default',
        platform: 'acme',
        connectionId,
        deviceId: deviceId(connectionId, 'd'),
        nativeId: 'd',
        rev: String(rev),
        points,
      },
    ],
  });

const partitions = async () => {
  const { rows } = await db.pool.query<{ t: string }>(
    `select inhrelid::regclass::text as t from pg_inherits where inhparent = 'point'::regclass order by 1`,
  );
  return rows.map((row) => row.t);
};
const count = async (table: string) => (await db.pool.query(`select 1 from ${table}`)).rowCount;

describe('Retention', () => {
  it('drops whole days that are older, with their revisions, and keeps the newest value', async () => {
    const connectionId = await db.addConnection();
    await commit(connectionId, 1, [
      ['a', NOON - 9 * DAY, 1],
      ['b', NOON, 1],
      ['b', NOON - 9 * DAY, 1],
    ]);
    await commit(connectionId, 2, [['a', NOON - 9 * DAY, 2]]);
    expect(await count('point_revision')).toBe(1);
    await clock.advance(2 * DAY);
    const deleted = await retention.run(clock.now());
    expect(deleted?.['days of points']).toBe(1);
    expect(await partitions()).toEqual(expect.arrayContaining(['point_20260624']));
    expect(await partitions()).not.toContain('point_20260606');
    expect([await count('point'), await count('point_revision'), await count('series_latest')]).toEqual([1, 0, 2]);
    const late = await commit(connectionId, 3, [['a', NOON - 9 * DAY, 3]]);
    expect(late.refused).toEqual([{ group: 0, point: 0, reason: 'expired' }]);
  });

  it('finishes what a crash left half done', async () => {
    await db.pool.query('create table point_20200101 (like point including all)');
    expect((await retention.run(clock.now()))?.['days of points']).toBe(1);
    expect((await db.pool.query(`select to_regclass('point_20200101') as t`)).rows).toEqual([{ t: null }]);
  });

  it('goes on while points are written, and loses none of them', async () => {
    const connectionId = await db.addConnection();
    let inserted = 0;
    const writing = (async () => {
      for (let n = 0; n < 60; n++)
        inserted += (await commit(connectionId, 1, [['w', clock.now() - n * 60_000, n]])).inserted;
    })();
    for (let n = 0; n < 5; n++) await retention.run(clock.now());
    await writing;
    expect(inserted).toBe(60);
  });

  it('is done by one process at a time', async () => {
    const results = await Promise.all([1, 2, 3].map(() => retention.run(clock.now())));
    expect(results.filter(Boolean).length).toBeGreaterThanOrEqual(1);
  });

  it('leaves nothing of a connection that was removed long ago, and everything of others', async () => {
    const [gone, kept] = [await db.addConnection(), await db.addConnection()];
    for (const id of [gone, kept]) await commit(id, 1, [['p', clock.now(), 1]]);
    await new ConnectionLeases(db).acquire({ platform: 'acme', replica: 'a', max: 9, ttlMs: 1000 });
    await new Connections(db).remove('default', gone, undefined);
    const points = await count('point');
    await db.pool.query('update connection set removed_at = $2 where id = $1', [
      gone,
      new Date(clock.now() - 31 * DAY),
    ]);
    expect((await retention.run(clock.now()))?.connections).toBe(1);
    expect(await count('point')).toBe((points ?? 0) - 1);
    expect((await new Connections(db).findAll([gone]))[0]).toBeUndefined();
    expect((await new Connections(db).findAll([kept]))[0]).toBeDefined();
    // What still comes of it is refused by name.
    expect((await commit(gone, 2, [['p', clock.now(), 1]])).refused).toMatchObject([{ reason: 'unknown-connection' }]);
  });
});
