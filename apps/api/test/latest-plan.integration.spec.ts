import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type FencedDatabase, openFencedDatabase, WorkspaceFence } from '@tributary/database';
import { silentLogger } from '@tributary/runtime';
import { latestStatement, readLatest } from '../src/telemetry/latest-query.ts';
import { makeDatabase } from './world/database.ts';

const DEVICES = 300;
const SIGNALS = 10;
const device = (number: number) => `dev_${String(number).padStart(4, '0')}`;

const fence = new WorkspaceFence();
let database: Awaited<ReturnType<typeof makeDatabase>>;
let fenced: FencedDatabase;

beforeAll(async () => {
  database = await makeDatabase();
  const { pool } = database.db;
  await pool.query(
    `insert into connection (id, workspace_id, platform, name, settings, credentials, credentials_fingerprint,
       credentials_updated_at, updated_at) values ('con_a', 'default', 'acme', 'a', '{}', '', '', now(), now())`,
  );
  await pool.query(
    `insert into device (id, workspace_id, platform, connection_id, native_id, name, state)
     select 'dev_' || lpad(i::text, 4, '0'), 'default', 'acme', 'con_a', i::text, i::text, 'known'
     from generate_series(1, $1::int) i`,
    [DEVICES],
  );
  await pool.query(
    `insert into series (device_id, signal) select d.id, 's' || i from device d cross join generate_series(1, $1::int) i`,
    [SIGNALS],
  );
  await pool.query(
    `insert into series_latest (series_id, ts, rev, number, first_ts) select id, now(), 1, id, now() from series`,
  );
  // A floor with a room; one device stands in the room, another belongs to it and has no space of its own.
  await pool.query(
    `insert into space (id, workspace_id, connection_id, native_id, name, kind, parent_id, rev, updated_at)
     select id, 'default', 'con_a', id, id, 'place', parent, 1, now()
     from (values ('spc_floor', 'spc_room'), ('spc_room', 'spc_floor'), ('spc_other', null)) as s(id, parent)`,
  );
  await pool.query(
    `update device set space_id = case id when $1 then 'spc_room' when $2 then null else 'spc_other' end,
       parent_id = case id when $2 then $1 end`,
    [device(7), device(290)],
  );
  await pool.query('analyze');
  fenced = openFencedDatabase(fence, { url: database.url, log: silentLogger, applicationName: 'api-test' });
});
afterAll(async () => {
  await fenced.close();
  await database.drop();
}, 30_000);

describe('newest values of few devices', () => {
  it.each([[{ devices: [device(7)] }], [{ devices: [device(7), device(290)] }]])(
    '%j: looks at no other series, whatever plan is kept',
    async ({ devices }) => {
      await expectFewLookedAt(latestStatement('default', { devices, afterSeries: 0, limit: 101 }));
    },
  );

  it('of a space: looks at no other series, whatever plan is kept', async () => {
    const selection = { spaces: ['spc_floor'], afterSeries: 0, limit: 101 };
    await expectFewLookedAt(latestStatement('default', selection, [device(7), device(290)]));
  });

  async function expectFewLookedAt({ text, values }: ReturnType<typeof latestStatement>): Promise<void> {
    const client = await fence.within('default', () => fenced.pool.connect());
    try {
      await client.query('set plan_cache_mode = force_generic_plan');
      await client.query(`prepare latest as ${text}`);
      const given = values.map((value) => (Array.isArray(value) ? `'{${value}}'` : `'${value}'`));
      const { rows } = await client.query(`explain (analyze, format json) execute latest(${given})`);
      const removed = [...JSON.stringify(rows).matchAll(/"Rows Removed by (?:Join )?Filter":(\d+)/g)];
      const looked = removed.reduce((sum, [, count]) => sum + Number(count), 0);
      expect(looked).toBeLessThan(DEVICES + 1);
    } finally {
      client.release(true);
    }
  }

  it('are those of a space and of all below it, even where spaces lead in a circle', async () => {
    for (const spaces of [['spc_floor'], ['spc_room'], ['spc_room', 'spc_floor', 'spc_nowhere']]) {
      const rows = await readLatest(database.db.pool, 'default', { spaces, afterSeries: 0, limit: 101 });
      expect([...new Set(rows.map((row) => row.device_id))]).toEqual([device(7), device(290)]);
      expect(rows).toHaveLength(2 * SIGNALS);
      // The way that is taken where the devices are many.
      const walk = latestStatement('default', { spaces, afterSeries: 0, limit: 101 });
      expect((await database.db.pool.query(walk)).rows).toEqual(rows);
    }
    for (const other of [{ spaces: ['spc_nowhere'] }, { spaces: ['spc_floor'], platforms: ['other'] }]) {
      expect(await readLatest(database.db.pool, 'default', { ...other, afterSeries: 0, limit: 101 })).toEqual([]);
    }
    expect(await readLatest(database.db.pool, 'stranger', { spaces: ['spc_floor'], afterSeries: 0, limit: 9 })).toEqual(
      [],
    );
  });

  it('come in order of their series, page by page', async () => {
    const all = await readLatest(database.db.pool, 'default', {
      devices: [device(7), device(290)],
      afterSeries: 0,
      limit: 101,
    });
    expect(all).toHaveLength(2 * SIGNALS);
    expect(all.map((row) => row.series_id)).toEqual(all.map((row) => row.series_id).toSorted((a, b) => a - b));
    const rest = await readLatest(database.db.pool, 'default', {
      devices: [device(7), device(290)],
      afterSeries: all[14]?.series_id ?? 0,
      limit: 101,
    });
    expect(rest.map((row) => row.series_id)).toEqual(all.slice(15).map((row) => row.series_id));
  });
});
