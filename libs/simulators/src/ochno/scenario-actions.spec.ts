import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { OchnoCaller, START, startQuiet } from '../../test/ochno-caller.ts';
import { dig } from '../../test/opticloud-caller.ts';
import { COMPANY_IDS, USERS } from './accounts.ts';
import type { PortMessage } from './port-data.ts';
import type { OchnoSimulator } from './server.ts';
import type { SimulatedPort } from './simulated-port.ts';

jest.setTimeout(60_000);

let sim: OchnoSimulator;
let said: Array<{ topic: string; message: PortMessage }>;
beforeEach(async () => {
  sim = await startQuiet();
  said = [];
  sim.state.outlet = (_companyId, topic, payload) => said.push({ topic, message: JSON.parse(payload) }) > 0;
});
afterEach(() => sim.stop());

const act = (name: string, input: object = {}) => sim.actions.run(name, input);
const messages = (): PortMessage[] => said.splice(0).map(({ message }) => message);
function portWith(kind: string | undefined): SimulatedPort {
  const found = sim.scenario.ports.find((one) => one.kind === kind);
  if (!found) throw new Error(`no ${kind}`);
  return found;
}

describe('actions of the scenario', () => {
  it('lists hubs and ports', async () => {
    const listed = (await act('devices')) as Array<{ kind: string; id: string }>;
    expect(listed.filter(({ kind }) => kind === 'port')).toHaveLength(28);
    expect(listed.filter(({ kind }) => kind === 'hub')).toHaveLength(7);
    expect(listed[0]).toMatchObject({ plugged: 'lamp', level: 50, online: true, companyId: COMPANY_IDS.owner });
  });

  it('plugs and unplugs: the port says so, and its data forgets the device', async () => {
    const { port } = portWith(undefined);
    await act('plug', { device: port.id, kind: 'phone' });
    expect(messages()).toMatchObject([{ connected: true, device: { type: 'phone', product: '電話 8' } }]);
    expect(port.data).toMatchObject({ connected: true, device: { vendorId: '04e8' } });
    await act('plug', { device: port.id, kind: 'lamp' });
    expect(messages()).toMatchObject([{ connected: false }, { connected: true, device: { type: 'lamp' } }]);
    await act('unplug', { device: port.id });
    expect(messages()).toMatchObject([{ connected: false, power: { watt: 0 } }]);
    expect(Object.keys(port.data).toSorted()).toEqual(['connected', 'power', 't']);
  });

  it('a hub goes and comes: its ports are silent, then say how they are', async () => {
    const { port } = portWith('lamp');
    const hub = sim.state.hubs.get(port.hubId);
    await act('hub-offline', { device: hub?.id });
    await act('plug', { device: port.id, kind: 'fan' });
    expect([messages(), sim.state.hubs.get(port.hubId)?.data.online]).toEqual([[], false]);
    await act('set-online', { device: port.id, online: true });
    expect(messages()).toHaveLength(4);
    expect(port.data).toMatchObject({ device: { type: 'fan' } });
  });

  it('sends late, in the wrong order, twice and corrected', async () => {
    const device = portWith('sensor').port.id;
    await act('misbehave', { device, way: 'late', lateMs: 60_000 });
    expect(messages()).toMatchObject([{ t: START - 60_000 }]);
    await act('misbehave', { device, way: 'swapped' });
    const [second, first] = messages();
    expect((second?.t ?? 0) - (first?.t ?? 0)).toBe(1);
    await act('misbehave', { device, way: 'duplicate' });
    const [original, copy] = messages();
    expect(copy).toEqual(original);
    await act('misbehave', { device, way: 'corrected' });
    expect(messages()).toMatchObject([{ t: original?.t, power: { watt: expect.any(Number) } }]);
    expect(sim.truth.revisions(device, 'power.watt', original?.t ?? 0)).toHaveLength(2);
    expect(sim.truth.counts()).toMatchObject({ corrections: 1, outOfOrder: expect.any(Number) });
  });

  it('sends so many at once, or what it is given', async () => {
    await sim.clock.advance(1_000);
    await act('burst', { device: 1, count: 3, stepMs: 10 });
    expect(messages().map(({ t }) => t - START)).toEqual([980, 990, 1_000]);
    await act('produce', { device: 1, telemetry: [{ power: { watt: 1 } }, { t: 5, x: 'y' }] });
    expect(messages()).toEqual([
      { t: START + 1_000, power: { watt: 1 } },
      { t: 5, x: 'y' },
    ]);
    expect(await act('leaves', { message: { t: 5, device: { lamp: { level: 1 } } } })).toEqual([
      { signal: 'lamp.level', value: 1 },
    ]);
  });

  it('adds and removes ports and hubs', async () => {
    const { id } = (await act('add-device', { name: 'Nytt uttag', kind: 'lamp' })) as { id: string };
    const user = await OchnoCaller.logIn(sim);
    const path = `/api/ports/${id}`;
    expect((await user.get(path)).json).toMatchObject({ name: 'Nytt uttag', data: { connected: true } });
    expect(sim.truth.devices()).toContain(id);
    await act('remove-device', { device: id });
    expect((await user.get(path)).status).toBe(404);
    const { hubId } = portWith('lamp').port;
    await act('remove-device', { device: hubId });
    expect((await user.get(`/api/hubs/${hubId}`)).status).toBe(404);
    expect(sim.scenario.ports.some(({ port }) => port.hubId === hubId)).toBe(false);
    await expect(act('plug', { device: id })).rejects.toThrow(RangeError);
  });

  it('takes and gives permissions', async () => {
    const user = await OchnoCaller.logIn(sim);
    const company = COMPANY_IDS.owner;
    await act('set-permission', { email: USERS.demo.email, company, see: false });
    expect((await user.get(`/api/companies/${company}`)).status).toBe(403);
    expect((await user.get('/api/companies')).json).toHaveLength(1);
    await act('set-permission', { email: USERS.demo.email, company, see: true, write: false });
    expect((await user.put(`/api/companies/${company}`, { name: 'x', type: 'y' })).status).toBe(403);
    await expect(act('set-permission', { email: 'nobody@example.com' })).rejects.toThrow(RangeError);
  });

  it('somebody comes or goes by himself', async () => {
    await sim.stop();
    sim = await startQuiet({ producing: true, cadenceMs: 10_000_000, plugEveryMs: 1_000 });
    const before = sim.scenario.ports.map(({ kind }) => kind);
    await sim.clock.advance(10_000);
    expect(sim.scenario.ports.map(({ kind }) => kind)).not.toEqual(before);
    expect(dig([...sim.truth.points({ signal: 'connected' })], 0)).toBeDefined();
  });
});
