import { describe, expect, it } from '@jest/globals';
import { MESHY_START, stillSimulators } from '../../test/meshydb-caller.ts';
import { dig, list } from '../../test/opticloud-caller.ts';
import type { MeshydbSimulator } from './server.ts';
import { pointsOf } from './telemetry-mapping.ts';

const start = stillSimulators();
const NONE = { late: 0, duplicate: 0, swapped: 0, corrected: 0 };
const MINUTE = 60_000;

const readings = (sim: MeshydbSimulator) => sim.state.demo.mesh('reading').matching({ test: () => true, ids: {} });

/** What a reader makes of the documents: in the order of their ids, the last word counts. */
function readBack(sim: MeshydbSimulator) {
  const points = new Map<string, unknown>();
  for (const document of readings(sim))
    for (const { device, signal, ts, value } of pointsOf(document, sim.state.mapping))
      points.set(`${device} ${signal} ${ts}`, value);
  return points;
}

const truth = (sim: MeshydbSimulator) =>
  new Map([...sim.truth.points()].map(({ device, signal, ts, value }) => [`${device} ${signal} ${ts}`, value]));

describe('MeshyDB readings', () => {
  it('are documents at a cadence, as the demonstration’s settings say', async () => {
    const { sim, ask } = await start({ devices: 12, irregular: NONE });
    await sim.clock.advance(100_000);
    expect(sim.truth.counts()).toMatchObject({ points: 12 * 6 * 10, series: 72, devices: 12, duplicates: 0 });
    const { documents } = sim.demoConnection.settings;
    expect(documents).toEqual([
      expect.objectContaining({ mesh: 'reading', deviceField: 'device', timeField: 'ts', timeUnit: 'ms' }),
    ]);
    const answer = await ask('meshes/reading', { query: { orderby: '{_id:-1}', pageSize: '1' } });
    expect(dig(answer.json, 'totalRecords')).toBe(120);
    expect(list(answer.json, 'results')[0]).toEqual({
      _id: expect.any(String),
      device: 'sensor-0012',
      deviceName: 'Raum 0012',
      ts: MESHY_START + 100_000,
      temperature: expect.any(Number),
      humidity: expect.any(Number),
      occupied: expect.any(Boolean),
      mode: expect.any(String),
      battery: { voltage: expect.any(Number) },
      co2: expect.any(Number),
      updatedAt: new Date(MESHY_START + 100_000).toISOString(),
    });
  });

  it.each([
    ['s', (MESHY_START + 10_000) / 1000],
    ['iso', new Date(MESHY_START + 10_000).toISOString()],
  ] as const)('hold their time in %s', async (timeUnit, expected) => {
    const { sim } = await start({ devices: 1, irregular: NONE, timeUnit, signalsPerDevice: 8 });
    await sim.clock.advance(10_000);
    expect(readings(sim)).toMatchObject([{ ts: expected, value7: expect.any(Number), value8: expect.any(Number) }]);
    expect([...sim.truth.points()].map(({ ts }) => ts)).toEqual(Array(8).fill(MESHY_START + 10_000));
  });

  it('are there from before the start, with ids of that time', async () => {
    const { sim } = await start({ devices: 2, historyMs: MINUTE, irregular: NONE });
    const ids = readings(sim).map(({ _id }) => _id);
    expect(ids).toHaveLength(12);
    expect(Number.parseInt(ids[0]?.slice(0, 8) ?? '', 16)).toBe((MESHY_START - MINUTE) / 1000);
  });

  it('are the same again from the same seed, and others from another', async () => {
    const run = async (seed: number) => {
      const { sim } = await start({ devices: 5, seed, historyMs: MINUTE });
      await sim.clock.advance(3 * MINUTE);
      return readings(sim);
    };
    const first = await run(5);
    expect(await run(5)).toEqual(first);
    expect(await run(6)).not.toEqual(first);
  });

  it.each(['late', 'swapped', 'duplicate', 'corrected'] as const)('come %s where that is wanted', async (way) => {
    const { sim } = await start({ devices: 12, irregular: { ...NONE, [way]: 0.1 } });
    await sim.clock.advance(5 * MINUTE);
    const { duplicates, corrections, outOfOrder } = sim.truth.counts();
    expect({ outOfOrder: outOfOrder > 0, duplicates: duplicates > 0, corrections: corrections > 0 }).toEqual({
      outOfOrder: way !== 'duplicate',
      duplicates: way === 'duplicate' || way === 'corrected',
      corrections: way === 'corrected',
    });
    expect(readBack(sim)).toEqual(truth(sim));
  });

  it('older than retention are gone, here and in the truth', async () => {
    const { sim } = await start({ devices: 3, retentionMs: 2 * MINUTE, irregular: { ...NONE, late: 0.2 } });
    await sim.clock.advance(20 * MINUTE);
    const { points, forgotten } = sim.truth.counts();
    expect(points).toBeLessThanOrEqual(3 * 6 * 16);
    expect(forgotten).toBeGreaterThan(1_500);
    expect(readBack(sim)).toEqual(truth(sim));
  });

  it('of a device that was away come late, or never', async () => {
    const { sim } = await start({ devices: 2, irregular: NONE });
    await sim.actions.run('set-online', { device: 0, online: false });
    await sim.actions.run('set-online', { device: 'sensor-0002', online: false });
    await sim.clock.advance(MINUTE);
    expect(readings(sim)).toEqual([]);
    await sim.actions.run('set-online', { device: 'Raum 0001', online: true });
    await sim.actions.run('set-online', { device: 1, online: true, forgets: true });
    expect(readings(sim).map(({ device }) => device)).toEqual(Array(6).fill('sensor-0001'));
    expect(readBack(sim)).toEqual(truth(sim));
  });

  it('ids of several machines are in no order within a second, and never twice', async () => {
    const { sim } = await start({ writers: 2 });
    const ids = Array.from({ length: 20 }, () => sim.state.newId());
    expect(ids).not.toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(20);
    expect(new Set(ids.map((one) => one.slice(0, 8))).size).toBe(1);
  });

  it('what anybody writes into their mesh counts, and what is no reading stands for nothing', async () => {
    const { sim, ask } = await start();
    const post = (body: unknown) => ask('meshes/Reading', { method: 'POST', body });
    const made = await post({ device: 'own', ts: 5_000, temperature: 20, humidity: null, battery: { voltage: 3 } });
    for (const wrong of [{ device: 7, ts: 5 }, { device: 'own' }, { device: 'own', ts: '5' }, { device: '', ts: 5 }])
      await post({ ...wrong, temperature: 1 });
    const shown = () => [...sim.truth.points()].map(({ device, signal, ts, value }) => [device, signal, ts, value]);
    expect(shown()).toEqual([
      ['own', 'temperature', 5_000, 20],
      ['own', 'battery', 5_000, 3],
    ]);
    await ask(`meshes/reading/${dig(made.json, '_id')}`, { method: 'PUT', body: { temperature: 21 } });
    expect(shown()[0]).toEqual(['own', 'temperature', 5_000, 21]);
    expect(sim.truth.revisions('own', 'temperature', 5_000).map(({ value }) => value)).toEqual([20, 21]);
    await sim.actions.run('insert-document', {
      mesh: 'reading',
      tenant: 'staging',
      document: { device: 'x', ts: 1, co2: 1 },
    });
    await ask('meshes/other', { method: 'POST', body: { device: 'y', ts: 1, co2: 1 } });
    expect(sim.truth.devices()).toEqual(['own']);
  });
});

describe('MeshyDB scenario', () => {
  it('actions about devices do what they say', async () => {
    const { sim } = await start({ devices: 2, irregular: NONE });
    const run = (name: string, input: object) => sim.actions.run(name, input);
    expect(await run('devices', {})).toMatchObject([
      {
        id: 'sensor-0001',
        online: true,
        signals: [{ id: 'temperature' }, {}, {}, {}, { id: 'battery', field: 'battery.voltage', unit: 'V' }, {}],
      },
      {},
    ]);
    await run('burst', { device: 0, count: 20, stepMs: 100 });
    expect(sim.truth.counts({ device: 'sensor-0001' }).points).toBe(120);
    const added = (await run('add-device', { name: 'Neu' })) as { id: string };
    await sim.clock.advance(10_000);
    expect(sim.truth.counts({ device: added.id }).points).toBe(6);
    await sim.clock.advance(500);
    for (const way of ['late', 'swapped', 'duplicate', 'corrected']) await run('misbehave', { device: added.id, way });
    expect(sim.truth.counts()).toMatchObject({ corrections: 1 });
    await run('produce', { device: 1, telemetry: [{ ts: 1, values: { battery: 2.5, mode: 'off' } }] });
    expect([...sim.truth.points({ device: 'sensor-0002', to: 2 })].map(({ signal, value }) => [signal, value])).toEqual(
      [
        ['mode', 'off'],
        ['battery', 2.5],
      ],
    );
    await expect(run('produce', { device: 1, telemetry: { values: { nothing: 1 } } })).rejects.toThrow(RangeError);
    await run('remove-device', { device: added.id });
    expect(readings(sim).some(({ device }) => device === added.id)).toBe(false);
    await expect(run('burst', { device: added.id, count: 1 })).rejects.toThrow(RangeError);
    expect(readBack(sim).size).toBeLessThan(truth(sim).size);
  });

  it('work orders are documents that say when they were changed, and change by themselves where that is wanted', async () => {
    const { sim, ask } = await start({ workOrders: 20, changesEveryMs: 1_000 });
    const newest = await ask('meshes/workorder', { query: { orderby: '{updatedAt:-1}', pageSize: '1' } });
    expect(newest.json).toMatchObject({
      totalRecords: 20,
      results: [{ number: 'WO-000020', updatedAt: expect.stringMatching(/\.\d{3}Z$/) }],
    });
    await sim.clock.advance(40_000);
    const since = `{updatedAt:{$gt:"${new Date(MESHY_START).toISOString()}"}}`;
    const changed = await ask('meshes/workorder', { query: { filter: since } });
    expect(Number(dig(changed.json, 'totalRecords'))).toBeGreaterThan(5);
    const all = await ask('meshes/workorder');
    expect([20, 21]).toContain(dig(all.json, 'totalRecords'));
    sim.production.pause();
    await sim.clock.advance(40_000);
    expect((await ask('meshes/workorder')).json).toEqual(all.json);
  });

  it('others change documents past the API', async () => {
    const { sim, ask } = await start();
    const run = (name: string, input: object) => sim.actions.run(name, { mesh: 'Person', ...input });
    const made = (await run('insert-document', { document: { a: 1, b: 2 } })) as { _id: string };
    await run('insert-document', { document: [{ a: 2 }, { a: 3 }] });
    await run('update-document', { id: made._id, document: { a: 5 } });
    expect((await ask(`meshes/person/${made._id}`)).json).toEqual({ _id: made._id, a: 5, b: 2 });
    await run('update-document', { id: made._id, document: { c: 1 }, replace: true });
    expect((await ask(`meshes/person/${made._id}`)).json).toEqual({ _id: made._id, c: 1 });
    expect(await run('documents', { filter: '{a:{$gt:2}}' })).toMatchObject([{ a: 3 }]);
    expect(await run('delete-document', { filter: '{a:2}' })).toEqual({ deletedCount: 1 });
    expect(await run('delete-document', { id: made._id })).toEqual({ deletedCount: 1 });
    expect(await run('delete-document', { id: made._id })).toEqual({ deletedCount: 0 });
    await expect(run('delete-document', {})).rejects.toThrow(RangeError);
    await expect(run('update-document', { id: made._id, document: {} })).rejects.toThrow();
    const [opened] = (await sim.actions.run('open-work-orders', { count: 3 })) as string[];
    const before = sim.state.demo.mesh('workorder').get(opened ?? '')?.status;
    expect(await sim.actions.run('advance-work-order', { id: opened })).not.toMatchObject({ status: before });
    expect(sim.journal.count({ method: 'PUT' })).toBe(0);
  });
});
