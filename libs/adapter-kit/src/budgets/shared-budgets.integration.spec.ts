import { randomUUID } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger, systemClock } from '@tributary/runtime';
import { Redis } from 'ioredis';
import type { BudgetLane, BudgetLimit } from './budget-plan.ts';
import { LaneGate } from './lane-gate.ts';
import { RedisBudgetCounter } from './redis-budget-counter.ts';
import { SharedBudgetStore } from './shared-budget-store.ts';

const redis = new Redis('redis://127.0.0.1:6379', { maxRetriesPerRequest: 1 });
const used: string[] = [];
let prefix: string;

beforeEach(async () => {
  prefix = `{test-${randomUUID()}}`;
  used.push(prefix);
  if (redis.status !== 'ready') await new Promise((resolve) => redis.once('ready', resolve));
});

async function wipe(which: string): Promise<void> {
  const keys = await redis.keys(`${which}*`);
  if (keys.length > 0) await redis.del(...keys);
}

afterAll(async () => {
  for (const each of used) await wipe(each);
  await redis.quit();
});

const limitOf = (limit: number, windowMs: number): BudgetLimit => ({
  name: 'requests',
  unit: 'requests',
  limit,
  windowMs,
  countedMs: windowMs,
  documented: true,
});

function replica(limits: BudgetLimit[], client: Redis = redis, replicas = 2) {
  const name = randomUUID();
  const counter = new RedisBudgetCounter(client, systemClock, prefix, name, limits);
  const means = { clock: systemClock, log: silentLogger };
  const store = new SharedBudgetStore({ ...means, counter, limits, replica: name, replicas: () => replicas });
  const concurrency = { auth: 99, read: 99, command: 99, bulk: 99 };
  return { store, gate: new LaneGate({ ...means, store, concurrency }) };
}

const one = new Map([['requests', 1]]);
const wanted = (lane: BudgetLane) => ({ operation: 'ACME-01', lane, class: 'read' as const, cost: one });
const take = async (store: SharedBudgetStore, lane: BudgetLane, times: number) => {
  let granted = 0;
  for (let n = 0; n < times; n++) if ((await store.take(lane, one)).granted) granted += 1;
  return granted;
};

describe('budgets shared through Redis', () => {
  it('keep two greedy replicas together inside the limit of every window', async () => {
    const limits = [limitOf(8, 400)];
    const replicas = [replica(limits), replica(limits)];
    const granted: number[] = [];
    await Promise.all(
      replicas.flatMap(({ gate }) =>
        Array.from({ length: 20 }, async () => {
          const pass = await gate.enter(wanted('live'));
          granted.push(performance.now());
          pass.done();
        }),
      ),
    );
    granted.sort((a, b) => a - b);
    expect(granted).toHaveLength(40);
    // A grant is noted a little after Redis gave it: only much more than the limit in a clearly shorter window is a breach.
    for (const at of granted) {
      expect(granted.filter((other) => other >= at && other < at + 360).length).toBeLessThanOrEqual(8);
    }
  });

  it('reserve a quarter for commands and a tenth for log-ins', async () => {
    const { store } = replica([limitOf(20, 60_000)]);
    expect(await take(store, 'backfill', 30)).toBe(13);
    expect(await take(store, 'auth', 30)).toBe(2);
    expect(await take(store, 'command', 30)).toBe(5);
    expect(await store.usage()).toEqual([
      expect.objectContaining({ spent: 20, byLane: { auth: 2, command: 5, backfill: 13 }, effectiveLimit: 20 }),
    ]);
  });

  it('let the urgent caller of another replica go first', async () => {
    const limits = [limitOf(1, 300)];
    const [owner, other] = [replica(limits), replica(limits)];
    await take(owner.store, 'live', 1);
    const order: string[] = [];
    const urgent = other.gate.enter(wanted('interactive')).then(() => order.push('interactive'));
    await new Promise(setImmediate);
    while ((await redis.zcard(`${prefix}:requests:wanted`)) === 0) await new Promise(setImmediate);
    const backfills = [1, 2].map(() => owner.gate.enter(wanted('backfill')).then(() => order.push('backfill')));
    await Promise.all([urgent, ...backfills]);
    expect(order[0]).toBe('interactive');
  });

  it('share a hold and a reduced limit', async () => {
    const limits = [limitOf(10, 60_000)];
    const [first, second] = [replica(limits), replica(limits)];
    await first.store.limited(['requests'], 30_000);
    const taking = await second.store.take('command', one);
    expect(taking).toMatchObject({ granted: false, refusedBy: ['requests'] });
    expect(await second.store.usage()).toEqual([expect.objectContaining({ effectiveLimit: 5 })]);
  });

  it('share what the platform counts beyond our calls, and rest until the oldest call is over', async () => {
    const own = {
      ...limitOf(8, 60_000),
      statedLimit: 10,
      reserved: { command: 0.125 },
      waitForOldest: true,
      slowForMs: 60_000,
    };
    const [first, second] = [replica([own]), replica([own])];
    const taking = await first.store.take('live', one);
    if (!taking.granted) throw new Error('expected a grant');
    expect(await take(second.store, 'live', 1)).toBe(1);
    await first.store.metered(taking.grant, 'requests', { spent: 2 });
    expect((await second.store.usage())[0]?.byLane).toEqual({ live: 2 });
    await first.store.metered(taking.grant, 'requests', { spent: 6, limit: 10 });
    expect((await second.store.usage())[0]).toMatchObject({ spent: 6, byLane: { live: 2, elsewhere: 4 } });
    expect(await take(second.store, 'live', 9)).toBe(1);
    expect(await take(first.store, 'command', 9)).toBe(1);
    const held = await second.store.limited(['requests'], undefined);
    // Redis keeps a window's oldest call; ten seconds are the longest that anybody waits untold.
    expect(held).toBe(10_000);
    const usage = (await first.store.usage())[0];
    expect(usage?.effectiveLimit).toBe(4);
    expect(usage?.heldForMs).toBeGreaterThan(9_000);
  });

  it('rest no longer than our oldest call counts', async () => {
    const own = { ...limitOf(8, 5_000), waitForOldest: true, slowForMs: 60_000 };
    const { store } = replica([own]);
    expect(await store.limited(['requests'], undefined)).toBe(5_000);
    prefix = `{test-${randomUUID()}}`;
    used.push(prefix);
    const other = replica([own]);
    await take(other.store, 'live', 1);
    const first = performance.now();
    while (performance.now() - first < 20) await new Promise(setImmediate);
    const held = (await other.store.limited(['requests'], undefined)) ?? 0;
    expect(held).toBeGreaterThan(3_000);
    expect(held).toBeLessThanOrEqual(4_985);
  });

  it('give unknown callers half, and what is reserved to whom it is reserved for', async () => {
    const { store } = replica([{ ...limitOf(8, 60_000), reserved: { command: 0.125, reconcile: 0.25 } }]);
    expect(await take(store, 'pass-through', 9)).toBe(4);
    expect(await take(store, 'live', 9)).toBe(1);
    expect(await take(store, 'reconcile', 9)).toBe(2);
    expect(await take(store, 'command', 9)).toBe(1);
  });

  it('give two lanes that share a reserve one of it', async () => {
    const { store } = replica([{ ...limitOf(8, 60_000), reserved: { 'interactive+pass-through': 0.125 } }]);
    expect(await take(store, 'live', 9)).toBe(7);
    expect(await take(store, 'pass-through', 9)).toBe(1);
    expect(await take(store, 'interactive', 9)).toBe(0);
  });

  it('correct what a call really cost', async () => {
    const { store } = replica([{ ...limitOf(100, 60_000), unit: 'ms' }]);
    const taking = await store.take('live', new Map([['requests', 10]]));
    if (!taking.granted) throw new Error('expected a grant');
    await store.correct(taking.grant, 'requests', 60);
    expect((await store.usage())[0]?.spent).toBe(60);
  });

  it('remember what Redis has forgotten', async () => {
    const { store } = replica([limitOf(10, 60_000)]);
    expect(await take(store, 'command', 20)).toBe(9);
    await wipe(prefix);
    expect(await take(store, 'command', 20)).toBe(0);
    expect((await store.usage())[0]?.spent).toBe(9);
  });

  it('take their share, and no more, while Redis is away, and are one again afterwards', async () => {
    const limits = [limitOf(10, 60_000)];
    const client = redis.duplicate({ maxRetriesPerRequest: 1 });
    await new Promise((resolve) => client.once('ready', resolve));
    const { store } = replica(limits, client);
    expect(await take(store, 'command', 1)).toBe(1);
    client.disconnect();
    // Five of ten are its share, of which one is spent.
    const alone = await take(store, 'command', 20);
    expect(alone).toBe(4);
    expect((await store.usage())[0]?.spent).toBe(5);
    await client.connect();
    // Told again of the four, the counts leave four more, and one for log-ins.
    const log = `${prefix}:requests:log`;
    while ((await redis.zcard(log)) < 9) await store.take('command', one);
    expect(await take(store, 'command', 20)).toBe(0);
    expect(await redis.zcard(log)).toBe(9);
    client.disconnect();
  });
});
