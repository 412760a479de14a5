import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deviceId } from '@tributary/contracts';
import { type ScratchDatabase, scratchDatabase } from '../testing/scratch-database.ts';
import { ConnectionEvidence } from './connection-evidence.ts';
import { FreshnessWatch } from './freshness-watch.ts';
import { type Looked, SilenceBook } from './silence-book.ts';
import { staleEvent } from './silence-events.ts';
import type { DueDevice } from './watched-rows.ts';

const TTL_MS = 60_000;
const CAUSE = { link: 'vendor' as const, detail: 'it answered 503', evidence: [] };
const VERDICT = { everyMs: 1_000, staleAfterMs: 3_000, source: 'learned' as const };

let db: ScratchDatabase;
let watch: FreshnessWatch;
let book: SilenceBook;
let connection: string;
beforeAll(async () => {
  db = await scratchDatabase();
  watch = new FreshnessWatch(db);
  book = new SilenceBook(db);
  connection = await db.addConnection();
}, 30_000);
afterAll(() => db.drop());

/** A device with one series that has points every second, received as they were measured, the last one `ageMs` ago. */
async function addDevice(nativeId: string, ageMs = 0): Promise<string> {
  const id = deviceId(connection, nativeId);
  await db.pool.query(
    `insert into device (id, workspace_id, platform, connection_id, native_id, name, state)
     values ($1, 'default', 'acme', $2, $3, $3, 'known')`,
    [id, connection, nativeId],
  );
  const { rows } = await db.pool.query<{ id: number }>(
    `insert into series (device_id, signal) values ($1, 'power') returning id`,
    [id],
  );
  const series = rows[0]?.id;
  await db.pool.query(
    `insert into point (series_id, ts, rev, number)
     select $1, t, ((extract(epoch from t) * 1000)::bigint << 21), 1
     from (select now() - (i * 1000 + $2) * interval '1 millisecond' as t from generate_series(0, 19) i) p`,
    [series, ageMs],
  );
  await db.pool.query(
    `insert into series_latest (series_id, ts, rev, number, first_ts, observed_at)
     select series_id, max(ts), max(rev), 1, min(ts), max(ts) from point where series_id = $1 group by series_id`,
    [series],
  );
  return id;
}

const dueOf = async (id: string): Promise<DueDevice> => {
  await db.pool.query('update device_watch set look_at = now() - interval $$1 second$$');
  const found = (await watch.due(100, 0)).find(({ deviceId: of }) => of === id);
  if (!found) throw new Error('the device is not due');
  return found;
};
const events = async (id: string): Promise<{ id: string; type: string }[]> => {
  const { rows } = await db.pool.query<{ message: { event: { id: string; type: string } } }>(
    `select message from outbox where message #>> '{event,subject}' = $1 order by seq`,
    [id],
  );
  return rows.map(({ message }) => message.event);
};
const silentLook = (device: DueDevice): Looked => ({
  device,
  lookAtMs: Date.parse('2030-01-01'),
  verdict: VERDICT,
  silent: { sinceMs: 1_700_000_000_000, cause: CAUSE },
});

describe('the watch', () => {
  it('is one replica’s at a time, and begins anew with another', async () => {
    const first = await watch.hold('a', TTL_MS);
    expect(await watch.hold('b', TTL_MS)).toBeUndefined();
    const again = await watch.hold('a', TTL_MS);
    expect(again?.beganMs).toBe(first?.beganMs);
    await watch.release('a');
    const second = await watch.hold('b', TTL_MS);
    expect(second?.beganMs).toBeGreaterThan(first?.beganMs ?? 0);
    await db.pool.query(`update freshness_watch set watched_until = now() - interval '1 second'`);
    expect((await watch.hold('b', TTL_MS))?.beganMs).toBeGreaterThan(second?.beganMs ?? 0);
    await watch.release('b');
  });

  it('learns from points where they are stored, and finds what is due with what its adapter has seen', async () => {
    const id = await addDevice('learned');
    await new ConnectionEvidence(db).tell([
      { connectionId: connection, epoch: 2, facts: [], wellMs: 5, pollEveryMs: 700 },
    ]);
    await new ConnectionEvidence(db).tell([{ connectionId: connection, epoch: 1, facts: [], wellMs: 1 }]);
    const due = await dueOf(id);
    expect(due).toMatchObject({ nativeId: 'learned', pollEveryMs: 700, expected: true, adapter: { wellMs: 5 } });
    const [series] = due.series;
    const learned = await watch.learn([series?.id ?? 0], Date.parse(new Date().toISOString()));
    expect(learned.get(series?.id ?? 0)).toEqual({ everyMs: 1_000, slowMs: 1_000, samples: 19 });
  });

  it('expects nothing of a connection that is paused', async () => {
    const id = await addDevice('paused');
    await db.pool.query('update connection set paused = true where id = $1', [connection]);
    expect((await dueOf(id)).expected).toBe(false);
    await db.pool.query('update connection set paused = false where id = $1', [connection]);
  });
});

describe('the book of silences', () => {
  it('tells each change once, whoever else has seen it too', async () => {
    const id = await addDevice('twice');
    const due = await dueOf(id);
    const both = await Promise.all([book.write([silentLook(due)], 10), book.write([silentLook(due)], 10)]);
    expect(both.map(({ silent }) => silent).toSorted()).toEqual([0, 1]);
    const silent = await dueOf(id);
    expect(silent).toMatchObject({ silences: 1, silentSinceMs: 1_700_000_000_000, silentLink: 'vendor' });
    const back: Looked = { device: silent, lookAtMs: 10, verdict: VERDICT, untilMs: 1_700_000_009_000 };
    const ends = await Promise.all([book.write([back], 20), book.write([back], 20)]);
    expect(ends.map(({ recovered }) => recovered).toSorted()).toEqual([0, 1]);
    expect((await events(id)).map(({ type }) => type)).toEqual([
      'io.tributary.device.stale.v1',
      'io.tributary.device.recovered.v1',
    ]);
    expect((await dueOf(id)).silentSinceMs).toBeUndefined();
  });

  it('keeps what was told while nothing could be written, and tells it no second time', async () => {
    const id = await addDevice('told');
    const device = await dueOf(id);
    const cause = { link: 'database' as const, detail: 'away', evidence: [] };
    const silence = { ...device, ...VERDICT, number: 1, sinceMs: 1_700_000_000_000, cause };
    await book.writeTold([{ silence, noticedMs: 1_700_000_003_000 }]);
    await book.writeTold([{ silence, noticedMs: 1_700_000_003_000 }]);
    expect(await events(id)).toEqual([]);
    expect(await watch.counts()).toEqual(new Map([['database', 1]]));
    // Who had not heard of it comes to the same id.
    expect(staleEvent({ ...silence, sinceMs: 5 }, 1).event.id).toBe(staleEvent(silence, 2).event.id);
    expect((await book.write([silentLook(device)], 10)).silent).toBe(0);
  });

  it('says of a silence that goes on what is known by now', async () => {
    const id = await addDevice('changing');
    await book.write([silentLook(await dueOf(id))], 10);
    const cause = { link: 'network' as const, detail: 'refused', evidence: [] };
    await book.write([{ device: await dueOf(id), lookAtMs: 10, verdict: VERDICT, cause }], 20);
    const { rows } = await db.pool.query('select link, cause from device_silence where device_id = $1', [id]);
    expect(rows).toEqual([{ link: 'network', cause }]);
    expect(await events(id)).toHaveLength(1);
  });
});
