import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Caller, deviceAt, dig, list, startQuiet } from '../../test/opticloud-caller.ts';
import { USERS } from './accounts.ts';
import type { OpticloudSimulator } from './server.ts';

let sim: OpticloudSimulator;
let user: Caller;
let path: string;
beforeAll(async () => {
  sim = await startQuiet({ producing: false, historyMs: 0 });
  user = await Caller.logIn(sim, USERS.multi);
  path = `/api/plugins/telemetry/DEVICE/${deviceAt(sim, 2).id}`;
});
afterAll(() => sim.stop());

const keysOf = (json: unknown) => list(json).map((row) => dig(row, 'key'));

describe('optiCLOUD attributes over REST', () => {
  it('reads by scope and by key, with the time of the last update', async () => {
    expect((await user.get(`${path}/values/attributes/CLIENT_SCOPE`)).json).toContainEqual({
      key: 'serialNumber',
      value: 'OM-100002',
      lastUpdateTs: sim.clock.now(),
    });
    expect(keysOf((await user.get(`${path}/values/attributes`, { keys: 'firmware,active' })).json)).toEqual([
      'firmware',
      'active',
    ]);
    expect((await user.get(`${path}/keys/attributes/SHARED_SCOPE`)).json).toContain('sampleIntervalMs');
    expect((await user.get(`${path}/values/attributes/NO_SCOPE`)).status).toBe(400);
  });

  it('writes and deletes shared and server attributes', async () => {
    const device = deviceAt(sim, 2);
    expect((await user.post(`/api/plugins/telemetry/${device.id}/SHARED_SCOPE`, { ziel: 21.5 })).status).toBe(200);
    expect((await user.post(`${path}/attributes/SERVER_SCOPE`, { note: { a: 1 } })).status).toBe(200);
    const shared = await user.get(`${path}/values/attributes/SHARED_SCOPE`, { keys: 'ziel' });
    expect(shared.json).toEqual([{ key: 'ziel', value: 21.5, lastUpdateTs: sim.clock.now() }]);
    expect((await user.delete(`/api/plugins/telemetry/${device.id}/SHARED_SCOPE?keys=ziel`)).status).toBe(200);
    expect((await user.get(`${path}/values/attributes/SHARED_SCOPE`, { keys: 'ziel' })).json).toEqual([]);
  });

  it('leaves client attributes to the device, and refuses what is not an object', async () => {
    const { id } = deviceAt(sim, 2);
    expect((await user.post(`/api/plugins/telemetry/${id}/CLIENT_SCOPE`, { firmware: 'x' })).status).toBe(400);
    expect((await user.post(`/api/plugins/telemetry/${id}/SHARED_SCOPE`, [1])).status).toBe(400);
    expect((await user.post(`/api/plugins/telemetry/${id}/SHARED_SCOPE`, '{"a":')).status).toBe(400);
  });
});
