import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { historyInTwo, historyOf, isClose } from '@tributary/adapter-kit/testing';
import { type Rig, startRig } from './rig.ts';

jest.setTimeout(60_000);

const HOUR = 3_600_000;

let rig: Rig;
afterEach(() => rig.stop());

describe('OCHNO-17 history of one port', () => {
  const start = async () => {
    rig = await startRig({ historyMs: 4 * HOUR });
    await rig.discover();
    const device = rig.simulator.scenario.ports[0]?.port.id ?? '';
    const toMs = Math.floor(rig.simulator.clock.now() / HOUR) * HOUR;
    return { device, fromMs: toMs - 3 * HOUR, toMs };
  };
  const asked = () => rig.simulator.journal.count({ operation: ['OCHNO-16', 'OCHNO-17'] });

  it('costs what was said before, named or not', async () => {
    const query = await start();
    for (const signals of [undefined, ['power.watt.hourly.mean', 'power.watt.hourly.max']]) {
      const range = { ...query, ...(signals ? { signals } : {}) };
      const cost = rig.adapter.telemetry?.historyCost?.(range);
      const before = asked();
      await historyOf(rig.adapter, range);
      const spent = asked() - before;
      expect({ estimated: cost?.calls, spent, close: isClose(cost?.calls ?? 0, spent) }).toMatchObject({ close: true });
    }
  });

  it('goes on where it was left, and asks for nothing again', async () => {
    const query = await start();
    const before = asked();
    const whole = await historyOf(rig.adapter, query);
    const calls = asked() - before;
    expect(whole.steps).toBeGreaterThan(1);
    const again = await historyInTwo(rig.adapter, query, 1);
    expect(again.points).toEqual(whole.points);
    // What the port holds is asked for once more, and nothing else.
    expect(asked() - before).toBeLessThanOrEqual(2 * calls + 1);
  });

  it('says that aggregates are not the values that were missed', async () => {
    const query = await start();
    const { covers } = await historyOf(rig.adapter, query);
    expect(covers).toEqual([{ ...query, state: 'partial', reason: expect.stringMatching(/hourly aggregates/) }]);
    const named = ['power.watt.hourly.mean', 'power.watt'];
    expect((await historyOf(rig.adapter, { ...query, signals: named })).covers).toEqual([
      { ...query, signal: 'power.watt.hourly.mean' },
      { ...query, signal: 'power.watt', state: 'unrecoverable', reason: expect.stringMatching(/hourly aggregates/) },
    ]);
    await expect(historyOf(rig.adapter, { ...query, signals: ['power.watt'] })).rejects.toMatchObject({
      code: 'invalid-request',
    });
  });

  it('of a hub is nothing, and of what is not there cannot be had', async () => {
    const query = await start();
    const hub = [...rig.simulator.state.hubs.keys()][0] ?? '';
    expect((await historyOf(rig.adapter, { ...query, device: hub })).points.size).toBe(0);
    await expect(historyOf(rig.adapter, { ...query, device: 'nobody' })).rejects.toMatchObject({ code: 'not-found' });
  });
});
