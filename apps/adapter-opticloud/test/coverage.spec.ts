import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { Checkpoint, CoveredSpan } from '@tributary/adapter-kit';
import {
  historyInTwo,
  historyOf,
  isClaimed,
  isClose,
  missingOf,
  truthBy,
  unkept,
} from '@tributary/adapter-kit/testing';
import { eventually } from '@tributary/testing';
import { never, pointsBy, type Rig, startRig } from './rig.ts';

jest.setTimeout(60_000);

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

let rig: Rig;
afterEach(() => rig.stop());

const timeOf = (key: string) => Number(key.split('|')[2]);

describe('OPTI-11 what the sweep says it has covered', () => {
  it('is there, and a device that may not be read is named', async () => {
    rig = await startRig(
      { devices: 4, otherDevices: 0, cadenceMs: SECOND, historyMs: 4 * MINUTE },
      { telemetry: { lookBack: '3m', longestRest: '1s' } },
    );
    const [, refused] = await rig.discover();
    const covers: CoveredSpan[] = [];
    const points = new Map();
    let checkpoint: Checkpoint | undefined;
    const round = async () => {
      for await (const page of rig.adapter.polls?.telemetry?.run(checkpoint, never) ?? []) {
        pointsBy(page.items, points);
        covers.push(...(page.covers ?? []));
        if (page.checkpoint) checkpoint = page.checkpoint;
      }
      expect(unkept(covers, truthBy(rig.simulator), points)).toEqual([]);
    };
    await round();
    await round();
    rig.simulator.faults.add({ kind: 'status', status: 403 }, { path: `*${refused}*` });
    const named = () => covers.filter(({ device }) => device !== undefined);
    // A device that had no news rests before it is asked again.
    const patience = { timeoutMs: 50_000, everyMs: 250 };
    await eventually('it was refused twice', () => round().then(() => named().length >= 2), patience);
    const claimed = [...truthBy(rig.simulator).keys()].filter((key) => isClaimed(covers, key)).map(timeOf);
    expect(Math.max(...claimed) - Math.min(...claimed)).toBeGreaterThan(3 * MINUTE);
    expect(named()).toEqual([
      expect.objectContaining({ device: refused, state: 'missing', reason: expect.stringMatching(/may not read/) }),
      expect.objectContaining({ device: refused, state: 'missing' }),
    ]);
  });
});

describe('OPTI-11 history of one device', () => {
  const start = async (pageSize: number) => {
    rig = await startRig(
      { devices: 2, producing: false, cadenceMs: SECOND, historyMs: 10 * MINUTE },
      { telemetry: { pageSize } },
    );
    const [device = ''] = await rig.discover();
    const toMs = rig.simulator.clock.now();
    return { device, fromMs: toMs - 9 * MINUTE, toMs };
  };
  const asked = () => rig.simulator.journal.count({ operation: 'OPTI-11' });

  it.each([10, 100, 1_000])('costs what was said before, at %i values a page', async (pageSize) => {
    const query = await start(pageSize);
    const truth = (range: typeof query) => [
      ...truthBy(rig.simulator, { device: range.device, from: range.fromMs, to: range.toMs }).keys(),
    ];
    for (const shareOf of [1, 3]) {
      const range = { ...query, fromMs: query.toMs - (query.toMs - query.fromMs) / shareOf };
      const keys = truth(range);
      const expected = { points: keys.length, series: new Set(keys.map((key) => key.split('|')[1])).size };
      const cost = rig.adapter.telemetry?.historyCost?.({ ...range, expected });
      const before = asked();
      await historyOf(rig.adapter, range);
      const spent = asked() - before;
      expect({ estimated: cost?.calls, spent, close: isClose(cost?.calls ?? 0, spent) }).toMatchObject({ close: true });
    }
  });

  it('goes on where it was left, asks for nothing again, and says what it has covered', async () => {
    const query = await start(50);
    const before = asked();
    const whole = await historyOf(rig.adapter, query);
    const calls = asked() - before;
    const { device, fromMs, toMs } = query;
    expect(missingOf(truthBy(rig.simulator, { device, from: fromMs, to: toMs }), whole.points)).toEqual([]);
    expect(whole.covers).toEqual([query]);
    expect(whole.steps).toBeGreaterThan(5);
    for (const leaveAfter of [1, 4]) {
      const since = asked();
      const again = await historyInTwo(rig.adapter, query, leaveAfter);
      expect(again.points).toEqual(whole.points);
      // What the device has is asked for once more, and nothing else.
      expect(asked() - since).toBeLessThanOrEqual(calls + 1);
    }
  });

  it('of a device that is not there, and of a signal that no address can name, cannot be had', async () => {
    const query = await start(50);
    const unknown = { ...query, device: '00000000-0000-0000-0000-000000000000' };
    await expect(historyOf(rig.adapter, unknown)).rejects.toMatchObject({ code: 'not-found' });
    await expect(historyOf(rig.adapter, { ...query, signals: ['a,b'] })).rejects.toMatchObject({
      code: 'invalid-request',
    });
  });
});
