import { afterEach, describe, expect, it } from '@jest/globals';
import { ask, data, EXO_START, startStill } from '../../test/exosense-caller.ts';
import { dig, list } from '../../test/opticloud-caller.ts';
import type { GivenOptions } from './options.ts';
import type { ExosenseSimulator } from './server.ts';

const running: ExosenseSimulator[] = [];
afterEach(() => Promise.all(running.splice(0).map((sim) => sim.stop())));

async function start(options: GivenOptions = {}): Promise<ExosenseSimulator> {
  const sim = await startStill({ historyMs: 0, oddSignals: [], ...options });
  running.push(sim);
  return sim;
}

const NONE = { late: 0, duplicate: 0, swapped: 0, corrected: 0 };

describe('ExoSense scenario', () => {
  it('produces eight signals of all types for every asset at its cadence', async () => {
    const sim = await start({ irregular: NONE });
    await sim.clock.advance(100_000);
    expect(sim.truth.counts()).toMatchObject({ points: 12 * 8 * 10, series: 96, devices: 12, duplicates: 0 });
    const values = sim.truth.latest({ device: sim.state.assets()[5]?.id }).map(({ value }) => typeof value);
    expect(new Set(values)).toEqual(new Set(['number', 'boolean', 'string', 'object']));
  });

  it('is the same again from the same seed, and another from another', async () => {
    const run = async (seed: number) => {
      const sim = await start({ seed });
      await sim.clock.advance(200_000);
      return [...sim.truth.points()];
    };
    const first = await run(5);
    expect(await run(5)).toEqual(first);
    expect(await run(6)).not.toEqual(first);
  }, 60_000);

  it('lets signals report at rates of their own, and says so', async () => {
    const sim = await start({ irregular: NONE, rates: [1, 3] });
    await sim.clock.advance(60_000);
    const [asset] = sim.state.assets();
    const counted = asset?.signals.map((one) => sim.truth.counts({ device: asset.id, signal: one.id }).points);
    expect(counted).toEqual([6, 2, 6, 2, 6, 2, 6, 2]);
    const rates = await data(
      sim,
      `{ asset(id: "${asset?.id}") { signals { reportRate { value } } } }`,
      'asset',
      'signals',
    );
    expect((rates as unknown[]).slice(0, 2).map((one) => dig(one, 'reportRate', 'value'))).toEqual([10_000, 30_000]);
  });

  it.each(['late', 'swapped', 'duplicate', 'corrected'] as const)(
    'sends %s points where they are wanted',
    async (way) => {
      const sim = await start({ irregular: { ...NONE, [way]: 0.1 } });
      await sim.clock.advance(300_000);
      const { duplicates, corrections, outOfOrder, points, writes } = sim.truth.counts();
      expect({ outOfOrder: outOfOrder > 0, duplicates: duplicates > 0, corrections: corrections > 0 }).toEqual({
        outOfOrder: way !== 'duplicate',
        duplicates: way === 'duplicate',
        corrections: way === 'corrected',
      });
      expect(points + duplicates + corrections).toBe(writes);
    },
  );

  it('misbehaves, bursts, pauses and sends a backlog when told to', async () => {
    const sim = await start({ irregular: NONE });
    await sim.actions.run('burst', { device: 1, count: 50, stepMs: 100 });
    const device = sim.state.assets()[1]?.id ?? '';
    expect(sim.truth.counts({ device }).points).toBe(400);
    for (const way of ['late', 'swapped', 'duplicate', 'corrected']) {
      await sim.clock.advance(1_234);
      await sim.actions.run('misbehave', { device: 1, way });
    }
    const { outOfOrder, corrections } = sim.truth.counts();
    expect([outOfOrder > 0, corrections]).toEqual([true, 1]);
    sim.production.pause();
    const before = sim.truth.counts().writes;
    await sim.clock.advance(60_000);
    expect(sim.truth.counts().writes).toBe(before);
    sim.production.resume();
    await sim.actions.run('set-online', { device: 2, online: false });
    await sim.clock.advance(30_000);
    const silent = sim.state.assets()[2]?.id ?? '';
    expect(sim.truth.counts({ device: silent }).points).toBe(0);
    await sim.actions.run('set-online', { device: 2, online: true });
    expect(sim.truth.counts({ device: silent }).points).toBe(24);
    const times = [...sim.truth.points({ device: silent })].map(({ ts }) => ts);
    expect(Math.max(...times)).toBeLessThanOrEqual(EXO_START + 90_000);
  });

  it('forgets what is older than its retention', async () => {
    const sim = await start({ irregular: NONE, retentionMs: 60_000 });
    await sim.clock.advance(200_000);
    const oldest = Math.min(...[...sim.truth.points()].map(({ ts }) => ts));
    expect(oldest).toBeGreaterThanOrEqual(EXO_START + 200_000 - 60_000 - 15_000 - 10_000);
    const answered = await data(
      sim,
      '{ assets(pagination: {limit: 1}) { signals { data(options: {limit: 1000}) { timestamp } } } }',
    );
    expect(list(answered, 'assets', 0, 'signals', 0, 'data').length).toBeLessThan(10);
  });

  it('serves a page out of thousands of assets at the cost of the page', async () => {
    const sim = await start({ devices: 2_000, historyMs: 20_000, irregular: NONE });
    const page =
      '(pagination: {limit: 50, offset: 1000}) { id signals { data(options: {limit: 10}) { timestamp value } } }';
    const { json } = await ask(sim, `{ assets${page} }`);
    const ids = list(json, 'data', 'assets').map((one) => dig(one, 'id'));
    expect(ids).toEqual(
      sim.state
        .assets()
        .slice(1_000, 1_050)
        .map(({ id }) => id),
    );
    expect(dig(json, 'extensions', 'cost', 'time')).toBe(20 + 50 * 2 + 400 * 0.5 + 800 * 0.02);
  }, 60_000);
});
