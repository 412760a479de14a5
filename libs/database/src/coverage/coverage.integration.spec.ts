import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AdapterBook } from '../conservation/adapter-book.ts';
import { rangesOf } from '../conservation/number-ranges.ts';
import { type ScratchDatabase, scratchDatabase } from '../testing/scratch-database.ts';
import { inTransaction } from '../transaction.ts';
import { CoverageBook } from './coverage-book.ts';
import { CoverageReader } from './coverage-reader.ts';
import type { SpanStatement } from './statement.ts';

const T = Date.UTC(2026, 5, 1);
const poll = { source: 'telemetry', state: 'complete' as const, onward: true as const };

let db: ScratchDatabase;
let book: CoverageBook;
let reader: CoverageReader;
let connectionId: string;
beforeAll(async () => {
  db = await scratchDatabase();
  book = new CoverageBook(db);
  reader = new CoverageReader(db.pool);
}, 30_000);
afterAll(() => db.drop());
beforeEach(async () => {
  connectionId = await db.addConnection();
  await horizon('infinity');
});

const horizon = (at: string) => db.pool.query('update conservation_horizon set settled_before = $1', [at]);
const say = (...statements: SpanStatement[]) =>
  inTransaction(db.pool, (client) => book.write(client, connectionId, statements));
const span = (from: number, to: number) => ({ fromMs: T + from, toMs: T + to });

async function intervals(deviceId: string, from: number, to: number, signal?: string): Promise<string[]> {
  const found = await reader.intervals({ connectionId, deviceIds: [deviceId], signal, ...span(from, to) });
  return (found.get(deviceId) ?? []).map(
    ({ fromMs, toMs, state, reason }) => `${fromMs - T}-${toMs - T} ${state}${reason ? ` (${reason})` : ''}`,
  );
}

const rowsOf = async () =>
  (await db.pool.query('select count(*)::int as rows from coverage_span where connection_id = $1', [connectionId]))
    .rows[0].rows;

describe('coverage', () => {
  it('tiles what is asked: never read, read, an exception for one device, not read yet', async () => {
    await say({ ...poll, ...span(0, 100) });
    await say(
      { ...poll, ...span(90, 200) },
      { ...span(100, 150), state: 'missing', source: 'telemetry', deviceId: 'dev_b' },
    );
    expect(await intervals('dev_a', -50, 250)).toEqual([
      '-50-0 missing (never read, or kept no longer)',
      '0-200 complete',
      '200-250 pending (not read yet)',
    ]);
    expect(await intervals('dev_b', 0, 200)).toEqual(['0-100 complete', '100-150 missing', '150-200 complete']);
    expect(await rowsOf()).toBe(2);
    await say({ ...span(100, 150), state: 'complete', source: 'backfill', deviceId: 'dev_b' });
    expect(await intervals('dev_b', 0, 200)).toEqual(['0-200 complete']);
    expect(await rowsOf()).toBe(1);
    expect(await reader.holes({ connectionIds: [connectionId], limit: 10 })).toEqual([]);
  });

  it('is pending until the horizon has passed it, and settles though it grows faster than that', async () => {
    await horizon('-infinity');
    await say({ ...poll, ...span(0, 100) });
    expect(await intervals('dev_a', 0, 100)).toEqual(['0-100 pending (read, and not yet known to be committed)']);
    const { rows } = await db.pool.query('select stated_at from coverage_span where connection_id = $1', [
      connectionId,
    ]);
    // What is stated next is stated in a later millisecond.
    await db.pool.query(`select pg_sleep(greatest(0, extract(epoch from $1::timestamptz - clock_timestamp())))`, [
      rows[0].stated_at,
    ]);
    await say({ ...poll, ...span(100, 200) });
    await horizon(rows[0].stated_at.toISOString());
    expect((await intervals('dev_a', 0, 200)).map((text) => text.split(' (')[0])).toEqual([
      '0-100 complete',
      '100-200 pending',
    ]);
    await say({ ...poll, ...span(200, 300) });
    expect((await intervals('dev_a', 0, 300)).map((text) => text.split(' (')[0])).toEqual([
      '0-100 complete',
      '100-300 pending',
    ]);
    await horizon('infinity');
    expect(await intervals('dev_a', 0, 300)).toEqual(['0-300 complete']);
    expect(await rowsOf()).toBe(1);
  });

  it('makes missing what a source leaves out on its way, once', async () => {
    await say({ ...poll, ...span(0, 100) });
    await say({ ...poll, ...span(500, 600) });
    expect(await intervals('dev_a', 0, 600)).toEqual([
      '0-100 complete',
      '100-500 missing (not read)',
      '500-600 complete',
    ]);
    const [hole, ...others] = await reader.holes({ connectionIds: [connectionId], limit: 10 });
    expect(others).toEqual([]);
    expect(hole).toMatchObject({ ...span(100, 500), deviceId: null, source: 'telemetry', workspace: 'default' });
    expect((await reader.standings()).find((one) => one.connectionId === connectionId)).toMatchObject({
      missingSeconds: 0.4,
      unrecoverableSeconds: 0,
    });
  });

  it('is not missing where others have read what a source left out, however long ago it spoke last', async () => {
    const second = { ...poll, source: 'backfill' };
    await say({ ...second, ...span(0, 10) });
    await say({ ...poll, ...span(10, 100) });
    await say({ ...poll, ...span(150, 200) });
    await say({ ...second, ...span(120, 150) });
    expect(await intervals('dev_a', 0, 200)).toEqual([
      '0-10 complete',
      '10-100 complete',
      '100-120 missing (not read)',
      '120-150 complete',
      '150-200 complete',
    ]);
  });

  it('speaks of a series by itself, and of a device by all of its signals', async () => {
    await say(
      { ...poll, ...span(0, 100) },
      {
        ...span(40, 60),
        state: 'unrecoverable',
        source: 'telemetry',
        deviceId: 'dev_a',
        signal: 'power',
        reason: 'too old',
      },
    );
    expect(await intervals('dev_a', 0, 100, 'power')).toEqual([
      '0-40 complete',
      '40-60 unrecoverable (too old)',
      '60-100 complete',
    ]);
    expect(await intervals('dev_a', 0, 100, 'heat')).toEqual(['0-100 complete']);
    expect(await intervals('dev_a', 0, 100)).toEqual([
      '0-40 complete',
      '40-60 partial (power: too old)',
      '60-100 complete',
    ]);
  });

  it('speaks of the devices of a space, also of those below it and of their parts', async () => {
    await db.pool.query(
      `insert into space (id, workspace_id, connection_id, native_id, name, kind, parent_id, rev, updated_at) values
       ('spc_house', 'default', $1, 'h', 'h', 'house', null, 1, now()), ('spc_room', 'default', $1, 'r', 'r', 'room', 'spc_house', 1, now())`,
      [connectionId],
    );
    await db.pool.query(
      `insert into device (id, workspace_id, platform, connection_id, native_id, name, state, space_id, parent_id) values
       ('dev_hub', 'default', 'acme', $1, 'hub', 'hub', 'known', 'spc_room', null),
       ('dev_port', 'default', 'acme', $1, 'port', 'port', 'known', null, 'dev_hub'),
       ('dev_other', 'default', 'acme', $1, 'other', 'other', 'known', null, null)`,
      [connectionId],
    );
    await say(
      { ...poll, ...span(0, 100) },
      { ...span(20, 40), spaceId: 'spc_house', state: 'missing', source: 'stream' },
    );
    expect(await intervals('dev_port', 0, 100)).toEqual(['0-20 complete', '20-40 missing', '40-100 complete']);
    expect(await intervals('dev_other', 0, 100)).toEqual(['0-100 complete']);
    await say({ ...span(20, 30), deviceId: 'dev_port', state: 'unrecoverable', source: 'backfill', reason: 'gone' });
    await say({ ...span(0, 35), spaceId: 'spc_house', state: 'complete', source: 'stream' });
    expect((await intervals('dev_port', 20, 40)).map((text) => text.split(' ')[1])).toEqual(['complete', 'missing']);
  });

  it('is partial where the account misses points, by the times that these carry', async () => {
    await say({ ...poll, ...span(0, 100_000) });
    const minuteMs = T + 60_000;
    await new AdapterBook(db).record([
      {
        workspace: 'default',
        connectionId,
        run: 'run_1',
        minuteMs,
        epoch: 1,
        received: 5,
        unchanged: 0,
        setAside: {},
        unacknowledged: 0,
        numbered: 5,
        confirmed: rangesOf([[0, 5]]),
        source: span(30_000, 40_000),
        past: true,
        ended: true,
      },
    ]);
    expect(await intervals('dev_a', 0, 100_000)).toEqual([
      '0-30000 complete',
      '30000-40000 partial (the account misses points that were read)',
      '40000-100000 complete',
    ]);
    await db.pool.query(
      `update conservation_minute set covered = '{[0,5)}', stored = 3, parked = '{[3,5)}', parked_points = 2 where connection_id = $1`,
      [connectionId],
    );
    await db.pool.query(
      `insert into parked_message (id, workspace_id, queue, exchange, routing_key, headers, reason, problems, payload, digest, state, connection_id, run, minute, numbers)
       values ('prk_' || $1, 'default', 'q', 'e', 'default.telemetry.observed.acme.' || $1 || '.dev_b', '{}', 'bad', '[]', '', $1::bytea, 'parked', $1, 'run_1', to_timestamp($2::float8 / 1000), '{[3,5)}')`,
      [connectionId, minuteMs],
    );
    expect(await intervals('dev_a', 0, 100_000)).toEqual(['0-100000 complete']);
    expect(await intervals('dev_b', 30_000, 40_000)).toEqual(['30000-40000 partial (points are parked)']);
  });

  it('is forgotten with the points', async () => {
    await say({ ...poll, ...span(0, 100) });
    await say({ ...poll, ...span(200, 300) });
    await book.forget(new Date(T + 150));
    expect(await intervals('dev_a', 0, 300)).toEqual([
      '0-150 missing (never read, or kept no longer)',
      '150-200 missing (not read)',
      '200-300 complete',
    ]);
    await book.forget(new Date(T + 250));
    expect(await rowsOf()).toBe(1);
  });

  it('is written by the owner of the connection alone', async () => {
    await db.pool.query(
      `insert into connection_lease (connection_id, replica, epoch, leased_until) values ($1, 'a', 4, now() + interval '1 minute')`,
      [connectionId],
    );
    const claim = [{ ...poll, ...span(0, 100) }];
    expect(await book.writeOwned({ connectionId, epoch: 3 }, claim)).toBe(false);
    expect(await rowsOf()).toBe(0);
    expect(await book.writeOwned({ connectionId, epoch: 4 }, claim)).toBe(true);
    expect(await rowsOf()).toBe(1);
  });

  it('never reaches beyond now by the database’s clock', async () => {
    const day = 86_400_000;
    const { rows } = await db.pool.query('select floor(extract(epoch from now()) * 1000) as ms');
    const beganMs = Number(rows[0].ms);
    const fromMs = beganMs - day;
    await say({ ...poll, fromMs, toMs: beganMs + day });
    await say({ ...poll, fromMs: beganMs + day, toMs: beganMs + 2 * day });
    await say({ fromMs: beganMs + day, toMs: beganMs + 2 * day, state: 'unrecoverable', source: 'stream' });
    const found = await reader.intervals({ connectionId, deviceIds: ['dev_a'], fromMs, toMs: beganMs + 3 * day });
    const [claimed, ahead, ...others] = found.get('dev_a') ?? [];
    expect(others).toEqual([]);
    expect(claimed).toMatchObject({ state: 'complete', fromMs });
    expect((claimed?.toMs ?? 0) - beganMs).toBeLessThan(60_000);
    expect(ahead).toMatchObject({ state: 'pending', toMs: beganMs + 3 * day });
    expect(await rowsOf()).toBe(1);
  });

  it('comes out the same when many write at once', async () => {
    const tenth = (i: number) => span(i * 10, i * 10 + 10);
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        say(
          { ...poll, ...tenth(i), onward: undefined as never },
          { ...tenth(i), state: 'missing', source: 'telemetry', deviceId: 'dev_b' },
        ),
      ),
    );
    await say({ ...poll, ...span(0, 200) });
    expect((await intervals('dev_b', 0, 200)).every((text) => text.endsWith('complete'))).toBe(true);
    expect(await rowsOf()).toBeLessThanOrEqual(20);
  });
});
