import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { OchnoCaller, presign, startQuiet } from '../../test/ochno-caller.ts';
import { RawMqtt } from '../../test/raw-mqtt.ts';
import { COMPANY_IDS } from './accounts.ts';
import type { OchnoOptions } from './options.ts';
import type { OchnoSimulator } from './server.ts';
import type { SimulatedPort } from './simulated-port.ts';
import { type PortPlace, portTopic } from './topics.ts';

jest.setTimeout(60_000);

const { owner, tenant } = COMPANY_IDS;
const HOUR = 3_600_000;
let sim: OchnoSimulator;
let user: OchnoCaller;
const clients: RawMqtt[] = [];
beforeEach(() => begin());
afterEach(async () => {
  for (const client of clients.splice(0)) client.end();
  await sim.stop();
});

async function begin(options: Partial<OchnoOptions> = {}): Promise<void> {
  sim = await startQuiet(options);
  user = await OchnoCaller.logIn(sim);
}

async function again(options: Partial<OchnoOptions>): Promise<void> {
  await sim.stop();
  await begin(options);
}

async function session(
  companyId: string = tenant,
  connect: Parameters<typeof RawMqtt.join>[2] = {},
  access?: Awaited<ReturnType<OchnoCaller['iotAccess']>>,
): Promise<RawMqtt> {
  const url = presign(access ?? (await user.iotAccess(companyId)), { now: sim.clock.now() });
  const client = await RawMqtt.join(sim, url, connect);
  clients.push(client);
  return client;
}

/** A connection that has not said CONNECT. */
async function unconnected(): Promise<RawMqtt> {
  const client = await RawMqtt.open(sim, presign(await user.iotAccess(tenant), { now: sim.clock.now() }));
  clients.push(client);
  return client;
}

function portOf(companyId: string): SimulatedPort & { place: PortPlace } {
  const found = sim.scenario.ports.find(({ port }) => sim.state.placeOf(port).companyId === companyId);
  if (!found) throw new Error('no port');
  return Object.assign(found, { place: sim.state.placeOf(found.port) });
}
const say = (companyId: string, telemetry: object) =>
  sim.actions.run('produce', { device: portOf(companyId).port.id, telemetry });
const closings = () => sim.journal.entries({ method: 'CLOSE' }).map(({ detail }) => detail);
async function closedFor(client: RawMqtt, reason: string): Promise<void> {
  await client.closed;
  await sim.journal.until({ method: 'CLOSE' });
  expect(closings()).toEqual([reason]);
}

describe('sessions', () => {
  it('OCHNO-08 begin with CONNECT and CONNACK 0', async () => {
    await session(tenant, { clientId: 'mqttjs_1', username: '?SDK=JavaScript&Version=2.2.16' });
    expect(sim.journal.entries({ method: 'CONNECT' })).toMatchObject([{ status: 0, session: 'mqttjs_1' }]);
    expect(await sim.actions.run('sessions')).toEqual([
      { clientId: 'mqttjs_1', companyId: tenant, filters: [], unacknowledged: 0 },
    ]);
  });

  it('OCHNO-08 are refused to other versions and to client ids that are empty or too long', async () => {
    const code = async (given: Parameters<RawMqtt['connect']>[0]) => {
      const client = await unconnected();
      client.connect(given);
      const { returnCode } = await client.next('connack');
      await client.closed;
      return returnCode;
    };
    expect(await code({ protocolId: 'MQIsdp', protocolVersion: 3 })).toBe(1);
    expect(await code({ clientId: '' })).toBe(2);
    expect(await code({ clientId: 'x'.repeat(129) })).toBe(2);
  });

  it.each<[string, (client: RawMqtt) => void]>([
    ['anything before CONNECT', (client) => client.send({ cmd: 'pingreq' })],
    ['bytes that are no MQTT', (client) => client.sendBytes(Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]))],
    ['text frames', (client) => client.sendBytes('hello')],
  ])('OCHNO-08 do not come of %s', async (_what, misbehave) => {
    const client = await unconnected();
    misbehave(client);
    await client.closed;
    expect(sim.broker.sessions).toEqual([]);
  });

  it('OCHNO-08 are one per client id: a second one evicts the first, also of another company', async () => {
    const first = await session(tenant, { clientId: 'same' });
    const other = await session(tenant, { clientId: 'other' });
    const second = await session(owner, { clientId: 'same' });
    await closedFor(first, 'evicted');
    await Promise.all([other.settled(), second.settled()]);
    expect(sim.broker.sessions.map(({ companyId }) => companyId).toSorted()).toEqual([owner, tenant].toSorted());
  });

  it('OCHNO-08 end after one and a half times the keep-alive in silence', async () => {
    const silent = await session(tenant, { clientId: 'silent', keepalive: 60 });
    const speaking = await session(tenant, { clientId: 'speaking', keepalive: 60 });
    await sim.clock.advance(89_000);
    await speaking.settled();
    await sim.clock.advance(3_000);
    await closedFor(silent, 'silent');
    await speaking.settled();
  });

  it('OCHNO-08 that know no keep-alive have one of 20 minutes, and the shortest is 30 seconds', async () => {
    const none = await session(tenant, { clientId: 'none', keepalive: 0 });
    const short = await session(tenant, { clientId: 'short', keepalive: 1 });
    await sim.clock.advance(44_000);
    await Promise.all([none.settled(), short.settled()]);
    await sim.clock.advance(47_000);
    await closedFor(short, 'silent');
    await none.settled();
  });

  it('OCHNO-05 survive the expiry of their keys, unless told not to', async () => {
    const client = await session(tenant, { keepalive: 0 });
    sim.clock.shift(HOUR);
    await sim.clock.advance(2_000);
    await client.settled();
    await sim.actions.run('drop-on-expiry', { on: true });
    await sim.clock.advance(2_000);
    await closedFor(client, 'credentials expired');
  });

  it('OCHNO-08 last 24 hours, or as short as they are told to', async () => {
    await again({ sessionLimitMs: HOUR });
    const client = await session();
    for (let minutes = 0; minutes < 60; minutes += 5) {
      await client.settled();
      await sim.clock.advance(300_000);
    }
    await closedFor(client, 'session limit');
    user = await OchnoCaller.logIn(sim);
    const next = await session();
    await sim.actions.run('session-limit', { ms: 5_000 });
    await sim.clock.advance(6_000);
    await next.closed;
  });

  it('OCHNO-12 end with DISCONNECT, by eviction, by a cut', async () => {
    const polite = await session(tenant, { clientId: 'polite' });
    polite.send({ cmd: 'disconnect' });
    await polite.closed;
    const evicted = await session(tenant, { clientId: 'evicted' });
    const cut = await session(owner, { clientId: 'cut' });
    expect(await sim.actions.run('evict', { target: tenant })).toEqual({ ended: 1 });
    await evicted.closed;
    sim.faults.cutStreams('cut');
    await cut.closed;
    await sim.journal.until({ method: 'CLOSE' }, 3);
    expect(closings()).toEqual(['disconnected', 'evicted', 'cut']);
  });

  it('OCHNO-08 can be refused with 3', async () => {
    sim.faults.add({ kind: 'status', status: 503 }, { method: 'CONNECT', count: 1 });
    await expect(session()).rejects.toThrow('CONNACK 3');
    await session();
  });
});

describe('subscriptions', () => {
  it('OCHNO-09 are granted for the own company, QoS 1 where it is asked for', async () => {
    const client = await session();
    expect(await client.subscribe(`/ports/${tenant}/#`)).toEqual([0]);
    expect(await client.subscribe(`/ports/${tenant}/+/+/p`, 1)).toEqual([1]);
    expect(sim.journal.entries({ operation: 'OCHNO-09' })).toMatchObject([
      { method: 'SUBSCRIBE', path: `/ports/${tenant}/#`, status: 0 },
      { path: `/ports/${tenant}/+/+/p`, status: 1 },
    ]);
  });

  it('OCHNO-09 to other companies, to everything and to actions are refused with 0x80, and bring nothing', async () => {
    const client = await session();
    const filters = [`/ports/${owner}/#`, '#', '/ports/#', '/ports/+/#', `/action/${tenant}/#`, `ports/${tenant}/#`];
    expect(await client.subscribe([...filters, `/ports/${tenant}/#`])).toEqual([...filters.map(() => 0x80), 0]);
    await say(owner, { power: { watt: 1 } });
    await say(tenant, { power: { watt: 2 } });
    expect((await client.next('publish')).topic).toBe(portTopic(portOf(tenant).place));
    expect(client.received).toEqual([]);
  });

  it.each([
    ['more than 8 filters', Array.from({ length: 9 }, (_, i) => `/ports/${tenant}/${i}`)],
    ['# in the middle', [`/ports/${tenant}/#/p`]],
    ['more than 7 slashes', ['/1/2/3/4/5/6/7/8']],
  ])('OCHNO-09 with %s end the session', async (_what, filters) => {
    const client = await session();
    void client.subscribe(filters);
    await client.closed;
    expect(sim.journal.entries({ operation: 'OCHNO-09' })).toMatchObject([{ status: -1 }]);
  });

  it('OCHNO-09 are at most 50, and can be given up', async () => {
    const client = await session();
    for (let i = 0; i < 50; i++) expect(await client.subscribe(`/ports/${tenant}/${i}`)).toEqual([0]);
    expect(await client.subscribe(`/ports/${tenant}/#`)).toEqual([0x80]);
    client.send({ cmd: 'unsubscribe', messageId: 3, unsubscriptions: [`/ports/${tenant}/0`] });
    await client.next('unsuback');
    expect(await client.subscribe(`/ports/${tenant}/#`)).toEqual([0]);
  });

  it('OCHNO-09 can fail by a fault, alone or with the session', async () => {
    sim.faults.add({ kind: 'status', status: 500 }, { operation: 'OCHNO-09', count: 1 });
    const client = await session();
    expect(await client.subscribe(`/ports/${tenant}/#`)).toEqual([0x80]);
    expect(await client.subscribe(`/ports/${tenant}/#`)).toEqual([0]);
    sim.faults.add({ kind: 'reset' }, { operation: 'OCHNO-09', count: 1 });
    void client.subscribe(`/ports/${tenant}/#`);
    await client.closed;
  });
});

describe('port messages', () => {
  it('OCHNO-10 are JSON on the exact topic, QoS 0, not retained; who comes late gets the next one', async () => {
    await say(tenant, { power: { watt: 1 } });
    const client = await session();
    await client.subscribe(`/ports/${tenant}/#`, 1);
    await say(tenant, { t: 42, power: { watt: 2 }, note: 'åäö' });
    const { topic, payload, qos, retain, dup } = await client.next('publish');
    expect({ topic, qos, retain, dup }).toEqual({
      topic: portTopic(portOf(tenant).place),
      qos: 0,
      retain: false,
      dup: false,
    });
    expect(JSON.parse(payload.toString())).toEqual({ t: 42, power: { watt: 2 }, note: 'åäö' });
    await client.settled();
    expect(client.received).toEqual([]);
  });

  it('OCHNO-10 come once, however many filters match, and not at all to others', async () => {
    const { locationId, hubId, portId } = portOf(tenant).place;
    const client = await session();
    await client.subscribe([
      `/ports/${tenant}/#`,
      `/ports/${tenant}/+/+/${portId}`,
      `/ports/${tenant}/${locationId}/#`,
    ]);
    const elsewhere = await session(tenant, { clientId: 'elsewhere' });
    await elsewhere.subscribe(`/ports/${tenant}/${locationId}/${hubId}/other`);
    await say(tenant, { power: { watt: 1 } });
    await Promise.all([client.next('publish'), elsewhere.settled()]);
    await client.settled();
    expect([client.received, elsewhere.received]).toEqual([[], []]);
  });

  it('OCHNO-10 come at QoS 1 where ports publish so and the subscription asks so, a hundred at a time', async () => {
    await again({ portQos: 1 });
    const [modest, client] = [await session(tenant, { clientId: 'modest' }), await session()];
    await modest.subscribe(`/ports/${tenant}/#`, 0);
    await client.subscribe(`/ports/${tenant}/#`, 1);
    for (let i = 0; i < 150; i++) await say(tenant, { t: i, n: i });
    await Promise.all([modest.settled(), client.settled()]);
    expect((await modest.next('publish')).qos).toBe(0);
    expect([modest.received.length, client.received.length]).toEqual([149, 100]);
    expect(sim.broker.sessions.map(({ unacknowledged }) => unacknowledged)).toEqual([0, 150]);
    const seen: number[] = [];
    for (let i = 0; i < 150; i++) {
      const { payload, qos, messageId } = await client.next('publish');
      seen.push(JSON.parse(payload.toString()).n);
      expect([qos, messageId]).toEqual([1, expect.any(Number)]);
      client.send({ cmd: 'puback', messageId: messageId ?? 0 });
    }
    expect(seen).toEqual(Array.from({ length: 150 }, (_, i) => i));
    await client.settled();
    expect(sim.broker.sessions.map(({ unacknowledged }) => unacknowledged)).toEqual([0, 0]);
  });

  it('OCHNO-10 at QoS 1 wait for a client that asked not to be forgotten, and for no other', async () => {
    await again({ portQos: 1 });
    const lasting = await session(tenant, { clientId: 'lasting', clean: false });
    await lasting.subscribe(`/ports/${tenant}/#`, 1);
    await say(tenant, { n: 1 });
    await lasting.next('publish');
    lasting.end();
    await sim.journal.until({ method: 'CLOSE' });
    await say(tenant, { n: 2 });
    const back = await RawMqtt.open(sim, presign(await user.iotAccess(tenant)));
    clients.push(back);
    back.connect({ clientId: 'lasting', clean: false });
    expect((await back.next('connack')).sessionPresent).toBe(true);
    const [first, second] = [await back.next('publish'), await back.next('publish')];
    expect([first.dup, JSON.parse(first.payload.toString()).n]).toEqual([true, 1]);
    expect([second.dup, JSON.parse(second.payload.toString()).n]).toEqual([false, 2]);
    back.connect({ clientId: 'lasting', clean: true });
    await back.closed;
    const clean = await session(tenant, { clientId: 'lasting' });
    await clean.settled();
    expect([clean.received, sim.broker.sessions[0]?.filters]).toEqual([[], []]);
  });

  it('OCHNO-10 can be strange: of another company, or no JSON at all', async () => {
    const client = await session();
    await client.subscribe(`/ports/${tenant}/#`);
    const foreign = portOf(owner);
    expect(await sim.actions.run('stray', { company: tenant, device: foreign.port.id })).toEqual({ sessions: 1 });
    expect((await client.next('publish')).topic).toBe(portTopic(foreign.place));
    await sim.actions.run('send-raw', { device: portOf(tenant).port.id, payload: 'no JSON {' });
    expect((await client.next('publish')).payload.toString()).toBe('no JSON {');
    expect(sim.truth.counts().points).toBe(0);
  });

  it('OCHNO-10 that nobody was there for are known as such', async () => {
    const { id: device } = portOf(tenant).port;
    await say(tenant, { t: 1, a: 1 });
    const client = await session();
    await client.subscribe(`/ports/${tenant}/#`);
    await say(tenant, { t: 2, a: 2 });
    client.end();
    await sim.journal.until({ method: 'CLOSE' });
    await say(tenant, { t: 2, a: 2 });
    await say(tenant, { t: 3, a: 3 });
    expect([...sim.state.unheard()]).toEqual([
      { device, signal: 'a', ts: 1 },
      { device, signal: 'a', ts: 3 },
    ]);
    await again({ recordUnheard: false });
    await say(tenant, { t: 1, a: 1 });
    expect(sim.truth.counts().points).toBe(0);
  });
});

describe('what clients publish', () => {
  it.each<[string, string, 0 | 2]>([
    ['at QoS 2', `/action/${tenant}///`, 2],
    ['to another company', `/action/${owner}///`, 0],
    ['as if it were a port', `/ports/${tenant}/l/h/p`, 0],
    ['with a wildcard', `/action/${tenant}/#`, 0],
    ['with more than 7 slashes', `/action/${tenant}/1/2/3/4/5/6`, 0],
  ])('OCHNO-11 %s ends the session', async (_what, topic, qos) => {
    const client = await session();
    client.publish(topic, {}, qos);
    await client.closed;
    expect(sim.journal.entries({ method: 'PUBLISH' })).toMatchObject([{ status: -1 }]);
  });

  it('OCHNO-11 of more than 128 KB ends the session', async () => {
    const client = await session();
    client.publish(`/action/${tenant}///`, 'x'.repeat(128 * 1024 + 1));
    await client.closed;
  });

  it('OCHNO-11 is acknowledged at QoS 1, or done and not acknowledged by a fault', async () => {
    const lamp = sim.scenario.ports.find(
      ({ kind, port }) => kind === 'lamp' && sim.state.placeOf(port).companyId === owner,
    );
    const action = (level: number) => ({ data: { portId: lamp?.port.id, device: { lamp: { level } } } });
    const client = await session(owner);
    client.publish(`/action/${owner}///`, action(20), 1);
    expect((await client.next('puback')).messageId).toBe(9);
    expect(lamp?.level).toBe(20);
    sim.faults.add({ kind: 'reset', when: 'after' }, { operation: 'OCHNO-11', count: 1 });
    client.publish(`/action/${owner}///`, action(30), 1);
    await client.closed;
    expect([lamp?.level, client.received]).toEqual([30, []]);
    expect(sim.journal.entries({ operation: 'OCHNO-11' })).toMatchObject([
      { status: 0 },
      { status: -1, faults: ['reset'] },
    ]);
  });
});
