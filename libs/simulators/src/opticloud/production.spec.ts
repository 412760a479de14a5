import { afterEach, describe, expect, it } from '@jest/globals';
import { deviceAt, START, startQuiet } from '../../test/opticloud-caller.ts';
import type { OpticloudOptions } from './options.ts';
import type { OpticloudSimulator } from './server.ts';

const running: OpticloudSimulator[] = [];
afterEach(() => Promise.all(running.splice(0).map((sim) => sim.stop())));

async function start(options: Partial<OpticloudOptions> = {}): Promise<OpticloudSimulator> {
  const sim = await startQuiet({ historyMs: 0, cadenceMs: 10_000, ...options });
  running.push(sim);
  return sim;
}

const everything = (sim: OpticloudSimulator) => [...sim.truth.points()];

describe('optiCLOUD scenario', () => {
  it('produces so many signals of every type for every device, at its cadence', async () => {
    const sim = await start({ irregular: { late: 0, duplicate: 0, swapped: 0, corrected: 0 } });
    await sim.clock.advance(100_000);
    expect(sim.truth.counts()).toMatchObject({ points: 28 * 10 * 10, series: 280, devices: 28, duplicates: 0 });
    const values = sim.truth.latest({ device: deviceAt(sim, 5).id }).map((point) => typeof point.value);
    expect(new Set(values)).toEqual(new Set(['number', 'boolean', 'string', 'object']));
    expect(sim.truth.signals(deviceAt(sim, 5).id)).toContain('温度.轴承');
  });

  it('is the same again from the same seed, and another from another', async () => {
    const run = async (seed: number) => {
      const sim = await start({ seed });
      await sim.clock.advance(200_000);
      return everything(sim);
    };
    const first = await run(5);
    expect(await run(5)).toEqual(first);
    expect(await run(6)).not.toEqual(first);
  });

  it('sends some points late, twice, out of order and corrected, and accounts for all of them', async () => {
    const sim = await start({ irregular: { late: 0.05, duplicate: 0.05, swapped: 0.05, corrected: 0.05 } });
    await sim.clock.advance(600_000);
    const { writes, points, duplicates, corrections, outOfOrder } = sim.truth.counts();
    for (const count of [duplicates, corrections, outOfOrder]) expect(count).toBeGreaterThan(10);
    expect(points + duplicates + corrections).toBe(writes);
    const [corrected] = sim.truth.corrected();
    expect(corrected?.revisions.at(-1)?.value).toEqual(corrected?.value);
    expect(corrected?.revisions.length).toBe(2);
  });

  it.each(['late', 'swapped', 'duplicate', 'corrected'] as const)(
    'sends %s points alone when only they are wanted',
    async (way) => {
      const none = { late: 0, duplicate: 0, swapped: 0, corrected: 0 };
      const sim = await start({ irregular: { ...none, [way]: 0.1 } });
      await sim.clock.advance(300_000);
      const { duplicates, corrections, outOfOrder } = sim.truth.counts();
      const some = { outOfOrder: outOfOrder > 0, duplicates: duplicates > 0, corrections: corrections > 0 };
      const expected = {
        late: { outOfOrder: true, duplicates: false, corrections: false },
        swapped: { outOfOrder: true, duplicates: false, corrections: false },
        duplicate: { outOfOrder: false, duplicates: true, corrections: false },
        corrected: { outOfOrder: true, duplicates: false, corrections: true },
      };
      expect(some).toEqual(expected[way]);
    },
  );

  it('has history from before the start', async () => {
    const sim = await start({ historyMs: 120_000 });
    const times = everything(sim).map((point) => point.ts);
    expect(Math.min(...times)).toBe(START - 120_000);
    expect(Math.max(...times)).toBeLessThan(START);
    expect(sim.truth.counts().points).toBeGreaterThan(28 * 10 * 11);
  });

  it('pauses and resumes', async () => {
    const sim = await start();
    sim.production.pause();
    await sim.clock.advance(60_000);
    expect(sim.truth.counts().writes).toBe(0);
    sim.production.resume();
    await sim.clock.advance(20_000);
    expect(sim.truth.counts().writes).toBeGreaterThan(0);
  });

  it('holds back what an offline device measures, and sends it late when it comes back', async () => {
    const sim = await start({ irregular: { late: 0, duplicate: 0, swapped: 0, corrected: 0 } });
    const [kept, lost] = [deviceAt(sim, 5), deviceAt(sim, 6)];
    const pointsOf = (id: string) => sim.truth.series(id, 'temperature')?.points ?? 0;
    for (const device of [kept, lost]) await sim.actions.run('set-online', { device: device.id, online: false });
    await sim.clock.advance(100_000);
    expect([pointsOf(kept.id), pointsOf(lost.id)]).toEqual([0, 0]);
    await sim.actions.run('set-online', { device: kept.id, online: true });
    await sim.actions.run('set-online', { device: lost.id, online: true, forgets: true });
    expect([pointsOf(kept.id), pointsOf(lost.id)]).toEqual([10, 0]);
  });

  it('makes a device send late, swapped, twice or corrected when told to', async () => {
    const sim = await start({ producing: false });
    const { id } = deviceAt(sim, 5);
    const misbehave = async (way: string) => {
      const before = sim.truth.counts();
      await sim.actions.run('misbehave', { device: id, way, lateMs: 60_000 });
      const after = sim.truth.counts();
      const grown = (key: 'points' | 'duplicates' | 'corrections' | 'outOfOrder') => after[key] - before[key];
      return [grown('points'), grown('duplicates'), grown('corrections'), grown('outOfOrder')];
    };
    expect(await misbehave('swapped')).toEqual([20, 0, 0, 10]);
    expect(await misbehave('late')).toEqual([10, 0, 0, 10]);
    await sim.clock.advance(1);
    expect(await misbehave('duplicate')).toEqual([10, 10, 0, 0]);
    for (let i = 0; i < 3; i++) expect((await misbehave('corrected'))[2]).toBe(i === 0 ? 1 : 0);
  });

  it('bursts', async () => {
    const sim = await start({ producing: false, irregular: { late: 0, duplicate: 0, swapped: 0, corrected: 0 } });
    await sim.actions.run('burst', { device: 5, count: 1_000, stepMs: 100 });
    const series = sim.truth.series(deviceAt(sim, 5).id, 'temperature');
    expect([series?.points, series?.latest()?.ts]).toEqual([1_000, START]);
  });

  it('forgets what is older than its retention, and says how much', async () => {
    const sim = await start({ retentionMs: 60_000 });
    await sim.clock.advance(300_000);
    const oldest = Math.min(...everything(sim).map((point) => point.ts));
    expect(oldest).toBeGreaterThanOrEqual(START + 300_000 - 75_000);
    const { points, forgotten } = sim.truth.counts();
    expect(forgotten).toBeGreaterThan(points);
  });

  it('writes a measurement file every quarter of an hour and uploads it one later', async () => {
    const sim = await start({ producing: false });
    const device = deviceAt(sim, 5);
    const uploads = () =>
      device.communication.between(0, sim.clock.now()).filter((entry) => entry.type === 'UPLOAD').length;
    await sim.clock.advance(900_000);
    const afterOne = uploads();
    await sim.clock.advance(900_000);
    expect(uploads()).toBe(afterOne + 1);
    expect(device.ownFiles.list(START, START + 1_800_000).length).toBeGreaterThanOrEqual(2);
  });

  it('makes five thousand devices', async () => {
    const sim = await start({ devices: 5_000, filesPerDevice: 1 });
    await sim.clock.advance(10_000);
    expect(sim.state.devices()).toHaveLength(5_003);
    expect(sim.truth.counts().devices).toBeGreaterThan(4_800);
  });
});
