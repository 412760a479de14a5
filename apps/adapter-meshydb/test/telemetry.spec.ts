import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { Checkpoint, Observation, PointValue } from '@tributary/adapter-kit';
import { eventually, systemClock } from '@tributary/testing';
import { collect, failureOf, never, pointsBy, type Rig, run, startRig, truthBy } from './rig.ts';

jest.setTimeout(120_000);

const POLL = 'documents.reading';
let rig: Rig;
afterEach(() => rig.stop());

/** Seconds since 1970 from which documents with ids of our own are made: within the first look. */
const madeFrom = Math.floor(systemClock.now() / 1_000) - 3_000;
const telemetry = { longestRest: '0s' };
/** What the demonstration maps, with changes. */
const mapped = (changes: object): Record<string, unknown> => {
  const [mapping] = rig.simulator.demoConnection.settings.documents as object[];
  return { documents: [{ ...mapping, ...changes }], telemetry };
};
const keys = (points: ReadonlyMap<string, unknown>) => [...points.keys()].toSorted();

describe('documents as telemetry', () => {
  it.each(['ms', 's', 'iso'] as const)('MESHY-08 every point is read, times in %s', async (timeUnit) => {
    rig = await startRig(
      {
        devices: 8,
        signalsPerDevice: 6,
        historyMs: 60_000,
        cadenceMs: 1_000,
        timeUnit,
        writers: 3,
        irregular: { late: 0.1, duplicate: 0.1, swapped: 0.1, corrected: 0.1 },
      },
      { settings: { telemetry } },
    );
    const { observations } = await run(rig, POLL);
    expect(pointsBy(observations)).toEqual(truthBy(rig.simulator));
  });

  it('MESHY-08 goes on where it was, brings what appears late, and nothing twice', async () => {
    rig = await startRig(
      {
        devices: 6,
        cadenceMs: 200,
        producing: true,
        writers: 3,
        irregular: { late: 0.1, duplicate: 0.1, swapped: 0.1, corrected: 0.1 },
      },
      { settings: { telemetry: { ...telemetry, lateEvery: '1s' } } },
    );
    const points = new Map<string, PointValue['value']>();
    const documents: Observation[] = [];
    let checkpoint: Checkpoint | undefined;
    const round = async () => {
      const found = await run(rig, POLL, checkpoint);
      checkpoint = found.checkpoint;
      documents.push(...found.observations);
      pointsBy(found.observations, points);
    };
    await eventually(
      'enough has been written',
      async () => {
        await round();
        return points.size > 600;
      },
      { timeoutMs: 60_000 },
    );
    rig.simulator.production.pause();
    await eventually(
      'everything has come',
      async () => {
        await round();
        const truth = truthBy(rig.simulator);
        return truth.size === points.size && [...truth].every(([key, value]) => points.get(key) === value);
      },
      { timeoutMs: 30_000 },
    );
    const before = documents.length;
    await round();
    expect(documents).toHaveLength(before);
  });

  it('MESHY-08 after a restart reads again no more than the overlap, from where it may have been read last', async () => {
    rig = await startRig({ devices: 2 }, { settings: { telemetry } });
    const documents = Array.from({ length: 500 }, (_, n) => ({
      _id: (madeFrom + n).toString(16) + '0'.repeat(16),
      device: 'd',
      ts: 1_000 * n,
      temperature: n,
    }));
    await rig.simulator.actions.run('insert-document', { mesh: 'reading', document: documents });
    const first = await run(rig, POLL);
    expect(pointsBy(first.observations).size).toBe(500);
    const again = await run(rig.connect(), POLL, first.checkpoint);
    expect(pointsBy(again.observations).size).toBeGreaterThan(0);
    // A minute, and half a minute before it: so often the whole overlap is read.
    expect(pointsBy(again.observations).size).toBeLessThanOrEqual(91);
  });

  it('an id that lies in the future hides nothing', async () => {
    rig = await startRig({ devices: 1 }, { settings: { telemetry } });
    const insert = (document: object) => rig.simulator.actions.run('insert-document', { mesh: 'reading', document });
    await insert({ _id: 'f'.repeat(24), device: 'd', ts: 1, temperature: 1 });
    const first = await run(rig, POLL);
    await insert({ device: 'd', ts: 2, temperature: 2 });
    const next = await run(rig, POLL, first.checkpoint);
    expect(keys(pointsBy([...first.observations, ...next.observations]))).toEqual([
      'd|temperature|1',
      'd|temperature|2',
    ]);
  });

  it('a document that is corrected in place is published again', async () => {
    rig = await startRig();
    const connected = rig.connect({ settings: mapped({ updatedField: 'updatedAt' }) });
    const at = (n: number) => new Date(1.7e12 + n * 100_000).toISOString();
    const ids = Array.from({ length: 20 }, (_, n) => (madeFrom + n * 100).toString(16) + '0'.repeat(16));
    const document = ids.map((_id, n) => ({ _id, device: 'd', ts: n, temperature: n, updatedAt: at(n) }));
    await rig.simulator.actions.run('insert-document', { mesh: 'reading', document });
    const first = await run(connected, POLL);
    await rig.simulator.actions.run('update-document', {
      mesh: 'reading',
      id: ids[2],
      document: { temperature: 99, updatedAt: at(100) },
    });
    const next = await run(connected, POLL, first.checkpoint);
    expect([...pointsBy(next.observations)]).toEqual([['d|temperature|2', 99]]);
  });

  it('a document that does not fit harms no other, and many of them are said', async () => {
    rig = await startRig({ devices: 1 }, { settings: { telemetry } });
    const good = { device: 'd', ts: 5, temperature: 1 };
    const bad = [
      { device: 7, ts: 1, temperature: 1 },
      { device: 'd', ts: 'x', temperature: 1 },
      { device: 'd', ts: 1 },
    ];
    await rig.simulator.actions.run('insert-document', { mesh: 'reading', document: [bad[0], good, bad[1], bad[2]] });
    const { observations, checkpoint } = await run(rig, POLL);
    expect(keys(pointsBy(observations))).toEqual(['d|temperature|5']);
    expect(rig.access.setAside()).toBe(3);
    expect(rig.adapter.limitations?.()).toEqual([]);
    await rig.simulator.actions.run('insert-document', {
      mesh: 'reading',
      document: Array.from({ length: 30 }, () => ({ x: 1 })),
    });
    await run(rig, POLL, checkpoint);
    expect(rig.adapter.limitations?.()).toEqual([expect.stringContaining('"device"')]);
  });

  it('MESHY-08 devices are what documents name, with the name of the newest', async () => {
    rig = await startRig({ devices: 12, historyMs: 30_000, cadenceMs: 1_000 }, { settings: { pageSize: 50 } });
    const found = (await collect(rig.adapter.devices?.discover(never) ?? [])).flatMap((page) => page.items);
    expect(found.map(({ nativeId }) => nativeId).toSorted()).toEqual(rig.simulator.truth.devices().toSorted());
    expect(found.every(({ name, nativeId }) => name !== '' && name !== nativeId)).toBe(true);
  });

  it('MESHY-08 history of a device is what it measured in the window', async () => {
    for (const timeUnit of ['ms', 's', 'iso'] as const) {
      const other = await startRig({ devices: 3, historyMs: 60_000, cadenceMs: 1_000, timeUnit });
      const [device = ''] = other.simulator.truth.devices();
      const all = [...other.simulator.truth.points()].filter((point) => point.device === device);
      const times = all.map(({ ts }) => ts);
      const fromMs = Math.min(...times) + 10_000;
      const query = { device, fromMs, toMs: fromMs + 20_000, signals: ['temperature'] };
      const pages = await collect(other.adapter.telemetry?.history?.(query, never) ?? []);
      const points = pages.flatMap((page) => page.items.flatMap((batch) => batch.points));
      const wanted = all.filter(({ signal, ts }) => signal === 'temperature' && ts >= query.fromMs && ts < query.toMs);
      expect(new Set(points.map(({ tsMs }) => tsMs))).toEqual(new Set(wanted.map(({ ts }) => ts)));
      expect(points.every(({ signal, unit }) => signal === 'temperature' && unit === 'Cel')).toBe(true);
      await other.stop();
    }
    rig = await startRig();
  });

  it('a mapping that cannot be right is a problem of the test, naming mesh and field', async () => {
    rig = await startRig({ devices: 2, historyMs: 10_000, cadenceMs: 1_000 });
    const failure = (changes: object) => failureOf(rig.connect({ settings: mapped(changes) }).adapter.probe(never));
    expect(await failure({})).toBeUndefined();
    expect(await failure({ deviceField: 'devise' })).toMatchObject({
      code: 'invalid-request',
      message: expect.stringMatching(/mesh "reading".*"devise"/),
    });
    expect(await failure({ timeField: 'when' })).toMatchObject({ message: expect.stringMatching(/"reading".*"when"/) });
    expect(await failure({ timeUnit: 'iso' })).toMatchObject({ message: expect.stringMatching(/"ts" \(iso\)/) });
    expect(await failure({ values: [{ field: 'heat' }] })).toMatchObject({
      message: expect.stringMatching(/"reading".*"heat"/),
    });
    expect(await failure({ mesh: 'readings' })).toMatchObject({ message: expect.stringMatching(/no mesh "readings"/) });
    const partly = rig.connect({ settings: mapped({ values: [{ field: 'temperature' }, { field: 'heat' }] }) });
    await partly.adapter.probe(never);
    expect(partly.adapter.limitations?.()).toEqual([expect.stringMatching(/"reading".*"heat"/)]);
  });
});
