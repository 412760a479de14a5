import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { CoveredSpan } from '@tributary/adapter-kit';
import { historyInTwo, historyOf, isClaimed, isClose, unkept } from '@tributary/adapter-kit/testing';
import { missingOf, never, pointsBy, type Rig, startRig, truthBy } from './rig.ts';

jest.setTimeout(60_000);

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const irregular = { late: 0, duplicate: 0.02, swapped: 0, corrected: 0 };

let rig: Rig;
afterEach(() => rig.stop());

describe('OCTO-10 what live data says it has covered', () => {
  it('is there, also while some streams are refused, and reaches back to what was read beside it', async () => {
    rig = await startRig(
      // What comes later than rows become visible is the repair's: that is another test.
      { devices: 6, waterMeters: 3, cadenceMs: 10 * SECOND, historyMs: 30 * MINUTE, clock: { speed: 0 }, irregular },
      { limited: true, settings: { deviceTypes: undefined, telemetry: { firstLook: '20m', tail: '1m' } } },
    );
    await rig.discover();
    const covers: CoveredSpan[] = [];
    const points = new Map();
    const checkpoints = new Map();
    const round = async (name: string) => {
      for await (const page of rig.adapter.polls?.[name]?.run(checkpoints.get(name), never) ?? []) {
        pointsBy(page.items, points);
        covers.push(...(page.covers ?? []));
        if (page.checkpoint) checkpoints.set(name, page.checkpoint);
      }
      expect(unkept(covers, truthBy(rig.simulator), points)).toEqual([]);
    };
    for (let n = 0; n < 6; n += 1) {
      if (n === 2) rig.simulator.faults.add({ kind: 'status', status: 403 }, { operation: 'OCTO-10', count: 2 });
      await round('telemetry');
      await round('backfill');
      await rig.simulator.clock.advance(40 * SECOND);
    }
    const claimed = [...truthBy(rig.simulator).keys()].filter((key) => isClaimed(covers, key));
    // The first look reaches back for twenty minutes, and four more have passed.
    const span = Math.max(...claimed.map(timeOf)) - Math.min(...claimed.map(timeOf));
    expect(span).toBeGreaterThan(21 * MINUTE);
  });
});

const timeOf = (key: string) => Number(key.split('|')[2]);

describe('OCTO-10 history of one device', () => {
  const start = async (pageSize: number) => {
    rig = await startRig(
      { devices: 4, waterMeters: 2, producing: false, cadenceMs: SECOND, historyMs: 10 * MINUTE },
      { settings: { deviceTypes: undefined, telemetry: { pageSize } } },
    );
    const [device = ''] = await rig.discover();
    const toMs = rig.simulator.clock.now();
    return { device, fromMs: toMs - 9 * MINUTE, toMs };
  };
  const asked = () => rig.simulator.journal.count({ operation: 'OCTO-10' });

  it.each([10, 100, 1_000])('costs what was said before, at %i rows a page', async (pageSize) => {
    const query = await start(pageSize);
    for (const shareOf of [1, 3]) {
      const range = { ...query, fromMs: query.toMs - (query.toMs - query.fromMs) / shareOf };
      const expected = [...truthBy(rig.simulator, { device: range.device, from: range.fromMs, to: range.toMs }).keys()];
      const series = new Set(expected.map((key) => key.split('|')[1])).size;
      const known = { series, points: expected.length };
      const cost = rig.adapter.telemetry?.historyCost?.({ ...range, expected: known });
      const before = asked();
      await historyOf(rig.adapter, range);
      const spent = asked() - before;
      expect({ estimated: cost?.calls, spent, close: isClose(cost?.calls ?? 0, spent) }).toMatchObject({ close: true });
    }
  });

  it('goes on where it was left, and asks for nothing again', async () => {
    const query = await start(50);
    const before = asked();
    const whole = await historyOf(rig.adapter, query);
    const calls = asked() - before;
    expect(
      missingOf(truthBy(rig.simulator, { device: query.device, from: query.fromMs, to: query.toMs }), whole.points),
    ).toEqual([]);
    expect(whole.steps).toBeGreaterThan(5);
    const again = await historyInTwo(rig.adapter, query, 3);
    expect(again.points).toEqual(whole.points);
    expect(asked() - before).toBeLessThanOrEqual(2 * calls + 2);
  });

  it('of signals that no stream has cannot be had', async () => {
    const query = await start(50);
    await expect(historyOf(rig.adapter, { ...query, signals: ['nothing.of.this.name'] })).rejects.toMatchObject({
      code: 'invalid-request',
    });
  });
});
