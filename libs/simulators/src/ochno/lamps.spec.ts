import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { OchnoCaller, presign, startQuiet } from '../../test/ochno-caller.ts';
import { dig } from '../../test/opticloud-caller.ts';
import { RawMqtt } from '../../test/raw-mqtt.ts';
import { COMPANY_IDS } from './accounts.ts';
import { leavesOf } from './port-data.ts';
import type { OchnoSimulator } from './server.ts';
import type { SimulatedPort } from './simulated-port.ts';

jest.setTimeout(60_000);

const { owner, foreign } = COMPANY_IDS;
let sim: OchnoSimulator;
let user: OchnoCaller;
let client: RawMqtt;
let lamp: SimulatedPort;
beforeEach(async () => {
  sim = await startQuiet();
  user = await OchnoCaller.logIn(sim);
  client = await RawMqtt.join(sim, presign(await user.iotAccess(owner)));
  await client.subscribe(`/ports/${owner}/#`);
  lamp = portWhere(({ kind }) => kind === 'lamp');
});
afterEach(async () => {
  client.end();
  await sim.stop();
});

function portWhere(fits: (port: SimulatedPort) => boolean, companyId: string = owner): SimulatedPort {
  const found = sim.scenario.ports.find((one) => sim.state.placeOf(one.port).companyId === companyId && fits(one));
  if (!found) throw new Error('no such port');
  return found;
}
const topicOf = ({ port }: SimulatedPort): string => {
  const { companyId, locationId, hubId, portId } = sim.state.placeOf(port);
  return `/action/${companyId}/${locationId}/${hubId}/${portId}`;
};
const dim = (portId: string, level: unknown) => ({ id: 'hub', data: { portId, device: { lamp: { level } } } });
const levelIn = (payload: string | Buffer): unknown =>
  leavesOf(JSON.parse(payload.toString())).find(({ signal }) => signal === 'lamp.level')?.value;
/** What the journal says came of it; nothing was sent meanwhile. */
async function ignored(topic: string, payload: unknown): Promise<string | undefined> {
  client.publish(topic, payload);
  await client.settled();
  expect(client.received).toEqual([]);
  return sim.journal.entries({ operation: 'OCHNO-11' }).at(-1)?.detail;
}

describe('actions', () => {
  it('OCHNO-11 dim a lamp: a message shows the level, and so does the port', async () => {
    client.publish(topicOf(lamp), dim(lamp.port.id, 10));
    const { topic, payload } = await client.next('publish');
    expect(topic).toBe(topicOf(lamp).replace('/action/', '/ports/'));
    expect(levelIn(payload)).toBe(10);
    const data = dig((await user.get(`/api/ports/${lamp.port.id}`)).json, 'data');
    expect(levelIn(JSON.stringify(data))).toBe(10);
    expect(sim.truth.latest({ device: lamp.port.id, signal: 'lamp.level' })).toMatchObject([{ value: 10 }]);
    expect(sim.journal.entries({ operation: 'OCHNO-11' })).toMatchObject([
      { method: 'PUBLISH', path: topicOf(lamp), status: 0, detail: `${lamp.port.id} lamp.level=10` },
    ]);
  });

  it('OCHNO-11 AMB-3 find the port by the payload, or by the topic', async () => {
    client.publish(`/action/${owner}///`, dim(lamp.port.id, 11));
    expect(levelIn((await client.next('publish')).payload)).toBe(11);
    for (const payload of [dim('', 12), { data: { device: { lamp: { level: 12 } } } }]) {
      client.publish(topicOf(lamp), payload);
      expect(levelIn((await client.next('publish')).payload)).toBe(12);
    }
  });

  it('OCHNO-11 that cannot be done are not done, and nobody says so', async () => {
    const other = portWhere(({ kind }) => kind === 'sensor');
    const hidden = portWhere(() => true, foreign);
    expect(await ignored(topicOf(other), dim(other.port.id, 10))).toBe('ignored: no lamp');
    expect(await ignored(topicOf(lamp), dim('nothing', 10))).toBe('ignored: no such port');
    expect(await ignored(`/action/${owner}///`, dim(hidden.port.id, 10))).toBe('ignored: a port of others');
    expect(await ignored(topicOf(lamp), 'no JSON {')).toBe('ignored: not JSON');
    for (const wrong of [dim(lamp.port.id, '10'), dim(lamp.port.id, 101), dim(lamp.port.id, -1), {}, [], 5, null]) {
      expect(await ignored(topicOf(lamp), wrong)).toBe('ignored: no lamp level');
    }
    await sim.actions.run('set-online', { device: lamp.port.id, online: false });
    expect(await ignored(topicOf(lamp), dim(lamp.port.id, 10))).toBe('ignored: offline');
    expect(lamp.level).toBe(50);
  });

  it('OCHNO-11 may be ignored by a lamp, or obeyed late', async () => {
    await sim.actions.run('lamp', { device: lamp.port.id, manner: 'ignores' });
    expect(await ignored(topicOf(lamp), dim(lamp.port.id, 10))).toBe('ignored: the lamp does as it likes');
    await sim.actions.run('lamp', { device: lamp.port.id, manner: 'late', delayMs: 4_000 });
    expect(await ignored(topicOf(lamp), dim(lamp.port.id, 10))).toBe(`${lamp.port.id} lamp.level=10`);
    await sim.clock.advance(3_999);
    await client.settled();
    expect(client.received).toEqual([]);
    await sim.clock.advance(1);
    expect(levelIn((await client.next('publish')).payload)).toBe(10);
  });
});
