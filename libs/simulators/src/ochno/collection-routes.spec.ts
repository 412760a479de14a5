import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { OchnoCaller, startQuiet } from '../../test/ochno-caller.ts';
import { dig, list } from '../../test/opticloud-caller.ts';
import { COMPANY_IDS, USERS } from './accounts.ts';
import type { FloorPlan, Hub, Location, Port } from './records.ts';
import type { OchnoSimulator } from './server.ts';

jest.setTimeout(60_000);

const { owner, tenant, foreign } = COMPANY_IDS;
let sim: OchnoSimulator;
let user: OchnoCaller;
beforeEach(async () => {
  sim = await startQuiet();
  user = await OchnoCaller.logIn(sim);
});
afterEach(() => sim.stop());

const all = async <T>(path: string): Promise<T[]> => list((await user.get(path)).json) as T[];
const ids = async (path: string): Promise<string[]> => (await all<{ id: string }>(path)).map(({ id }) => id);
const idOf = (answer: { json: unknown }): string => String(dig(answer.json, 'id'));
async function first<T>(path: string): Promise<T> {
  const [found] = await all<T>(path);
  if (!found) throw new Error(`nothing at ${path}`);
  return found;
}
const foreignId = (name: 'locations' | 'floorplans' | 'hubs' | 'ports'): string => {
  const companyOf = {
    locations: (id: string) => sim.state.locations.get(id)?.companyId,
    floorplans: (id: string) => sim.state.companyOfLocation(sim.state.floorplans.get(id)?.locationId ?? ''),
    hubs: (id: string) => sim.state.companyOfLocation(sim.state.hubs.get(id)?.locationId ?? ''),
    ports: (id: string) => {
      const port = sim.state.ports.get(id);
      return port && sim.state.placeOf(port).companyId;
    },
  }[name];
  return [...sim.state[name].keys()].find((id) => companyOf(id) === foreign) ?? '';
};

describe.each([
  ['OCHNO-13', 'locations'],
  ['OCHNO-14', 'floorplans'],
  ['OCHNO-15', 'hubs'],
  ['OCHNO-16', 'ports'],
] as const)('%s %s', (operation, name) => {
  it('are a bare array of what the user sees', async () => {
    const found = await ids(`/api/${name}`);
    expect(found).not.toContain(foreignId(name));
    expect(found.length).toBeGreaterThan(2);
    expect(await ids(`/api/${name}?unknown=1&page=2`)).toEqual(found);
    const [entry] = sim.journal.entries({ operation });
    expect(entry).toMatchObject({ path: `/api/${name}`, status: 200 });
  });

  it('are narrowed by parameters, of which repeated ones mean either', async () => {
    const [own, others] = [await ids(`/api/${name}?companyId=${tenant}`), await ids(`/api/${name}?companyId=${owner}`)];
    expect(own.length * others.length).toBeGreaterThan(0);
    const either = await ids(`/api/${name}?companyId=${tenant}&companyId=${owner}`);
    expect(either.toSorted()).toEqual([...own, ...others].toSorted());
    expect(await ids(`/api/${name}?companyId=${foreign}`)).toEqual([]);
    expect(await ids(`/api/${name}?companyId=nothing`)).toEqual([]);
  });

  it('are answered, replaced and refused one by one', async () => {
    const { id } = await first<{ id: string }>(`/api/${name}`);
    const path = `/api/${name}/${id}`;
    const before = (await user.get(path)).json as Record<string, unknown>;
    const renamed = await user.put(path, { id: 'hijacked', name: 'Nytt namn' });
    expect([renamed.status, renamed.json]).toEqual([200, { ...before, name: 'Nytt namn' }]);
    expect((await user.get(path)).json).toEqual(renamed.json);
    expect((await user.put(path, {})).status).toBe(400);
    for (const method of ['get', 'delete'] as const) {
      if (name === 'ports' && method === 'delete') continue;
      expect((await user[method](`/api/${name}/${foreignId(name)}`)).status).toBe(403);
      expect((await user[method](`/api/${name}/nothing`)).status).toBe(404);
    }
    expect((await user.put(`/api/${name}/${foreignId(name)}`, { name: 'x' })).status).toBe(403);
    const viewer = await OchnoCaller.logIn(sim, USERS.viewer);
    expect((await viewer.put(path, { name: 'x' })).status).toBe(403);
    expect((await viewer.get(path)).status).toBe(200);
  });
});

describe('places', () => {
  it('OCHNO-13 a location is made, changed and removed', async () => {
    const made = await user.post('/api/locations', { companyId: tenant, name: 'Lund', address: 'Bytaregatan 1' });
    expect(made).toMatchObject({ status: 200, json: { companyId: tenant, name: 'Lund', address: 'Bytaregatan 1' } });
    const path = `/api/locations/${idOf(made)}`;
    expect((await user.put(path, { name: 'Lund C' })).json).toMatchObject({ name: 'Lund C', address: 'Bytaregatan 1' });
    expect((await user.delete(path)).status).toBe(200);
    expect((await user.get(path)).status).toBe(404);
    expect((await user.post('/api/locations', { name: 'Lund' })).status).toBe(400);
    expect((await user.post('/api/locations', { companyId: foreign, name: 'Lund' })).status).toBe(403);
    expect((await user.post('/api/locations', { companyId: 'nothing', name: 'Lund' })).status).toBe(404);
    expect((await user.delete(`/api/locations/${(await first<Location>('/api/locations')).id}`)).status).toBe(400);
  });

  it('OCHNO-14 a floor plan is made, changed and removed', async () => {
    const { id: locationId } = await first<Location>('/api/locations');
    const made = await user.post('/api/floorplans', { locationId, name: 'Källare', data: { width: 3 } });
    expect(made.json).toMatchObject({ locationId, name: 'Källare', data: { width: 3 } });
    const path = `/api/floorplans/${idOf(made)}`;
    const image = 'https://example.com/plan.svg';
    expect((await user.put(path, { name: 'Källare', image })).json).toMatchObject({ image, data: { width: 3 } });
    expect(await ids(`/api/floorplans?locationId=${locationId}`)).toContain(idOf(made));
    expect((await user.delete(path)).status).toBe(200);
    expect((await user.post('/api/floorplans', { locationId: foreignId('locations'), name: 'x' })).status).toBe(403);
    const { floorPlanId } = await first<Hub>('/api/hubs');
    expect((await user.delete(`/api/floorplans/${floorPlanId}`)).status).toBe(400);
  });
});

describe('hardware', () => {
  it('OCHNO-15 OCHNO-16 a hub brings its ports, and takes them with it', async () => {
    const { id: floorPlanId, locationId } = await first<FloorPlan>('/api/floorplans');
    const made = await user.post('/api/hubs', { name: 'Bord X', hwId: 'OCH-X', floorPlanId });
    expect(made.json).toMatchObject({ hwId: 'OCH-X', locationId, floorPlanId, data: { online: true } });
    const ports = await all<Port>(`/api/ports?hubId=${idOf(made)}`);
    expect(ports).toHaveLength(4);
    expect(sim.truth.devices()).toEqual(expect.arrayContaining([idOf(made), ...ports.map(({ id }) => id)]));
    expect((await user.delete(`/api/hubs/${idOf(made)}`)).status).toBe(200);
    expect(await ids(`/api/ports?hubId=${idOf(made)}`)).toEqual([]);
    expect((await user.post('/api/hubs', { name: 'x', floorPlanId })).status).toBe(400);
    expect((await user.post('/api/hubs', { name: 'x', hwId: 'y', floorPlanId: foreignId('floorplans') })).status).toBe(
      403,
    );
  });

  it('OCHNO-16 ports are neither made nor removed', async () => {
    const { id } = await first<Port>('/api/ports');
    expect((await user.post('/api/ports', { name: 'x' })).status).toBe(404);
    expect((await user.delete(`/api/ports/${id}`)).status).toBe(404);
  });

  it('OCHNO-16 a port is moved within its location, and its data is its own', async () => {
    const port = await first<Port>(`/api/ports?companyId=${owner}`);
    const { locationId } = sim.state.placeOf(port);
    const plans = await ids(`/api/floorplans?locationId=${locationId}`);
    const floorPlanId = plans.find((id) => id !== port.floorPlanId);
    const path = `/api/ports/${port.id}`;
    const moved = await user.put(path, { name: port.name, floorPlanId, data: { power: { watt: 99 } } });
    expect(moved.json).toEqual({ ...port, floorPlanId });
    const elsewhere = (await all<FloorPlan>('/api/floorplans')).find((plan) => plan.locationId !== locationId);
    expect((await user.put(path, { name: port.name, floorPlanId: elsewhere?.id })).status).toBe(400);
  });

  it('OCHNO-16 shows the latest of all messages merged, in step with the stream', async () => {
    const { id } = await first<Port>('/api/ports');
    const data = async () => dig((await user.get(`/api/ports/${id}`)).json, 'data');
    const t = sim.clock.now() + 1_000;
    await sim.actions.run('produce', { device: id, telemetry: [{ t, connected: false, power: { watt: 1 } }] });
    expect(await data()).toEqual({ t, connected: false, power: { watt: 1 } });
    await sim.actions.run('produce', {
      device: id,
      telemetry: [
        { t: t + 1, power: { current: 2 } },
        { t: 5, late: 1 },
      ],
    });
    expect(await data()).toEqual({ t: t + 1, connected: false, power: { watt: 1, current: 2 } });
  });
});
