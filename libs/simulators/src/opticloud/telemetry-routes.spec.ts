import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Caller, deviceAt, dig, list, START, startQuiet } from '../../test/opticloud-caller.ts';
import { USERS } from './accounts.ts';
import type { Device } from './device.ts';
import type { OpticloudSimulator } from './server.ts';
import { parseTelemetry } from './telemetry-payload.ts';

let sim: OpticloudSimulator;
let user: Caller;
let device: Device;
beforeEach(async () => {
  sim = await startQuiet({ producing: false, historyMs: 0 });
  user = await Caller.logIn(sim, USERS.multi);
  device = deviceAt(sim, 3);
});
afterEach(() => sim.stop());

const values = async (query: Record<string, string | number>) =>
  (await user.get(`/api/plugins/telemetry/DEVICE/${device.id}/values/timeseries`, query)).json;
const produce = (telemetry: unknown) => sim.actions.run('produce', { device: device.id, telemetry });
const at = (ts: number, value: number) => ({ ts, values: { temperature: value } });

describe('optiCLOUD telemetry', () => {
  it('OPTI-11 answers the latest value of every key whatever the window', async () => {
    await produce([at(START - 60_000, 1), at(START - 30_000, 2), { ts: START - 90_000, values: { door: true } }]);
    const now = sim.clock.now();
    for (const window of [{ startTs: now, endTs: now }, { startTs: 0, endTs: 1 }, {}]) {
      expect(await values(window)).toEqual({
        temperature: [{ ts: START - 30_000, value: '2' }],
        door: [{ ts: START - 90_000, value: 'true' }],
      });
    }
    expect(await values({ keys: 'door' })).toEqual({ door: [{ ts: START - 90_000, value: 'true' }] });
  });

  it('OPTI-11 answers texts unless native types are asked for', async () => {
    const body = '{"stringKey":"value1","booleanKey":true,"doubleKey":42.0,"longKey":73,"jsonKey":{"a":[1,2,3]}}';
    sim.state.writeTelemetry(device, parseTelemetry(body));
    const texts = await values({});
    const newest = (json: unknown, key: string) => dig(json, key, 0, 'value');
    expect(['stringKey', 'booleanKey', 'doubleKey', 'longKey', 'jsonKey'].map((key) => newest(texts, key))).toEqual([
      'value1',
      'true',
      '42.0',
      '73',
      '{"a":[1,2,3]}',
    ]);
    const native = await values({ useStrictDataTypes: 'true' });
    expect(['booleanKey', 'doubleKey', 'jsonKey'].map((key) => newest(native, key))).toEqual([
      true,
      42,
      { a: [1, 2, 3] },
    ]);
  });

  it('OPTI-11 answers a range with keys and both ends: 100 rows, newest first, end excluded', async () => {
    await produce(Array.from({ length: 150 }, (_, i) => at(START - 150_000 + i * 1_000, i)));
    const rows = list(
      await values({ keys: 'temperature', startTs: START - 150_000, endTs: START - 1_000 }),
      'temperature',
    );
    expect(rows).toHaveLength(100);
    expect(rows[0]).toEqual({ ts: START - 2_000, value: '148' });
    const ascending = list(
      await values({ keys: 'temperature', startTs: START - 150_000, endTs: START, limit: 1_000, orderBy: 'ASC' }),
      'temperature',
    );
    expect(ascending.map((row) => dig(row, 'value'))).toEqual(Array.from({ length: 150 }, (_, i) => String(i)));
  });

  it('OPTI-11 leaves unknown keys out, and answers an unknown device with 404 and error code 32', async () => {
    await produce(at(START, 1));
    expect(await values({ keys: 'temperature,nothing', startTs: 0, endTs: START + 1 })).not.toHaveProperty('nothing');
    expect(await values({ keys: 'nothing' })).toEqual({});
    const unknown = await user.get(
      '/api/plugins/telemetry/DEVICE/3f1c2a34-0000-4000-8000-000000000000/values/timeseries',
    );
    expect(unknown.json).toMatchObject({ status: 404, errorCode: 32 });
    expect(await values({ keys: 'temperature', startTs: 'x', endTs: 1 })).toMatchObject({ status: 400, errorCode: 31 });
    expect(await values({ keys: 'a', startTs: 0, endTs: 1, limit: 0 })).toMatchObject({ status: 400 });
  });

  it('OPTI-11 answers late and corrected values as the last write left them', async () => {
    await produce([at(START - 3_000, 3), at(START - 1_000, 1), at(START - 2_000, 2), at(START - 3_000, 33)]);
    const rows = list(
      await values({ keys: 'temperature', startTs: 0, endTs: START, useStrictDataTypes: 'true' }),
      'temperature',
    );
    expect(rows).toEqual([
      { ts: START - 1_000, value: 1 },
      { ts: START - 2_000, value: 2 },
      { ts: START - 3_000, value: 33 },
    ]);
    expect(sim.truth.revisions(device.id, 'temperature', START - 3_000).map((one) => one.value)).toEqual([3, 33]);
  });

  it('OPTI-11 aggregates per interval', async () => {
    await produce(Array.from({ length: 6 }, (_, i) => at(START + i * 10_000, i)));
    const range = { keys: 'temperature', startTs: START, endTs: START + 60_000, interval: 30_000, orderBy: 'ASC' };
    const rows = async (agg: string) =>
      list(await values({ ...range, agg, useStrictDataTypes: 'true' }), 'temperature').map((row) => dig(row, 'value'));
    expect(await rows('AVG')).toEqual([1, 4]);
    expect(await rows('MIN')).toEqual([0, 3]);
    expect(await rows('MAX')).toEqual([2, 5]);
    expect(await rows('SUM')).toEqual([3, 12]);
    expect(await rows('COUNT')).toEqual([3, 3]);
    const first = dig(await values({ ...range, agg: 'AVG' }), 'temperature', 0);
    expect(first).toEqual({ ts: START + 15_000, value: '1.0' });
    expect(await values({ ...range, interval: 1, agg: 'AVG' })).toMatchObject({ status: 400 });
  });

  it('OPTI-11 includes the end of a range where that is switched on', async () => {
    await sim.stop();
    sim = await startQuiet({ producing: false, historyMs: 0, inclusiveRangeEnd: true });
    user = await Caller.logIn(sim, USERS.multi);
    device = deviceAt(sim, 3);
    await produce([at(START, 1)]);
    expect(list(await values({ keys: 'temperature', startTs: 0, endTs: START }), 'temperature')).toHaveLength(1);
  });

  it('OPTI-11 answers the ground truth of every device, point by point and latest by latest', async () => {
    await sim.stop();
    sim = await startQuiet({ irregular: { late: 0.1, duplicate: 0.1, swapped: 0.1, corrected: 0.1 }, historyMs: 0 });
    await sim.clock.advance(300_000);
    user = await Caller.logIn(sim, USERS.multi);
    for (const one of sim.state.devices(user.tenantId)) {
      device = one;
      const keys = sim.truth.signals(one.id);
      const range = { startTs: 0, endTs: START + 300_001, limit: 10_000, orderBy: 'ASC', useStrictDataTypes: 'true' };
      // A key with a comma would be two; none of the scenario's has one.
      const answered = await values({ keys: keys.join(','), ...range });
      const latest = await values({ useStrictDataTypes: 'true' });
      for (const signal of keys) {
        const truth = [...sim.truth.points({ device: one.id, signal })].map(({ ts, value }) => ({ ts, value }));
        expect(dig(answered, signal)).toEqual(truth);
        expect(dig(latest, signal)).toEqual(truth.slice(-1));
      }
    }
  });

  it('OPTI-11 takes telemetry written over REST, and lists the keys', async () => {
    const path = `/api/plugins/telemetry/DEVICE/${device.id}`;
    expect(
      (await user.post(`${path}/timeseries/ANY`, { ts: START - 5, values: { 'energie/zähler%': 5 } })).status,
    ).toBe(200);
    expect((await user.post(`${path}/timeseries/ANY`, { a: null })).status).toBe(400);
    expect((await user.get(`${path}/keys/timeseries`)).json).toEqual(['energie/zähler%']);
  });
});
