import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { call, deviceAt, dig, list, postJson, START, startQuiet } from '../../test/opticloud-caller.ts';
import type { OpticloudSimulator } from '../opticloud/server.ts';

let sim: OpticloudSimulator;
beforeEach(async () => {
  sim = await startQuiet({ historyMs: 60_000 });
});
afterEach(() => sim.stop());

const get = async (path: string) => (await call(`${sim.controlUrl}/_control${path}`)).json;
const post = (path: string, body: unknown = {}) => postJson(`${sim.controlUrl}/_control${path}`, body);
const act = async (name: string, input: object) => dig((await post(`/actions/${name}`, input)).json, 'result');

describe('control API', () => {
  it('says what runs where, and how to connect', async () => {
    expect(await get('')).toMatchObject({
      platform: 'opticloud',
      url: sim.url,
      mqttUrl: sim.mqttUrl,
      demoConnection: { settings: { baseUrl: sim.url, tenant: 'MyTenant' } },
      truth: { devices: 28 },
      production: { paused: false },
    });
  });

  it('moves the clock', async () => {
    expect((await post('/clock/advance', { ms: 5_000 })).json).toMatchObject({ now: START + 5_000, speed: 0 });
    const moved = await call(`${sim.controlUrl}/_control/clock`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ shiftMs: 60_000 }),
    });
    expect(moved.json).toMatchObject({ now: START + 65_000 });
    expect((await post('/clock/advance', { ms: -1 })).status).toBe(400);
  });

  it('sets, lists and clears faults', async () => {
    const set = await post('/faults', {
      fault: { kind: 'status', status: 503 },
      scope: { operation: 'OPTI-01', count: 1 },
    });
    expect(set.status).toBe(201);
    expect(list(await get('/faults'), 'items')).toMatchObject([{ id: dig(set.json, 'id'), hits: 0 }]);
    expect((await postJson(`${sim.url}/api/noauth/authorization`, {})).status).toBe(503);
    const remove = (path: string) => call(`${sim.controlUrl}/_control/faults${path}`, { method: 'DELETE' });
    expect((await remove(`/${dig(set.json, 'id')}`)).json).toEqual({ cleared: 1 });
    expect((await remove('/fault-99')).status).toBe(404);
    expect((await remove('')).json).toEqual({ cleared: 0 });
    expect((await post('/faults', { fault: { kind: 'earthquake' } })).status).toBe(400);
    expect((await post('/faults', { fault: { kind: 'expire-tokens' } })).status).toBe(201);
  });

  it('reads the journal by filter', async () => {
    await postJson(`${sim.url}/api/noauth/authorization`, { username: 'x', password: 'y' });
    await call(`${sim.url}/nothing`);
    await sim.journal.until({}, 2);
    expect(list(await get('/journal?operation=OPTI-01'), 'items')).toMatchObject([{ status: 401 }]);
    expect(dig(await get('/journal/counts'), 'counts', 'OPTI-01')).toEqual({ 401: 1 });
    expect(dig(await get('/journal'), 'dropped')).toBe(0);
    expect(dig(await get('/journal?nothing=1'), 'error')).toContain('nothing');
  });

  it('reads the truth: counts, latest, every point a line, revisions', async () => {
    const { id } = deviceAt(sim, 5);
    await act('produce', { device: id, telemetry: { ts: START, values: { temperature: 1 } } });
    await act('produce', { device: id, telemetry: { ts: START, values: { temperature: 2 } } });
    const text = (await call(`${sim.controlUrl}/_control/truth/points`)).text;
    const points = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(points).toEqual([...sim.truth.points()]);
    expect(dig(await get('/truth'), 'points')).toBe(points.length);
    expect(list(await get(`/truth/latest?device=${id}&signal=temperature`), 'items')).toMatchObject([
      { ts: START, value: 2 },
    ]);
    const revisions = await get(`/truth/revisions?device=${id}&signal=temperature&ts=${START}`);
    expect(list(revisions, 'items')).toMatchObject([{ value: 1 }, { value: 2 }]);
    const corrected = (await call(`${sim.controlUrl}/_control/truth/corrected?device=${id}&signal=temperature`)).text;
    expect(JSON.parse(corrected.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ ts: START, value: 2 });
  });

  it('pauses production and runs actions', async () => {
    expect((await post('/production/pause')).json).toEqual({ paused: true });
    expect(sim.production.paused).toBe(true);
    expect((await post('/production/resume')).json).toEqual({ paused: false });
    expect((await post('/production/stop')).status).toBe(400);
    expect(Object.keys((await get('/actions')) as object)).toEqual(
      expect.arrayContaining(['set-online', 'burst', 'produce']),
    );
    expect(await act('devices', {})).toHaveLength(28);
    expect((await post('/actions/burst', { device: 1 })).status).toBe(400);
    expect((await post('/actions/nothing')).status).toBe(404);
    expect((await post('/actions/call-in', { device: 'nobody' })).status).toBe(404);
  });
});
