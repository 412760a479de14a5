import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Caller, dig, list, startQuiet } from '../../test/opticloud-caller.ts';
import { TENANT_NAMES, USERS } from './accounts.ts';
import type { OpticloudSimulator } from './server.ts';

let sim: OpticloudSimulator;
let user: Caller;
beforeAll(async () => {
  sim = await startQuiet({ devices: 250, historyMs: 0 });
  user = await Caller.logIn(sim, USERS.multi);
});
afterAll(() => sim.stop());

const devices = (query: Record<string, string | number>) => user.get(`/api/tenants/${user.tenantId}/devices`, query);
const ids = (json: unknown) => list(json, 'data').map((device) => dig(device, 'id', 'id'));

describe('optiCLOUD devices', () => {
  it('OPTI-04 lists all devices in one answer with limit=-1', async () => {
    const answer = await devices({ page: 0, limit: -1 });
    expect(new Set(ids(answer.json)).size).toBe(250);
    expect(answer.json).toMatchObject({ totalElements: 250, totalPages: 1, hasNext: false });
    expect(list(answer.json, 'data').some((device) => /\p{Script=Han}/u.test(String(dig(device, 'name'))))).toBe(true);
  });

  it('OPTI-04 pages from zero, without gap or overlap', async () => {
    const all = ids((await devices({ page: 0, limit: -1 })).json);
    expect(ids((await devices({ page: 1, limit: 10 })).json)).toEqual(all.slice(10, 20));
    const paged: unknown[] = [];
    for (let page = 0, more: unknown = true; more; page++) {
      const { json } = await devices({ page, limit: 99 });
      paged.push(...ids(json));
      more = dig(json, 'hasNext');
    }
    expect(paged).toEqual(all);
    expect(ids((await devices({ page: 99, limit: 99 })).json)).toEqual([]);
  });

  it('OPTI-04 refuses another tenant with 403, and bad paging with 400', async () => {
    const foreign = await user.get(`/api/tenants/${sim.state.tenants.other.id}/devices`, { page: 0, limit: -1 });
    expect(foreign.json).toMatchObject({ status: 403, errorCode: 20 });
    for (const query of [{ limit: 0 }, { page: -1 }, { limit: 'x' }]) expect((await devices(query)).status).toBe(400);
  });

  it('OPTI-06 answers the device token', async () => {
    const [device] = sim.state.devices(user.tenantId);
    const answer = await user.get(`/api/device/${device?.id}/credentials`);
    expect(answer.json).toMatchObject({
      credentialsType: 'ACCESS_TOKEN',
      credentialsId: device?.token,
      deviceId: { entityType: 'DEVICE', id: device?.id },
    });
    expect(
      (await user.get(`/api/device/${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}/credentials`)).json,
    ).toMatchObject({
      status: 404,
      errorCode: 32,
    });
  });

  it('OPTI-06 answers 403 without the permission, while OPTI-04 still works', async () => {
    const viewer = await Caller.logIn(sim, USERS.viewer);
    const listed = await viewer.get(`/api/tenants/${viewer.tenantId}/devices`, { page: 0, limit: -1 });
    expect(ids(listed.json)).toHaveLength(250);
    const answer = await viewer.get(`/api/device/${ids(listed.json)[0]}/credentials`);
    expect(answer.json).toMatchObject({ status: 403, errorCode: 20 });
  });

  it('OPTI-04 shows devices that were added, and no longer those that were removed', async () => {
    const added = await sim.actions.run('add-device', { name: 'Neues Gerät' });
    const after = ids((await devices({ page: 0, limit: -1 })).json);
    expect(after).toContain(dig(added, 'id'));
    await sim.actions.run('remove-device', { device: dig(added, 'id') });
    expect(ids((await devices({ page: 0, limit: -1 })).json)).not.toContain(dig(added, 'id'));
    expect((await user.get(`/api/plugins/telemetry/DEVICE/${dig(added, 'id')}/values/timeseries`)).status).toBe(404);
  });

  it('OPTI-01 keeps the tenants apart: the other one has its own devices', async () => {
    const stranger = await Caller.logIn(sim, USERS.multi, TENANT_NAMES.other);
    const answer = await stranger.get(`/api/tenants/${stranger.tenantId}/devices`, { page: 0, limit: -1 });
    expect(ids(answer.json)).toHaveLength(3);
  });
});
