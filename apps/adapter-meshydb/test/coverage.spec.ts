import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { Checkpoint, CoveredSpan } from '@tributary/adapter-kit';
import {
  discover,
  historyInTwo,
  historyOf,
  isClaimed,
  isClose,
  missingOf,
  never,
  pointsBy,
  truthBy,
  unkept,
} from '@tributary/adapter-kit/testing';
import { type Rig, startRig } from './rig.ts';

jest.setTimeout(60_000);

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

let rig: Rig;
afterEach(() => rig.stop());

const timeOf = (key: string) => Number(key.split('|')[2]);
const documents = () => Object.entries(rig.adapter.polls ?? {}).find(([name]) => name.startsWith('documents.'))?.[1];

describe('MESHY-08 what the poll of measurements says it has covered', () => {
  it('is there, from round to round without a seam, also behind a restart', async () => {
    const irregular = { late: 0, duplicate: 0.05, swapped: 0, corrected: 0 };
    const settings = { telemetry: { firstLook: '2m', longestRest: '1s' } };
    rig = await startRig(
      { devices: 4, cadenceMs: SECOND, historyMs: 3 * MINUTE, producing: true, irregular },
      { settings },
    );
    const covers: CoveredSpan[] = [];
    const points = new Map();
    let checkpoint: Checkpoint | undefined;
    for (let n = 0; n < 6; n += 1) {
      // Another process goes on with nothing but the checkpoint.
      if (n === 3) rig = { ...rig, ...rig.connect() };
      const position = covers.length;
      while (covers.length === position) {
        for await (const page of documents()?.run(checkpoint, never) ?? []) {
          pointsBy(page.items, points);
          covers.push(...(page.covers ?? []));
          if (page.checkpoint) checkpoint = page.checkpoint;
        }
        await rig.simulator.clock.sleep(50);
      }
      expect(unkept(covers, truthBy(rig.simulator), points)).toEqual([]);
    }
    const claimed = [...truthBy(rig.simulator).keys()].filter((key) => isClaimed(covers, key)).map(timeOf);
    expect(Math.max(...claimed) - Math.min(...claimed)).toBeGreaterThan(MINUTE);
    const seams = covers.filter(({ fromMs }, at) => fromMs > (covers[at - 1]?.toMs ?? fromMs));
    expect(seams).toEqual([]);
  });
});

describe('MESHY-08 history of one device', () => {
  const start = async (pageSize: number) => {
    rig = await startRig({ devices: 2, cadenceMs: SECOND, historyMs: 10 * MINUTE }, { settings: { pageSize } });
    const [device = ''] = await discover(rig);
    const toMs = rig.simulator.clock.now();
    return { device, fromMs: toMs - 9 * MINUTE, toMs };
  };
  const asked = () => rig.simulator.journal.count({ operation: 'MESHY-08' });
  const truth = ({ device, fromMs, toMs }: { device: string; fromMs: number; toMs: number }) =>
    truthBy(rig.simulator, { device, from: fromMs, to: toMs });

  it.each([10, 100, 200])('costs what was said before, at %i documents a page', async (pageSize) => {
    const query = await start(pageSize);
    for (const shareOf of [1, 3]) {
      const range = { ...query, fromMs: query.toMs - (query.toMs - query.fromMs) / shareOf };
      const keys = [...truth(range).keys()];
      const expected = { points: keys.length, series: new Set(keys.map((key) => key.split('|')[1])).size };
      const cost = rig.adapter.telemetry?.historyCost?.({ ...range, expected });
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
    expect(missingOf(truth(query), whole.points)).toEqual([]);
    expect(whole.steps).toBeGreaterThan(5);
    for (const leaveAfter of [1, 4]) {
      const since = asked();
      const again = await historyInTwo(rig.adapter, query, leaveAfter);
      expect(again.points).toEqual(whole.points);
      expect(asked() - since).toBeLessThanOrEqual(calls + 1);
    }
  });

  it('of signals that are mapped from no mesh cannot be had', async () => {
    const query = await start(50);
    await expect(historyOf(rig.adapter, { ...query, signals: ['nothing.of.this.name'] })).rejects.toMatchObject({
      code: 'invalid-request',
    });
  });
});
