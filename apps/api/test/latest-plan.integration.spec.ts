import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { latestStatement, readLatest } from '../src/telemetry/latest-query.ts';
import { makeDatabase } from './world/database.ts';

const DEVICES = 300;
const SIGNALS = 10;
const device = (number: number) => `dev_${String(number).padStart(4, '0')}`;

let database: Awaited<ReturnType<typeof makeDatabase>>;

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
  await pool.query('analyze');
});
afterAll(() => database.drop(), 30_000);

describe('newest values of named devices', () => {
  it.each([[[device(7)]], [[device(7), device(290)]]])(
    '%j: looks at no other series, whatever plan is kept',
    async (devices) => {
      const { text, values } = latestStatement('default', { devices, afterSeries: 0, limit: 101 });
      const client = await database.db.pool.connect();
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
    },
  );

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
