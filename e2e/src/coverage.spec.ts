import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Schemas } from '@tributary/client';
import { type OpticloudSimulator, startOpticloud } from '@tributary/simulators';
import { eventually } from '@tributary/testing';
import { Stage } from './stage.ts';

const DEVICES = 3;
const LONG = { timeoutMs: 90_000 };

type Interval = Schemas['DeviceCoverage']['intervals'][number];

describe('coverage of a platform that keeps history', () => {
  let stage: Stage;
  let simulator: OpticloudSimulator;
  let devices: Schemas['Device'][];

  beforeAll(async () => {
    simulator = await startOpticloud({
      port: 0,
      mqttPort: 0,
      controlPort: 0,
      devices: DEVICES,
      otherDevices: 0,
      signalsPerDevice: 2,
      cadenceMs: 500,
      historyMs: 0,
      retentionMs: 0,
      irregular: { late: 0, duplicate: 0, swapped: 0, corrected: 0 },
    });
    stage = await Stage.start({
      simulator,
      env: { LEASE_TTL: '3s', REPAIR_AFTER: '1s' },
      settings: {
        schedules: { discover: '30s', telemetry: '1s' },
        telemetry: { firstLook: '10s', lookBack: '2s', longestRest: '1s' },
        attributes: { enabled: false },
        communication: { enabled: false },
        files: { enabled: false },
      },
    });
    await stage.connect();
    devices = await eventually(
      'devices are stored',
      async () => {
        const found = await stage.api.list('/v1/devices').all();
        return found.length === DEVICES && found;
      },
      LONG,
    );
  }, 120_000);

  afterAll(() => stage?.stop(), 60_000);

  const intervalsOf = async ({ id }: Schemas['Device'], fromMs: number, toMs: number): Promise<Interval[]> => {
    const query = { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
    return (await stage.api.get('/v1/devices/{deviceId}/coverage', { path: { deviceId: id }, query })).intervals;
  };
  const statesOf = async (device: Schemas['Device'], fromMs: number, toMs: number) =>
    (await intervalsOf(device, fromMs, toMs)).map(({ state }) => state);
  const text = (intervals: readonly Interval[]) => JSON.stringify(intervals);

  /** All of it read and in the store, and what is said to be there is there: nothing that was produced then is missing. */
  async function completeFor(of: readonly Schemas['Device'][], fromMs: number, toMs: number): Promise<void> {
    for (const device of of) {
      await eventually(
        'the whole stretch is complete',
        async () => {
          const intervals = await intervalsOf(device, fromMs, toMs);
          if (intervals.some(({ state }) => state !== 'complete')) throw new Error(text(intervals));
          return true;
        },
        LONG,
      );
      // At once, and not eventually: complete is said of what is committed.
      const produced = [...simulator.truth.points({ device: device.nativeId, from: fromMs, to: toMs })];
      const [row] = await stage.query<{ n: string }>(
        `select count(*) as n from point p join series s on s.id = p.series_id
         where s.device_id = $1 and p.ts >= $2 and p.ts < $3`,
        [device.id, new Date(fromMs), new Date(toMs)],
      );
      const distinct = new Set(produced.map(({ signal, ts }) => `${signal}|${ts}`));
      expect(distinct.size).toBeGreaterThan(0);
      expect(Number(row?.n)).toBe(distinct.size);
    }
  }

  const produced = async (ms: number) => {
    const from = simulator.clock.now();
    await eventually('time goes by', () => simulator.clock.now() - from >= ms, LONG);
    return simulator.clock.now();
  };

  let begin: number;
  it('is complete while all is well, pending only at its end, and never says more than the store has', async () => {
    begin = simulator.clock.now();
    await completeFor(devices, begin, await produced(3_000));
    const summary = await stage.api.get('/v1/connections/{connectionId}/coverage', {
      path: { connectionId: stage.connectionId },
      query: { from: new Date(begin).toISOString(), to: new Date(begin + 3_000).toISOString() },
    });
    expect(summary.items.map(({ completeShare }) => completeShare)).toEqual(devices.map(() => 1));
    const later = simulator.clock.now() + 60_000;
    for (const device of devices) expect(await statesOf(device, later, later + 1_000)).toEqual(['pending']);
  }, 120_000);

  it('is complete again after kill -9 of the adapter and of the intake: the time without them is read and stored', async () => {
    const killed = simulator.clock.now();
    await stage.house.get('adapter').kill();
    await stage.house.get('telemetry-ingest').kill();
    await produced(3_000);
    for (const device of devices) expect(await statesOf(device, killed, killed + 3_000)).not.toContain('complete');
    await stage.house.spawnApp('telemetry-ingest').ready();
    await stage.house.spawnApp('adapter-opticloud', {}, 'adapter').ready();
    await completeFor(devices, begin, await produced(1_000));
  }, 180_000);

  it('names the device that cannot be read and why, leaves the others alone, and closes the hole once it can', async () => {
    const [refused, ...others] = devices as [Schemas['Device'], ...Schemas['Device'][]];
    const from = simulator.clock.now();
    const fault = simulator.faults.add({ kind: 'status', status: 403 }, { path: `*${refused.nativeId}*` });
    const hole = await eventually(
      'the hole is said',
      async () => (await intervalsOf(refused, from, simulator.clock.now())).find(({ state }) => state === 'missing'),
      LONG,
    );
    expect(hole).toMatchObject({ source: 'telemetry', reason: expect.stringMatching(/\w/) });
    await completeFor(others, from, simulator.clock.now());
    simulator.faults.clear(fault);
    await completeFor(devices, begin, simulator.clock.now());
  }, 180_000);

  it('is unrecoverable, with the reason, where the platform says that it cannot be had', async () => {
    const [gone] = devices as [Schemas['Device']];
    const from = simulator.clock.now();
    simulator.faults.add({ kind: 'status', status: 404 }, { path: `*${gone.nativeId}*` });
    const lost = await eventually(
      'the loss is said',
      async () => (await intervalsOf(gone, from, simulator.clock.now())).find(({ state }) => state === 'unrecoverable'),
      LONG,
    );
    expect(lost.reason).toMatch(/\w/);
    const note = await stage.api.get('/v1/series', { query: { filter: `deviceId eq "${gone.id}"` } });
    const [series] = note.items;
    const points = await stage.api.get('/v1/series/{seriesId}/points', {
      path: { seriesId: series?.id ?? '' },
      query: { from: lost.from, to: lost.to, coverage: true },
    });
    expect(points).toMatchObject({ meta: { coverage: { complete: false } } });
  }, 120_000);
});
