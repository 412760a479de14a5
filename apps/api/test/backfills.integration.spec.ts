import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type HistoryGap, UnavailableError } from '@tributary/contracts';
import { type BatchPoint, CoverageBook, inTransaction, type SpanStatement } from '@tributary/database';
import type { RequestHandlers } from '@tributary/messaging';
import { acmePlatform } from './world/fake-platform.ts';
import { commitPoints, nextRev } from './world/points.ts';
import { audited, caller, makeWorld, type Seeded, seed, type World } from './world/world.ts';

const DAY_MS = 86_400_000;
const FROM = '2026-02-01T00:00:00.000Z';
const MUTE = 'mute';
const TO = '2026-02-11T00:00:00.000Z';

let world: World;
let ids: Seeded;
let call: ReturnType<typeof caller>;
let keys = 0;
/** What the adapter does otherwise. */
let usual: RequestHandlers = {};

beforeAll(async () => {
  world = await makeWorld();
  const resource = { ...acmePlatform, id: MUTE, displayName: 'Mute', capabilities: ['devices'] };
  await world.db.pool.query('insert into platform (id, resource, updated_at) values ($1, $2, now())', [MUTE, resource]);
  call = caller(world, await world.key('default'));
});
afterAll(() => world.close());
beforeEach(async () => {
  ids = await seed(world, 'default');
  Object.assign(world.platform.handlers, usual);
});

/** What the adapter does in this test. */
function instead<N extends keyof RequestHandlers>(name: N, handler: RequestHandlers[N]): void {
  usual = { ...usual, [name]: world.platform.handlers[name] };
  Object.assign(world.platform.handlers, { [name]: handler });
}

const day = (at: number): number => Date.parse(FROM) + at * DAY_MS;
const iso = (at: number): string => new Date(day(at)).toISOString();
const draft = (more: object = {}) => ({ connectionId: ids.connectionId, from: FROM, to: TO, ...more });
const estimate = (more: object = {}) => call('POST', '/v1/backfills:estimate', draft(more));
const create = (more: object = {}, key = `key-${keys++}`) =>
  call('POST', '/v1/backfills', draft(more), { 'idempotency-key': key });
/** What coverage says of the days [from, to). */
const state = (from: number, to: number, what: Partial<SpanStatement>) =>
  inTransaction(world.db.pool, (tx) =>
    new CoverageBook(world.db).write(tx, ids.connectionId, [
      { fromMs: day(from), toMs: day(to), state: 'complete', source: 'backfill', ...what },
    ]),
  );
const gapsAsked = (): HistoryGap[] => {
  const asked = world.platform.asked.filter(({ name }) => name === 'telemetry.history-plan').at(-1);
  return (asked?.payload as { gaps: HistoryGap[] } | undefined)?.gaps ?? [];
};

describe('an estimate', () => {
  it('counts the gaps that coverage leaves, device by device, and names what cannot be had', async () => {
    await state(2, 4, {});
    await state(6, 7, { deviceId: ids.deviceId, state: 'unrecoverable', reason: 'older than the platform keeps' });
    const answer = (await estimate()).json();
    expect(answer).toMatchObject({ devices: 2, gapCount: 5, parts: 5, calls: 10, duration: 'PT3S' });
    const own = answer.gaps.filter(({ deviceId }: { deviceId: string }) => deviceId === ids.deviceId);
    expect(own.map(({ from, to }: { from: string; to: string }) => [from, to])).toEqual([
      [iso(0), iso(2)],
      [iso(4), iso(6)],
      [iso(7), iso(10)],
    ]);
    expect(answer.unavailable).toEqual([
      { deviceId: ids.deviceId, from: iso(6), to: iso(7), reason: 'older than the platform keeps' },
    ]);
    expect(gapsAsked()).toHaveLength(5);
  });

  it('is of everything where that is asked for', async () => {
    await state(0, 10, {});
    expect((await estimate()).json()).toMatchObject({ calls: 0, gapCount: 0, duration: 'PT0S' });
    expect((await estimate({ onlyGaps: false })).json()).toMatchObject({ calls: 4, gapCount: 2 });
  });

  it('divides the calls by what the budget leaves for backfills, and says how', async () => {
    instead('connection.budget', async () => ({
      budgets: [
        {
          ...{ name: 'requests', unit: 'requests', limit: 10, windowMs: 60_000, spent: 6, left: 4, documented: true },
          ...{ byLane: { live: 6 }, reserved: { command: 2 } },
        },
      ],
    }));
    // Two devices, two calls each: two a minute are left, and the first two go at once.
    expect((await estimate()).json()).toMatchObject({
      calls: 4,
      duration: 'PT1M',
      computed: '4 calls; of the budget requests, 10 in 60 s, others have or spend 8 and 2 are left for backfills',
    });
  });

  it('tells the adapter what is known of a device', async () => {
    const lastMs = Math.floor(Date.now() / 60_000) * 60_000;
    const points = Array.from({ length: 31 }, (_, minute): BatchPoint => ['power', lastMs - minute * 60_000, minute]);
    await commitPoints(world, ids, { rev: nextRev(), points });
    await estimate({ devices: [ids.deviceId], signals: ['power'] });
    expect(gapsAsked()).toEqual([
      {
        ...{ nativeId: 'd 1/ü', from: FROM, to: TO, signals: ['power'] },
        expected: { series: 1, points: expect.closeTo(31 * 24 * 10, 5) },
      },
    ]);
  });

  it.each([
    ['a device of nobody', { devices: ['dev_aaaaaaaaaaaaaaaaaaaaaaaaaa'] }, 400, '/body/devices/0'],
    ['a range that has not come yet', { to: '2999-01-01T00:00:00.000Z' }, 400, '/body/to'],
    ['a range that ends before it begins', { to: '2026-01-01T00:00:00.000Z' }, 400, '/body/from'],
    ['devices and a filter', { devices: ['dev_aaaaaaaaaaaaaaaaaaaaaaaaaa'], filter: 'name pr' }, 400, '/body/filter'],
    ['a filter that is none', { filter: 'name like 1' }, 400, '/body/filter'],
    ['a connection of nobody', { connectionId: 'con_aaaaaaaaaaaaaaaaaaaaaaaaaa' }, 404, undefined],
  ])('is not made of %s', async (_, more, status, pointer) => {
    for (const ask of [estimate, create]) {
      const answer = await ask(more);
      expect([answer.statusCode, answer.json().errors?.[0]?.pointer]).toEqual([status, pointer]);
    }
  });

  it('is not made for a platform without history, nor by an adapter that is away', async () => {
    instead('telemetry.history-plan', async () => {
      throw new UnavailableError('away');
    });
    expect((await estimate()).statusCode).toBe(503);
    await world.db.pool.query('update connection set platform = $2 where id = $1', [ids.connectionId, MUTE]);
    for (const ask of [estimate, create]) {
      const answer = await ask();
      expect([answer.statusCode, answer.json().code]).toEqual([422, 'capability-unsupported']);
    }
  });
});

describe('a backfill', () => {
  it('is accepted with its parts, once for one key, and stands in the audit log and in the outbox once it begins', async () => {
    const first = await create({ filter: 'name eq "Sensor"', signals: ['power'] }, 'the-key');
    expect(first.statusCode).toBe(202);
    const made = first.json();
    expect(first.headers.location).toBe(`/v1/backfills/${made.id}`);
    expect(made).toMatchObject({
      ...{ kind: 'asked', state: 'planned', from: FROM, to: TO, filter: 'name eq "Sensor"', signals: ['power'] },
      ...{ onlyGaps: true, percent: 0, points: 0, calls: 0, estimate: { calls: 2 }, remaining: { calls: 2 } },
      parts: { total: 1, waiting: 1, running: 0, done: 0, unrecoverable: 0, cancelled: 0 },
    });
    expect((await create({ filter: 'name eq "Sensor"', signals: ['power'] }, 'the-key')).json()).toEqual(made);
    const parts = (await call('GET', `/v1/backfills/${made.id}/parts`)).json();
    expect(parts.items).toEqual([
      {
        ...{ number: 0, deviceId: ids.childId, signals: ['power'], from: FROM, to: TO, state: 'waiting' },
        ...{ attempts: 0, points: 0, calls: 0, estimatedCalls: 2 },
      },
    ]);
    expect(await audited(call)).toContain('backfill.asked');
    const found = (await call('GET', `/v1/backfills?filter=${encodeURIComponent(`id eq "${made.id}"`)}`)).json();
    expect(found.items).toEqual([made]);
  });

  it('of which nothing is missing is completed at once', async () => {
    await state(0, 10, {});
    const { id } = (await create()).json();
    const made = (await call('GET', `/v1/backfills/${id}`)).json();
    expect(made).toMatchObject({ state: 'completed', percent: 100, parts: { total: 0 } });
    expect(made).not.toHaveProperty('remaining');
  });

  it('is cancelled once; the same twice is the same as once; one that has ended cannot be', async () => {
    const { id } = (await create()).json();
    const cancelled = (await call('POST', `/v1/backfills/${id}:cancel`)).json();
    expect(cancelled).toMatchObject({ state: 'cancelled', percent: 100, parts: { cancelled: 2, waiting: 0 } });
    expect((await call('POST', `/v1/backfills/${id}:cancel`)).json()).toEqual(cancelled);
    await state(0, 10, {});
    const ended = (await create()).json();
    const refused = await call('POST', `/v1/backfills/${ended.id}:cancel`);
    expect([refused.statusCode, refused.json().code]).toEqual([409, 'conflict']);
  });

  it('ends when its connection is removed', async () => {
    const { id } = (await create()).json();
    const removed = await call('DELETE', `/v1/connections/${ids.connectionId}`, undefined, { 'if-match': '*' });
    expect(removed.statusCode).toBeLessThan(300);
    expect((await call('GET', `/v1/backfills/${id}`)).json()).toMatchObject({
      state: 'failed',
      reason: 'the connection was removed',
    });
  });
});
