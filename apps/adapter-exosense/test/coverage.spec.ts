import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { Checkpoint, CoveredSpan } from '@tributary/adapter-kit';
import { historyInTwo, historyOf, isClaimed, isClose, unkept } from '@tributary/adapter-kit/testing';
import { discover, never, pointsBy, type Rig, startRig, truthBy } from './rig.ts';

jest.setTimeout(60_000);

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 1_440 * MINUTE;

let rig: Rig;
afterEach(() => rig.stop());

const timeOf = (key: string) => Number(key.split('|')[2]);

/** Sweeps as a supervisor has them: each from the last checkpoint. */
class Sweeps {
  readonly covers: CoveredSpan[] = [];
  readonly points = new Map();
  #checkpoint: Checkpoint | undefined;

  async one(): Promise<void> {
    for await (const page of rig.adapter.polls?.telemetry?.run(this.#checkpoint, never) ?? []) {
      pointsBy(page.items, this.points);
      this.covers.push(...(page.covers ?? []));
      if (page.checkpoint) this.#checkpoint = page.checkpoint;
    }
  }
}

describe('EXO-21 what the sweep says it has covered', () => {
  it('is there, a signal that keeps its newest value alone and an asset that is not told apart', async () => {
    const irregular = { late: 0, duplicate: 0.05, swapped: 0.05, corrected: 0 };
    rig = await startRig({ devices: 6, cadenceMs: 5 * SECOND, historyMs: MINUTE, retentionMs: 0, irregular });
    const devices = await rig.through(discover(rig));
    const [first, second] = devices.map(({ nativeId }) => nativeId);
    const [some] = [...truthBy(rig.simulator, { device: first ?? '' }).keys()].map((key) => key.split('|')[1] ?? '');
    await rig.simulator.actions.run('set-history', { device: first, signal: some, record: false });
    const sweeps = new Sweeps();
    for (let n = 0; n < 8; n += 1) {
      await rig.through(sweeps.one());
      expect(unkept(sweeps.covers, truthBy(rig.simulator), sweeps.points)).toEqual([]);
      await rig.pass(10 * SECOND);
    }
    const claimed = [...truthBy(rig.simulator).keys()].filter((key) => isClaimed(sweeps.covers, key)).map(timeOf);
    expect(Math.max(...claimed) - Math.min(...claimed)).toBeGreaterThan(50 * SECOND);
    const partial = sweeps.covers.filter(({ state }) => state === 'partial');
    expect(new Set(partial.map(({ device, signal }) => `${device} ${signal}`))).toEqual(new Set([`${first} ${some}`]));
    expect(sweeps.covers.some(({ device }) => device === second)).toBe(false);
  });

  it('is a part where more has come between two sweeps than is answered, until a report has filled it', async () => {
    const answers = {};
    rig = await startRig({ devices: 2, cadenceMs: SECOND, historyMs: 0, retentionMs: 0, answers });
    await rig.through(discover(rig));
    const sweeps = new Sweeps();
    await rig.through(sweeps.one());
    await rig.through(sweeps.one());
    // More than the thousand newest values of each signal.
    await rig.pass(20 * MINUTE);
    await rig.through(sweeps.one());
    const stated = (state?: string) =>
      sweeps.covers.filter((span) => span.signal !== undefined && span.state === state);
    expect(stated('partial').length).toBeGreaterThan(0);
    for (let n = 0; n < 10 && stated().length < stated('partial').length; n += 1) {
      await rig.pass(10 * SECOND);
      await rig.through(sweeps.one());
    }
    expect(stated()).toHaveLength(stated('partial').length);
    expect(unkept(sweeps.covers, truthBy(rig.simulator), sweeps.points)).toEqual([]);
  });
});

describe('history of one asset, by reports', () => {
  const calls = () => rig.simulator.journal.count({ method: 'POST', path: '/api/graphql' });
  const start = async () => {
    rig = await startRig({
      devices: 2,
      producing: false,
      cadenceMs: 6 * 60 * MINUTE,
      historyMs: 200 * DAY,
      retentionMs: 0,
    });
    const [device] = await rig.through(discover(rig));
    const toMs = rig.simulator.clock.now();
    // The first question of a connection also asks for the schema.
    await rig.through(historyOf(rig.adapter, { device: device?.nativeId ?? '', fromMs: toMs - DAY, toMs }));
    return { device: device?.nativeId ?? '', fromMs: toMs - 190 * DAY, toMs };
  };

  it('costs what was said before', async () => {
    const query = await start();
    const keys = [...truthBy(rig.simulator, { device: query.device }).keys()];
    const expected = { points: keys.length, series: new Set(keys.map((key) => key.split('|')[1])).size };
    for (const fromMs of [query.fromMs, query.toMs - DAY]) {
      const cost = rig.adapter.telemetry?.historyCost?.({ ...query, fromMs, expected });
      const before = calls();
      await rig.through(historyOf(rig.adapter, { ...query, fromMs }));
      const spent = calls() - before;
      expect({ estimated: cost?.calls, spent, close: isClose(cost?.calls ?? 0, spent) }).toMatchObject({ close: true });
    }
  });

  it('goes on with the report that was ordered when it was left', async () => {
    const query = await start();
    const ordered = () => rig.simulator.journal.count({ operation: 'EXO-01:createReport' });
    const before = ordered();
    const whole = await rig.through(historyOf(rig.adapter, query));
    const orders = ordered() - before;
    expect(orders).toBeGreaterThan(2);
    for (const leaveAfter of [1, 2, 3]) {
      const since = ordered();
      const again = await rig.through(historyInTwo(rig.adapter, query, leaveAfter));
      expect(again.points).toEqual(whole.points);
      expect(ordered() - since).toBe(orders);
    }
  });
});
