import { spawnSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually, FaultProxy, type OwnService, ownRedis } from '@tributary/testing';
import { IngestRig, type RunningIngest, untilEqual } from './ingest-rig.ts';

/** Publishes `messages` of five points each, one every few milliseconds; resolves when all are confirmed. */
async function flow(rig: IngestRig, messages: number, pauseMs = 8): Promise<void> {
  for (let i = 0; i < messages; i += 1) {
    await rig.publish(rig.series(`n${i % 7}`, 5, Math.floor(i / 7) * 5));
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** The longest time in which no point was stored while it was watched. Milliseconds. */
function watchStalls(rig: IngestRig): () => Promise<number> {
  let last = performance.now();
  let stored = -1;
  let longest = 0;
  let watching = true;
  const loop = (async () => {
    while (watching) {
      const now = await rig.points();
      if (now !== stored) last = performance.now();
      stored = now;
      longest = Math.max(longest, performance.now() - last);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  })();
  return async () => {
    watching = false;
    await loop;
    return longest;
  };
}

describe('faults', () => {
  let rig: IngestRig;
  beforeEach(async () => {
    rig = await IngestRig.make();
  }, 30_000);
  afterEach(() => rig.remove(), 60_000);

  describe('of Redis', () => {
    let redis: OwnService;
    const cli = (...args: string[]) => spawnSync('redis-cli', ['-p', String(redis.port), ...args]);
    beforeAll(async () => {
      redis = await ownRedis();
    });
    afterAll(() => redis.remove());

    async function withFault(lane: string, messages: number, fault: () => Promise<void>): Promise<RunningIngest> {
      const ingest = await rig.start({ REDIS_URL: redis.url, INGEST_LANE: lane });
      await rig.publish(rig.series('first', 1));
      await untilEqual('points', rig.points, 1);
      const stalls = watchStalls(rig);
      await Promise.all([flow(rig, messages), fault()]);
      const longest = await stalls();
      await untilEqual('points', rig.points, messages * 5 + 1);
      expect(longest).toBeLessThan(5_000);
      expect(await rig.count('parked_message')).toBe(0);
      await untilEqual('in flight', () => ingest.metric('ingest_in_flight_points'), 0);
      return ingest;
    }
    const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

    it.each(['auto', 'queued'])(
      'wiped every half second: nothing lost, nothing stalls, lane %s',
      async (lane) => {
        await withFault(lane, 600, async () => {
          for (let i = 0; i < 8; i += 1) {
            await pause(500);
            cli('flushall');
          }
        });
      },
      90_000,
    );

    it('killed and started empty: flows on directly, and returns to the queue', async () => {
      const ingest = await withFault('auto', 600, async () => {
        await pause(500);
        await redis.kill();
        await pause(2_000);
        await redis.start();
      });
      expect(await ingest.metric('ingest_batches_total', { lane: 'direct' })).toBeGreaterThan(0);
      await eventually('back in the queue', async () => {
        const before = await ingest.metric('ingest_batches_total', { lane: 'queued' });
        await flow(rig, 5, 50);
        return (await ingest.metric('ingest_batches_total', { lane: 'queued' })) > before + 2;
      });
    }, 90_000);

    it('hangs, is out of memory, forgets its scripts', async () => {
      await withFault('auto', 900, async () => {
        await pause(300);
        cli('client', 'pause', '3000');
        await pause(4_000);
        cli('config', 'set', 'maxmemory', '1mb');
        await pause(1_500);
        cli('config', 'set', 'maxmemory', '0');
        cli('script', 'flush');
      });
    }, 90_000);
  });

  it('Postgres is away for a while: nothing is parked or lost, memory stays bounded, readiness says so', async () => {
    const url = new URL(rig.databaseUrl);
    const proxy = await FaultProxy.start({ host: url.hostname, port: Number(url.port) });
    const ingest = await rig.start({ DATABASE_URL: proxy.through(rig.databaseUrl), INGEST_PREFETCH: '50' });
    await rig.publish(rig.series('first', 1));
    await untilEqual('points', rig.points, 1);
    proxy.down();
    await flow(rig, 500, 2);
    await eventually('unready', () => !ingest.health.readiness().ready);
    expect(await ingest.metric('ingest_held_messages', { intake: 'telemetry' })).toBeLessThanOrEqual(50);
    expect(await rig.points()).toBe(1);
    proxy.up();
    await untilEqual('points', rig.points, 2_501, 40_000);
    await eventually('ready', () => ingest.health.readiness().ready);
    expect(await rig.count('parked_message')).toBe(0);
    await untilEqual('in flight', () => ingest.metric('ingest_in_flight_points'), 0);
    await proxy.stop();
  }, 90_000);

  it('a column is renamed: taking in stops, nothing is parked, and drains when it is renamed back', async () => {
    const ingest = await rig.start();
    await rig.publish(rig.series('first', 1));
    await untilEqual('points', rig.points, 1);
    await rig.db.pool.query('alter table series_latest rename column rev to other');
    await flow(rig, 50, 1);
    await eventually('unready', () => !ingest.health.readiness().ready);
    expect(ingest.health.readiness().checks.database?.reason).toBe('code and schema do not fit');
    expect(await rig.count('parked_message')).toBe(0);
    await rig.db.pool.query('alter table series_latest rename column other to rev');
    await untilEqual('points', rig.points, 251, 40_000);
    await eventually('ready', () => ingest.health.readiness().ready);
    expect(await rig.count('parked_message')).toBe(0);
  }, 90_000);
});
