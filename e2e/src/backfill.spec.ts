import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Schemas } from '@tributary/client';
import { type OpticloudSimulator, startOpticloud } from '@tributary/simulators';
import { eventually, type OwnService, ownRedis } from '@tributary/testing';
import { Redis } from 'ioredis';
import { Stage } from './stage.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DAYS = 90;
const DEVICES = 3;
const SIGNALS = 2;
/** What the connection allows itself; the simulator's journal says whether it was kept. */
const BUDGET = { calls: 100, windowMs: 10_000 };
const LIVE_EVERY_MS = 250;

type Event = Record<string, unknown> & { type: string; origin: string; data: Record<string, unknown> };
interface Seen {
  cursor: string;
  event: Event;
}

describe(`${DAYS} days of history, beside live traffic`, () => {
  let stage: Stage;
  let redis: OwnService;
  let simulator: OpticloudSimulator;
  let devices: Schemas['Device'][];
  const stop = new AbortController();
  const all: Seen[] = [];
  const liveOnly: Seen[] = [];
  const now = Date.now();

  beforeAll(async () => {
    simulator = await startOpticloud({
      port: 0,
      mqttPort: 0,
      controlPort: 0,
      devices: DEVICES,
      otherDevices: 0,
      signalsPerDevice: SIGNALS,
      // Fewer points than it would be: the past holds one an hour, and what is live is written by the test.
      cadenceMs: HOUR_MS,
      historyMs: DAYS * DAY_MS,
      retentionMs: 0,
      producing: false,
      irregular: { late: 0, duplicate: 0, swapped: 0, corrected: 0 },
    });
    redis = await ownRedis();
    stage = await Stage.start({
      simulator,
      backing: { redisUrl: redis.url },
      settings: {
        schedules: { discover: '30s', telemetry: '1s' },
        budgets: { requests: BUDGET.calls },
        telemetry: { pageSize: 100, firstLook: '10m' },
      },
    });
    await stage.connect();
    devices = await eventually(
      'what is newest is stored',
      async () => {
        const found = await stage.api.list('/v1/devices').all();
        const { items } = await stage.api.get('/v1/series', { query: { limit: 100 } });
        return found.length === DEVICES && items.length === DEVICES * SIGNALS && found;
      },
      { timeoutMs: 60_000 },
    );
    void listen(all, {});
    void listen(liveOnly, { origins: ['live', 'poll'], types: ['telemetry'] });
  }, 120_000);

  afterAll(async () => {
    stop.abort();
    await stage?.stop();
    await redis?.remove();
  }, 60_000);

  async function listen(into: Seen[], wishes: { origins?: ('live' | 'poll')[]; types?: ['telemetry'] }): Promise<void> {
    const events = stage.api.events({ ...wishes, connection: stage.connectionId, signal: stop.signal });
    try {
      for await (const item of events) if ('event' in item) into.push(item as unknown as Seen);
    } catch (error) {
      if (!stop.signal.aborted) throw error;
    }
  }

  const ofBackfill = (id: string) =>
    all.filter(({ event }) => event.data.backfillId === id).map(({ event }) => event.type);
  const ended = (id: string) =>
    eventually(`${id} is completed`, () => ofBackfill(id).at(-1) === 'io.tributary.backfill.completed.v1', {
      timeoutMs: 120_000,
    });
  const get = (backfillId: string) => stage.api.get('/v1/backfills/{backfillId}', { path: { backfillId } });
  const ask = (body: Omit<Schemas['BackfillDraft'], 'connectionId'>) =>
    stage.api.post('/v1/backfills', { body: { ...body, connectionId: stage.connectionId } });
  const daysAgo = (days: number) => new Date(now - days * DAY_MS).toISOString();
  /** Points of ranges that the platform handed over of a device, after a place in its journal. */
  const served = (nativeId: string, after: number) =>
    simulator.journal
      .entries({ operation: 'OPTI-11', after, detail: '* points of a range' })
      .filter(({ path }) => path.includes(nativeId))
      .reduce((sum, { detail }) => sum + Number.parseInt(detail ?? '0', 10), 0);
  const nativeOf = (at: number) => devices[at]?.nativeId ?? '';
  /** `device|signal|ts` of every point that telemetry events brought. */
  const pointsIn = (seen: readonly Seen[]) =>
    seen.flatMap(({ event }) => {
      if (event.type !== 'io.tributary.telemetry.observed.v1') return [];
      const { nativeId, points } = event.data as { nativeId: string; points: { signal: string; ts: string }[] };
      return points.map(({ signal, ts }) => `${nativeId}|${signal}|${Date.parse(ts)}`);
    });

  it('what is there already is not read again, and what it takes is known before', async () => {
    const middle = await ask({ devices: [devices[0]?.id ?? ''], from: daysAgo(50), to: daysAgo(40) });
    await ended(middle.id);
    expect(await get(middle.id)).toMatchObject({ state: 'completed', points: 10 * 24 * SIGNALS, percent: 100 });

    const wish = {
      connectionId: stage.connectionId,
      from: daysAgo(DAYS + 1),
      to: new Date(now - HOUR_MS).toISOString(),
    };
    const estimate = await stage.api.post('/v1/backfills:estimate', { body: { ...wish, onlyGaps: true } });
    // The first device lacks what lies before and what lies behind the middle.
    expect(estimate).toMatchObject({ devices: DEVICES, gapCount: DEVICES + 1, unavailable: [] });
    expect(estimate.duration).toMatch(/^PT\d/);

    const since = simulator.journal.position;
    const begun = Date.now();
    const backfill = await ask({ from: wish.from, to: wish.to, onlyGaps: true });
    const live = setInterval(() => {
      const telemetry = { ts: Date.now(), values: { live: Math.random() } };
      // By its id: devices are listed in another order than the simulator's.
      void simulator.actions.run('produce', { device: nativeOf(1), telemetry });
    }, LIVE_EVERY_MS);
    try {
      await eventually('its lane shows in the budget', async () => {
        const path = { connectionId: stage.connectionId };
        const { budgets } = await stage.api.get('/v1/connections/{connectionId}/budget', { path });
        return budgets.some(({ byLane }) => (byLane.backfill ?? 0) > 0);
      });
      await ended(backfill.id);
    } finally {
      clearInterval(live);
    }
    const result = await get(backfill.id);
    expect(result.parts).toMatchObject({ waiting: 0, running: 0, unrecoverable: 0, cancelled: 0 });
    expect(Math.abs(result.calls - estimate.calls)).toBeLessThanOrEqual(Math.max(2, 0.2 * result.calls));
    // Only the gaps: the middle of the first device was not handed over a second time.
    const past = simulator.truth.counts({ device: nativeOf(2) }).points;
    expect(served(nativeOf(2), since)).toBeLessThanOrEqual(past);
    expect(served(nativeOf(0), since)).toBeLessThanOrEqual(past - 10 * 24 * SIGNALS);
    expect(mostInWindow(since)).toBeLessThanOrEqual(BUDGET.calls);

    await stage.settled();
    const produced = [...simulator.truth.points({ from: begun })].map(
      ({ device, signal, ts }) => `${device}|${signal}|${ts}`,
    );
    expect(produced.length).toBeGreaterThan(5);
    await eventually('the live ones are there', () => new Set(pointsIn(liveOnly)).size >= produced.length);
    expect(new Set(pointsIn(liveOnly))).toEqual(new Set(produced));
    expect(liveOnly.every(({ event }) => event.origin !== 'backfill')).toBe(true);
  }, 240_000);

  it('its completion stands behind its last point, and before whatever comes later', () => {
    const ends = all.flatMap(({ event }, at) => (event.type === 'io.tributary.backfill.completed.v1' ? [at] : []));
    const backfilled = all.flatMap(({ event }, at) => (event.origin === 'backfill' ? [at] : []));
    expect(ends).toHaveLength(2);
    expect(Math.max(...backfilled)).toBeLessThan(ends[1] ?? 0);
    const [first = 0] = ends;
    const [, second] = all.flatMap(({ event }, at) => (event.type === 'io.tributary.backfill.started.v1' ? [at] : []));
    expect(backfilled.some((at) => at < first)).toBe(true);
    // Nothing of the second came before the first had ended.
    expect(backfilled.filter((at) => at > first && at < (second ?? 0))).toEqual([]);
    const inOrder = [...new Set(ofBackfill(String(all[ends[1] ?? 0]?.event.data.backfillId)))];
    expect(inOrder[0]).toContain('started');
    expect(inOrder.at(-1)).toContain('completed');
  });

  it('coverage has no gap left, and asking again takes nothing', async () => {
    const wish = { connectionId: stage.connectionId, from: daysAgo(DAYS), to: new Date(now - HOUR_MS).toISOString() };
    const again = await stage.api.post('/v1/backfills:estimate', { body: { ...wish, onlyGaps: true } });
    expect(again).toMatchObject({ calls: 0, parts: 0, gapCount: 0, duration: 'PT0S' });
  });

  it('a Redis that is full, wiped and killed in the middle delays it, and nothing more', async () => {
    const client = new Redis(redis.url);
    client.on('error', () => undefined);
    const to = new Date(now - HOUR_MS).toISOString();
    const { id } = await ask({ from: daysAgo(DAYS + 1), to, onlyGaps: false });
    await eventually('it has begun', async () => (await get(id)).points > 0, { timeoutMs: 60_000 });
    await client.config('SET', 'maxmemory', '1');
    const standing = await eventually(
      'nothing new is begun',
      async () => {
        const { parts } = await get(id);
        return parts.running === 0 && parts;
      },
      { timeoutMs: 60_000 },
    );
    expect(standing.waiting).toBeGreaterThan(0);
    await client.config('SET', 'maxmemory', '0');
    await client.flushall();
    client.disconnect();
    await redis.kill();
    await redis.start();
    await ended(id);
    const past = devices.reduce((sum, _, at) => sum + simulator.truth.counts({ device: nativeOf(at) }).points, 0);
    const { points, parts } = await get(id);
    expect(parts).toMatchObject({ done: parts.total });
    // All but what is newest of each signal, and what was written live.
    expect(points).toBeGreaterThanOrEqual(DAYS * 24 * DEVICES * SIGNALS - DEVICES * SIGNALS);
    expect(points).toBeLessThanOrEqual(past);
    await stage.settled();
  }, 240_000);

  /** Calls of the platform in any window of the budget's length. */
  function mostInWindow(after: number): number {
    const times = simulator.journal.entries({ protocol: 'http', after }).map(({ at }) => at);
    times.sort((a, b) => a - b);
    let first = 0;
    return times.reduce((most, at, last) => {
      while (at - (times[first] ?? at) >= BUDGET.windowMs) first += 1;
      return Math.max(most, last - first + 1);
    }, 0);
  }
});
