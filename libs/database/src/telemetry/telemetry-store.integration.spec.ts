import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deviceId } from '@tributary/contracts';
import { systemClock } from '@tributary/runtime';
import { type ScratchDatabase, scratchDatabase } from '../testing/scratch-database.ts';
import type { BatchPoint, PointGroup, TelemetryBatch } from './batch.ts';
import { TelemetryStore } from './telemetry-store.ts';

const NOW = systemClock.now();
let db: ScratchDatabase;
let connectionId: string;
let serial = 0;

beforeAll(async () => {
  db = await scratchDatabase();
  connectionId = await db.addConnection();
});
afterAll(() => db.drop());

const newStore = () => new TelemetryStore(db, { clock: systemClock });

function group(rev: number | string, points: BatchPoint[], nativeId = `device ${++serial}`): PointGroup {
  return {
    workspace: 'default',
    platform: 'acme',
    connectionId,
    deviceId: deviceId(connectionId, nativeId),
    nativeId,
    rev: String(rev),
    points,
  };
}

const batch = (...groups: PointGroup[]): TelemetryBatch => ({ groups });

async function stored(device: string) {
  const { rows } = await db.pool.query(
    `select s.signal, extract(epoch from p.ts) * 1000 as ts, p.rev, coalesce(to_jsonb(p.number), to_jsonb(p.boolean), to_jsonb(p.text), p.json) as value
     from point p join series s on s.id = p.series_id where s.device_id = $1 order by 1, 2`,
    [device],
  );
  return rows.map((row) => [row.signal, Number(row.ts), row.value, Number(row.rev)]);
}

async function revisions(device: string) {
  const { rows } = await db.pool.query(
    `select s.signal, r.rev, coalesce(to_jsonb(r.number), to_jsonb(r.boolean), to_jsonb(r.text), r.json) as value
     from point_revision r join series s on s.id = r.series_id where s.device_id = $1 order by 1, 2`,
    [device],
  );
  return rows.map((row) => [row.signal, row.value, Number(row.rev)]);
}

describe('TelemetryStore.commit', () => {
  it('says of each connection exactly what became of its points, in whatever mixture', async () => {
    const other = await db.addConnection();
    const mine = group(10, [
      ['a', NOW, 1],
      ['b', NOW, 1],
      ['c', NOW, 1],
    ]);
    const theirs: PointGroup = { ...mine, connectionId: other, deviceId: deviceId(other, mine.nativeId) };
    const store = newStore();
    await store.commit(batch(mine, { ...theirs, points: [['a', NOW, 1]] }));
    const again = {
      ...mine,
      rev: '20',
      points: [
        ['a', NOW, 1],
        ['b', NOW, 2],
        ['d', NOW, 1],
      ],
    } as PointGroup;
    const old = { ...mine, rev: '5', points: [['c', NOW, 9]] } as PointGroup;
    const both = {
      ...theirs,
      rev: '20',
      points: [
        ['a', NOW, 3],
        ['d', NOW, 1],
        ['e', NOW, 1],
      ],
    } as PointGroup;
    const report = await store.commit(batch(again, old, both));
    expect(report).toMatchObject({ path: 'merge', inserted: 3, duplicate: 1, corrected: 2, superseded: 1 });
    expect(report.connections).toEqual([
      { connectionId, inserted: 1, duplicate: 1, corrected: 1, superseded: 1 },
      { connectionId: other, inserted: 2, duplicate: 0, corrected: 1, superseded: 0 },
    ]);
  });

  it('stores values of every type, and the newest of each series', async () => {
    const points: BatchPoint[] = [
      ['power', NOW, 12.5, 'W'],
      ['power', NOW + 1, -0],
      ['open', NOW, true],
      ['name', NOW, 'Zürich 🏢 "x"\\,{}'],
      ['shape', NOW, { a: [1, null, 'x"y\\'] }],
    ];
    const given = group(1, points);
    const report = await newStore().commit(batch(given));
    const counts = { inserted: 5, duplicate: 0, corrected: 0, superseded: 0 };
    const connections = [{ connectionId: given.connectionId, ...counts }];
    expect(report).toEqual({ ...counts, connections, refused: [], path: 'copy' });
    expect(await stored(given.deviceId)).toEqual([
      ['name', NOW, 'Zürich 🏢 "x"\\,{}', 1],
      ['open', NOW, true, 1],
      ['power', NOW, 12.5, 1],
      ['power', NOW + 1, 0, 1],
      ['shape', NOW, { a: [1, null, 'x"y\\'] }, 1],
    ]);
    const { rows } = await db.pool.query(
      `select s.signal, l.number, l.boolean, l.text, l.json from series_latest l join series s on s.id = l.series_id
       where s.device_id = $1 order by 1`,
      [given.deviceId],
    );
    expect(rows).toEqual([
      { signal: 'name', number: null, boolean: null, text: 'Zürich 🏢 "x"\\,{}', json: null },
      { signal: 'open', number: null, boolean: true, text: null, json: null },
      { signal: 'power', number: 0, boolean: null, text: null, json: null },
      { signal: 'shape', number: null, boolean: null, text: null, json: { a: [1, null, 'x"y\\'] } },
    ]);
  });

  it('counts the same batch again as duplicates, from another process too, and writes nothing', async () => {
    const given = batch(
      group(7, [
        ['a', NOW, 1],
        ['a', NOW + 1, 2],
      ]),
    );
    expect((await newStore().commit(given)).inserted).toBe(2);
    expect(await newStore().commit(given)).toMatchObject({ inserted: 0, duplicate: 2, path: 'merge' });
    const before = await db.pool.query('select xmin, xmax, ctid from point order by series_id, ts');
    expect(await newStore().commit(given)).toMatchObject({ inserted: 0, duplicate: 2 });
    const after = await db.pool.query('select xmin, xmax, ctid from point order by series_id, ts');
    expect(after.rows).toEqual(before.rows);
  });

  it('lets the greater rev win and keeps what it replaced', async () => {
    const store = newStore();
    const native = 'corrected';
    const commit = (rev: number, value: number) => store.commit(batch(group(rev, [['a', NOW, value]], native)));
    expect(await commit(1, 10)).toMatchObject({ inserted: 1 });
    expect(await commit(5, 50)).toMatchObject({ corrected: 1 });
    expect(await commit(3, 30)).toMatchObject({ superseded: 1 });
    expect(await commit(9, 50)).toMatchObject({ duplicate: 1 });
    const id = deviceId(connectionId, native);
    expect(await stored(id)).toEqual([['a', NOW, 50, 9]]);
    expect(await revisions(id)).toEqual([
      ['a', 10, 1],
      ['a', 30, 3],
    ]);
    // A value that returns is no revision of itself.
    expect(await commit(12, 10)).toMatchObject({ corrected: 1 });
    expect(await revisions(id)).toEqual([
      ['a', 30, 3],
      ['a', 50, 9],
    ]);
  });

  it('reports what it refuses, and stores the rest', async () => {
    const given = batch(
      group(1, [
        ['a', NOW - 500 * 86_400_000, 1],
        ['a', NOW + 2 * 86_400_000, 1],
        ['a', NOW, 'nul \0'],
        ['a', NOW, '\ud800'],
        ['a', NOW, { a: 'nul \0' }],
        ['a', NOW, { a: '\\u0000' }],
        ['a', Number.NaN, 1],
      ]),
      { ...group(1, [['a', NOW, 1]]), workspace: 'elsewhere' },
      group('9999999999999999999', [['a', NOW, 1]]),
    );
    const report = await newStore().commit(given);
    expect(report.inserted).toBe(1);
    expect(report.refused.map((r) => `${r.group}.${r.point} ${r.reason}`)).toEqual([
      '0.0 expired',
      '0.1 future',
      '0.2 unstorable',
      '0.3 unstorable',
      '0.4 unstorable',
      '0.6 unstorable',
      '1.0 unknown-connection',
      '2.0 unstorable',
    ]);
  });

  it('makes a partition for an older day that comes late', async () => {
    const old = NOW - 100 * 86_400_000;
    const given = group(1, [['a', old, 1]]);
    expect(await newStore().commit(batch(given))).toMatchObject({ inserted: 1 });
    expect(await stored(given.deviceId)).toEqual([['a', old, 1, 1]]);
  });

  it('notices that a device it knew was deleted', async () => {
    const store = newStore();
    const given = group(1, [['a', NOW, 1]]);
    await store.commit(batch(given));
    await db.pool.query('delete from device where id = $1', [given.deviceId]);
    expect(await store.commit(batch({ ...given, rev: '2' }))).toMatchObject({ inserted: 1 });
    expect(await stored(given.deviceId)).toEqual([['a', NOW, 1, 2]]);
  });
});
