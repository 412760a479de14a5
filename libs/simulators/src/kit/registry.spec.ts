import { describe, expect, it } from '@jest/globals';
import { demoConnections, findSimulators, startSimulator } from './registry.ts';

describe('findSimulators', () => {
  it('finds every folder with a manifest, each with a connection to try it by', async () => {
    const found = await findSimulators();
    expect(found.map((one) => one.platform)).toContain('opticloud');
    for (const { platform, demoConnection } of found) expect(demoConnection.platform).toBe(platform);
    expect(await demoConnections()).toHaveLength(found.length);
  });

  it('reads settings whose names no two simulators share', async () => {
    const names = (await findSimulators()).flatMap((one) => Object.keys(one.settings.shape));
    expect(new Set(names).size).toBe(names.length);
  });

  it('starts each of them for a test that knows no vendor', async () => {
    for (const { platform } of await findSimulators()) {
      const scenario = {
        devices: 5,
        historyMs: 60_000,
        cadenceMs: 10_000,
        clock: { startAt: 1_000_000_000, speed: 0 },
      };
      const sim = await startSimulator(platform, scenario);
      expect([sim.platform, sim.clock.now()]).toEqual([platform, 1_000_000_000]);
      expect(sim.truth.counts()).toMatchObject({ forgotten: 0, points: expect.any(Number) });
      expect((await fetch(`${sim.controlUrl}/_control`)).status).toBe(200);
      await sim.stop();
    }
    await expect(startSimulator('atlantis')).rejects.toThrow(RangeError);
  });
});
