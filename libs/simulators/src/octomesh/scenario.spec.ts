import { afterEach, describe, expect, it } from '@jest/globals';
import { OctomeshCaller, START, startQuietOctomesh } from '../../test/octomesh-caller.ts';
import { dig, list } from '../../test/opticloud-caller.ts';
import type { OctomeshOptions } from './options.ts';
import type { OctomeshSimulator } from './server.ts';

const running: OctomeshSimulator[] = [];
afterEach(() => Promise.all(running.splice(0).map((sim) => sim.stop())));

async function start(options: Partial<OctomeshOptions> = {}): Promise<OctomeshSimulator> {
  const sim = await startQuietOctomesh({ otherDevices: 0, ...options });
  running.push(sim);
  return sim;
}

const DAY = 86_400_000;

describe('OctoMesh scenario', () => {
  it('is the same again from the same seed, and another from another', async () => {
    const run = async (seed: number) => {
      const sim = await start({ seed, producing: true, cadenceMs: 10_000, devices: 5 });
      await sim.clock.advance(100_000);
      return [sim.state.tenants.main.entitiesOf('Industry.Energy/EnergyMeter'), [...sim.truth.points()]];
    };
    const first = await run(5);
    expect(await run(5)).toEqual(first);
    expect(await run(6)).not.toEqual(first);
  });

  it('has its meters in the ground truth and nothing else', async () => {
    const sim = await start();
    const meters = sim.state.tenants.main.entitiesOf('Industry.Energy/EnergyMeter').map(({ rtId }) => rtId);
    expect(sim.truth.devices().sort()).toEqual(meters.sort());
    expect(sim.truth.signals(meters[0] ?? '')).toEqual(['voltage', 'current', 'power', 'energy', 'frequency']);
  });

  it('serves thirty days of three hundred meters at a minute without keeping them', async () => {
    const sim = await start({ devices: 300, historyMs: 30 * DAY, cadenceMs: 60_000 });
    const rows = 300 * 30 * 24 * 60;
    const { points, series } = sim.truth.counts();
    expect(series).toBe(1_500);
    expect(points).toBeLessThan(rows * 5);
    expect(points).toBeGreaterThan(rows * 4.97);
    const service = await OctomeshCaller.logIn(sim);
    const from = START - 17 * DAY;
    const bounds = `timestamp:{gte:"${new Date(from).toISOString()}" lt:"${new Date(from + 600_000).toISOString()}"}`;
    const { json } = await service.query(`{streamData{
      all: tsIndustryEnergyMeterReading(first:1){pageInfo{totalCount}}
      deep: tsIndustryEnergyMeterReading(first:1000 after:"${Buffer.from('arrayconnection:9000000').toString('base64')}"){items{timestamp}}
      some: tsIndustryEnergyMeterReading(first:1000 after:"${Buffer.from('arrayconnection:1999').toString('base64')}" filter:{${bounds}} orderBy:{timestamp:ASC}){
        items{rtId timestamp voltage current power energy frequency} pageInfo{hasNextPage totalCount}}
    }}`);
    expect(dig(json, 'data', 'streamData', 'all', 'pageInfo', 'totalCount')).toBe(rows);
    expect(list(json, 'data', 'streamData', 'deep', 'items')).toHaveLength(1_000);
    expect(dig(json, 'data', 'streamData', 'some', 'pageInfo')).toEqual({ hasNextPage: false, totalCount: 3_000 });
    const values = list(json, 'data', 'streamData', 'some', 'items').flatMap((row) =>
      ['voltage', 'current', 'power', 'energy', 'frequency'].map((signal) => dig(row, signal)),
    );
    const told = [...sim.truth.points({ from, to: from + 600_000 })];
    const [last] = list(json, 'data', 'streamData', 'some', 'items').slice(-1);
    const same = told.find(
      ({ device, signal, ts }) =>
        device === dig(last, 'rtId') && signal === 'energy' && ts === Date.parse(String(dig(last, 'timestamp'))),
    );
    expect(same?.value).toBe(dig(last, 'energy'));
    expect(values).toHaveLength(5_000);
  });

  it('holds back what an offline meter measures, and sends it late when it comes back', async () => {
    const sim = await start({
      producing: true,
      cadenceMs: 10_000,
      historyMs: 0,
      irregular: { late: 0, duplicate: 0, swapped: 0, corrected: 0 },
    });
    const [kept = '', lost = ''] = sim.truth.devices();
    const pointsOf = (id: string) => sim.truth.series(id, 'voltage')?.points ?? 0;
    for (const device of [kept, lost]) await sim.actions.run('set-online', { device, online: false });
    await sim.clock.advance(100_000);
    expect([pointsOf(kept), pointsOf(lost)]).toEqual([0, 0]);
    await sim.actions.run('set-online', { device: kept, online: true });
    await sim.actions.run('set-online', { device: lost, online: true, forgets: true });
    expect([pointsOf(kept), pointsOf(lost)]).toEqual([10, 0]);
  });

  it('makes a meter send late, swapped, twice or corrected when it is told to', async () => {
    const sim = await start({ historyMs: 0, signalsPerDevice: 1 });
    const misbehave = async (way: string) => {
      const before = sim.truth.counts();
      await sim.actions.run('misbehave', { device: 5, way, lateMs: 60_000 });
      const after = sim.truth.counts();
      const grown = (key: 'points' | 'duplicates' | 'corrections' | 'outOfOrder') => after[key] - before[key];
      return [grown('points'), grown('duplicates'), grown('corrections'), grown('outOfOrder')];
    };
    expect(await misbehave('swapped')).toEqual([2, 0, 0, 1]);
    expect(await misbehave('late')).toEqual([1, 0, 0, 1]);
    await sim.clock.advance(1);
    expect(await misbehave('duplicate')).toEqual([1, 1, 0, 0]);
    expect(await misbehave('corrected')).toEqual([0, 0, 1, 0]);
    expect(await misbehave('corrected')).toEqual([0, 1, 0, 0]);
  });

  it('adds and removes meters, also those made over the API', async () => {
    const sim = await start({ producing: true, cadenceMs: 10_000 });
    const { id } = (await sim.actions.run('add-device', { name: 'Neuer Zähler' })) as { id: string };
    const made = (await sim.actions.run('create-entity', { attributes: { name: 'm', serialNumber: '1' } })) as {
      id: string;
    };
    expect(sim.truth.devices()).toContain(made.id);
    await sim.actions.run('measure', { device: made.id });
    await sim.clock.advance(30_000);
    expect([sim.truth.series(id, 'voltage')?.points, sim.truth.series(made.id, 'voltage')?.points]).toEqual([3, 3]);
    await sim.actions.run('remove-device', { device: id });
    await sim.clock.advance(30_000);
    expect(sim.truth.series(id, 'voltage')?.points).toBe(3);
    const listed = (await sim.actions.run('devices')) as Array<{ id: string }>;
    expect([listed.length, listed.some((one) => one.id === id)]).toEqual([26, false]);
  });

  it('pauses and resumes', async () => {
    const sim = await start({ producing: true, cadenceMs: 10_000, historyMs: 0 });
    sim.production.pause();
    await sim.clock.advance(60_000);
    expect(sim.truth.counts().writes).toBe(0);
    sim.production.resume();
    await sim.clock.advance(20_000);
    expect(sim.truth.counts().writes).toBeGreaterThan(0);
  });

  it("lets others work behind a client's back", async () => {
    const sim = await start();
    const service = await OctomeshCaller.logIn(sim);
    await sim.actions.run('update-entity', { entity: 'main-building-meter', attributes: { status: 'Inactive' } });
    const { json } = await service.query(
      '{runtime{rtIndustryEnergyEnergyMeterByWellKnownName(wellKnownName:"main-building-meter"){status}}}',
    );
    expect(dig(json, 'data', 'runtime', 'rtIndustryEnergyEnergyMeterByWellKnownName')).toEqual({ status: 'Inactive' });
    await sim.actions.run('install-library', {
      library: { libraryId: 'New.Lib', version: '0.1.0', types: [{ typeId: 'Thing' }] },
    });
    expect((await service.query('{runtime{rtNewLibThing{items{rtId}}}}')).json).toMatchObject({ data: {} });
    await sim.actions.run('delete-entity', { entity: 'main-building-meter' });
    await expect(sim.actions.run('update-entity', { entity: 'main-building-meter', attributes: {} })).rejects.toThrow(
      RangeError,
    );
  });
});
