import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { deviceId, type TelemetryData } from '@tributary/contracts';
import { Backfills, CoverageBook, CoverageReader, inTransaction } from '@tributary/database';
import { Redis } from 'ioredis';
import { AcmeHouse, type Replica, until } from './acme/acme-house.ts';
import { HISTORY_STEP_MS, historicValue } from './acme/acme-vendor-history.ts';

const HOUR_MS = 3_600_000;
const FROM = Date.UTC(2026, 0, 1);
const DEVICES = ['a', 'b'];
const PATIENCE_MS = 60_000;

let house: AcmeHouse;
let redis: Redis;
let replicas: Replica[] = [];

beforeAll(async () => {
  house = await AcmeHouse.open();
  redis = new Redis('redis://127.0.0.1:6379');
}, 60_000);
afterEach(() => {
  house.vendor.history.onPage = async () => undefined;
});

async function killAll(): Promise<void> {
  for (const replica of replicas) replica.kill('SIGKILL');
  await Promise.all(replicas.map(({ ended }) => ended));
  replicas = [];
}

afterAll(async () => {
  redis.disconnect();
  await house.close();
}, 30_000);

async function start(env: Record<string, string> = {}): Promise<Replica> {
  const replica = await house.start({ REPAIR_AFTER: '1ms', ...env });
  replicas.push(replica);
  return replica;
}

const connected = async (account: string): Promise<string> =>
  (await house.connect(account, 'good', { history: true })).id;

/** Hours of both devices, a part each. */
function ask(connectionId: string, hours: number): Promise<string> {
  const parts = DEVICES.flatMap((nativeId) =>
    Array.from({ length: hours }, (_, hour) => ({
      deviceId: deviceId(connectionId, nativeId),
      nativeId,
      fromMs: FROM + hour * HOUR_MS,
      toMs: FROM + (hour + 1) * HOUR_MS,
      estimatedCalls: 6,
    })),
  );
  const range = { fromMs: FROM, toMs: FROM + hours * HOUR_MS };
  const draft = { workspace: 'default', connectionId, kind: 'asked', ...range, onlyGaps: true } as const;
  const estimate = { calls: 6 * parts.length, ms: 1 };
  return inTransaction(house.db.pool, (tx) => new Backfills(house.db).plan({ ...draft, estimate, parts }, tx));
}

async function rowOf(id: string) {
  const { rows } = await house.db.pool.query<{
    state: string;
    points: number;
    calls: number;
    done: number;
    reason: string;
  }>(
    `select b.state, b.reason, sum(p.points)::int as points, sum(p.calls)::int as calls,
       count(*) filter (where p.state = 'done')::int as done
     from backfill b join backfill_part p on p.backfill_id = b.id where b.id = $1 group by b.state, b.reason`,
    [id],
  );
  return rows[0];
}

const ended = (id: string, state: string) =>
  until(
    `the backfill is ${state}`,
    async () => (await rowOf(id))?.state === state,
    PATIENCE_MS,
    () => replicas.flatMap(({ lines }) => lines.map((line) => JSON.stringify(line))).join('\n'),
  );

/** Points that the bus has, by device and time. */
function brought(connectionId: string): Map<string, Set<unknown>> {
  const points = new Map<string, Set<unknown>>();
  for (const event of house.of(connectionId, 'telemetry.observed')) {
    const data = event.data as TelemetryData;
    expect(event.origin).toBe('backfill');
    for (const { ts, value } of data.points) {
      const key = `${data.nativeId} ${ts}`;
      points.set(key, (points.get(key) ?? new Set()).add(value));
    }
  }
  return points;
}

function history(hours: number): Map<string, Set<unknown>> {
  const all = new Map<string, Set<unknown>>();
  for (const device of DEVICES) {
    for (let ts = FROM; ts < FROM + hours * HOUR_MS; ts += HISTORY_STEP_MS) {
      all.set(`${device} ${new Date(ts).toISOString()}`, new Set([historicValue(device, ts)]));
    }
  }
  return all;
}

const askedOf = (account: string) => house.vendor.history.asked.filter((asked) => asked.account === account);

async function coverage(connectionId: string, hours: number): Promise<string[]> {
  const deviceIds = DEVICES.map((native) => deviceId(connectionId, native));
  const frame = { fromMs: FROM, toMs: FROM + hours * HOUR_MS };
  const found = await new CoverageReader(house.db.pool).intervals({ connectionId, deviceIds, ...frame });
  return [...found.values()].flatMap((intervals) => intervals.map(({ state }) => state));
}

/** Pages of the account wait from the n-th on, until let go. */
function holdFrom(account: string, n: number): { reached: () => boolean; letGo: () => void } {
  const gate = Promise.withResolvers<undefined>();
  let held = false;
  house.vendor.history.onPage = (asked) => {
    if (asked.account !== account || askedOf(account).length < n) return Promise.resolve(undefined);
    held = true;
    return gate.promise;
  };
  return { reached: () => held, letGo: () => gate.resolve(undefined) };
}

describe('a backfill', () => {
  beforeAll(async () => void (await start()), 60_000);
  afterAll(killAll, 30_000);

  it('brings every point once, and is read as coverage says', async () => {
    const id = await connected('plain');
    const backfill = await ask(id, 2);
    await ended(backfill, 'completed');
    await until('the bus has all', () => brought(id).size === history(2).size);
    expect(brought(id)).toEqual(history(2));
    expect(await rowOf(backfill)).toMatchObject({ points: 240, calls: 24, done: 4 });
    expect(new Set(await coverage(id, 2))).toEqual(new Set(['pending']));
    // Only what is not there is read: nothing is left.
    const again = await ask(id, 2);
    await ended(again, 'completed');
    expect(askedOf('plain')).toHaveLength(24);
    await house.remove(id);
  }, 90_000);

  it('goes on when Redis has forgotten everything of it', async () => {
    const id = await connected('wiped');
    const backfill = await ask(id, 3);
    const hold = holdFrom('wiped', 5);
    await until('it is in the middle', hold.reached, PATIENCE_MS);
    const keys = await redis.keys(`{${house.namespace}:backfill-*`);
    expect(keys.length).toBeGreaterThan(0);
    await redis.unlink(...keys);
    hold.letGo();
    await ended(backfill, 'completed');
    expect(await rowOf(backfill)).toMatchObject({ points: 360, done: 6 });
    await house.remove(id);
  }, 120_000);

  it('that is cancelled ends with the page that is under way', async () => {
    const id = await connected('cancelled');
    const backfill = await ask(id, 4);
    const hold = holdFrom('cancelled', 3);
    await until('it is in the middle', hold.reached, PATIENCE_MS);
    await inTransaction(house.db.pool, (tx) => new Backfills(house.db).cancel('default', backfill, tx));
    const ofLaterHours = () => askedOf('cancelled').filter(({ fromMs }) => fromMs > FROM).length;
    const before = ofLaterHours();
    hold.letGo();
    // A later one is read to its end: so the earlier would have gone on by now.
    const later = await ask(id, 1);
    await ended(later, 'completed');
    expect(ofLaterHours()).toBe(before);
    expect((await rowOf(backfill))?.state).toBe('cancelled');
    await house.remove(id);
  }, 90_000);

  it('of a range that cannot be had says so, with the platform’s reason', async () => {
    const id = await connected('refused');
    house.vendor.history.onPage = async ({ device }) => (device === 'a' ? 404 : undefined);
    const backfill = await ask(id, 1);
    await ended(backfill, 'completed');
    expect((await rowOf(backfill))?.reason).toBe('1 of 2 parts cannot be had');
    expect((await coverage(id, 1)).toSorted()).toEqual(['pending', 'unrecoverable']);
    await house.remove(id);
  }, 90_000);
});

describe('a hole', () => {
  beforeAll(async () => void (await start()), 60_000);
  afterAll(killAll, 30_000);

  it('of every device is repaired by itself, device by device, once, and is a hole no more', async () => {
    const id = await connected('hole');
    await until('it is owned', async () => (await house.owners()).has(id));
    const hole = { fromMs: FROM, toMs: FROM + HOUR_MS, state: 'missing', source: 'points', reason: 'away' } as const;
    await inTransaction(house.db.pool, (tx) => new CoverageBook(house.db).write(tx, id, [hole]));
    const reader = new CoverageReader(house.db.pool);
    const isClosed = async () => (await reader.holes({ connectionIds: [id], limit: 1 })).length === 0;
    await until('the hole is closed', isClosed, PATIENCE_MS);
    expect(await coverage(id, 1)).toEqual(['pending', 'pending']);
    expect(brought(id)).toEqual(history(1));
    expect(askedOf('hole')).toHaveLength(12);
    const { rows } = await house.db.pool.query('select kind, state from backfill where connection_id = $1', [id]);
    expect(rows).toEqual([{ kind: 'repair', state: 'completed' }]);
    await house.remove(id);
  }, 120_000);

  it('of a platform that keeps no history is given up', async () => {
    const { id } = await house.connect('forgetful');
    await until('it is owned', async () => (await house.owners()).has(id));
    const hole = { fromMs: FROM, toMs: FROM + HOUR_MS, state: 'missing', source: 'points', reason: 'away' } as const;
    await inTransaction(house.db.pool, (tx) => new CoverageBook(house.db).write(tx, id, [hole]));
    await until(
      'it is given up',
      async () => (await coverage(id, 1)).every((state) => state === 'unrecoverable'),
      PATIENCE_MS,
    );
    await house.remove(id);
  }, 90_000);
});

describe('a backfill whose reader is struck down', () => {
  afterEach(killAll, 30_000);

  it('goes on behind its last page after kill -9, in another process', async () => {
    const id = await connected('killed');
    const backfill = await ask(id, 2);
    const hold = holdFrom('killed', 9);
    const doomed = await start();
    await until('it is in the middle', hold.reached, PATIENCE_MS);
    await until('pages are written down', async () => ((await rowOf(backfill))?.points ?? 0) >= 60);
    doomed.kill('SIGKILL');
    await doomed.ended;
    hold.letGo();
    await start();
    await ended(backfill, 'completed');
    await until('the bus has all', () => brought(id).size === history(2).size);
    expect(brought(id)).toEqual(history(2));
    // Both pages that were under way, and those whose answer came and was not written down.
    expect(askedOf('killed').length).toBeLessThanOrEqual(24 + 4);
    await house.remove(id);
  }, 120_000);

  it('is not touched by a process that wakes after another has taken over', async () => {
    const id = await connected('zombie');
    const backfill = await ask(id, 2);
    const hold = holdFrom('zombie', 6);
    const zombie = await start();
    await until('it is in the middle', hold.reached, PATIENCE_MS);
    zombie.kill('SIGSTOP');
    hold.letGo();
    await start();
    await ended(backfill, 'completed');
    const before = await rowOf(backfill);
    zombie.kill('SIGCONT');
    await until(
      'it noticed',
      () => zombie.lines.some(({ msg }) => msg === 'a lease was lost' || msg === 'closed'),
      20_000,
    );
    expect(await rowOf(backfill)).toEqual(before);
    expect(before?.points).toBe(240);
    await house.remove(id);
  }, 120_000);
});
