import { type EventEmitter, once as onceOf } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connect, connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { Caller, call, deviceAt, dig, START, startQuiet } from '../../test/opticloud-caller.ts';
import { USERS } from './accounts.ts';
import type { Device } from './device.ts';
import type { OpticloudSimulator } from './server.ts';

let sim: OpticloudSimulator;
let device: Device;
const clients: MqttClient[] = [];
beforeEach(async () => {
  sim = await startQuiet({ producing: false, historyMs: 0 });
  device = deviceAt(sim, 3);
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.endAsync(true)));
  await sim.stop();
});

/** mqtt.js types its events in a way of its own. */
const once = (client: MqttClient, event: string) => onceOf(client as unknown as EventEmitter, event);

const TELEMETRY = 'v1/devices/me/telemetry';
const ATTRIBUTES = 'v1/devices/me/attributes';

async function session(token = device.token, options: IClientOptions = {}): Promise<MqttClient> {
  const client = await connectAsync(sim.mqttUrl, { username: token, reconnectPeriod: 0, ...options });
  client.on('error', () => {});
  clients.push(client);
  return client;
}

async function refusal(options: IClientOptions): Promise<number> {
  const client = connect(sim.mqttUrl, { reconnectPeriod: 0, ...options });
  clients.push(client);
  const [error] = (await once(client, 'error')) as [Error & { code: number }];
  return error.code;
}

async function message(client: MqttClient): Promise<{ topic: string; json: unknown }> {
  const [topic, payload] = (await once(client, 'message')) as [string, Buffer];
  return { topic, json: JSON.parse(payload.toString()) };
}

const publish = (client: MqttClient, payload: unknown, topic = TELEMETRY) =>
  client.publishAsync(topic, typeof payload === 'string' ? payload : JSON.stringify(payload), { qos: 1 });
const stored = (of: Device = device) =>
  [...sim.truth.points({ device: of.id })].map(({ signal, ts, value }) => ({ signal, ts, value }));
const closed = (client: MqttClient) => once(client, 'close');

describe('optiCLOUD over MQTT', () => {
  it('OPTI-20 refuses an empty user name with 4 and an unknown token with 5', async () => {
    expect(await refusal({})).toBe(4);
    expect(await refusal({ username: '' })).toBe(4);
    expect(await refusal({ username: 'nobody' })).toBe(5);
    expect(sim.journal.entries({ method: 'CONNECT' }).map((entry) => entry.status)).toEqual([4, 4, 5]);
  });

  it('OPTI-21 takes the simple form at the time of the server', async () => {
    await publish(await session(), { temperature: 42 });
    expect(stored()).toEqual([{ signal: 'temperature', ts: START, value: 42 }]);
  });

  it('OPTI-22 takes a list of simple forms', async () => {
    await publish(await session(), [{ key1: 'value1' }, { key2: true }]);
    expect(stored()).toEqual([
      { signal: 'key1', ts: START, value: 'value1' },
      { signal: 'key2', ts: START, value: true },
    ]);
  });

  it('OPTI-23 takes values with their time in milliseconds, alone and in lists', async () => {
    const client = await session();
    await publish(client, { ts: 1451649600512, values: { temperature: 42, humidity: 55 } });
    await publish(client, [
      { ts: 1, values: { a: 1 } },
      { ts: 2, values: { a: 2 } },
    ]);
    expect(stored()).toEqual([
      { signal: 'temperature', ts: 1451649600512, value: 42 },
      { signal: 'humidity', ts: 1451649600512, value: 55 },
      { signal: 'a', ts: 1, value: 1 },
      { signal: 'a', ts: 2, value: 2 },
    ]);
    expect(sim.journal.counts({ protocol: 'mqtt' })).toMatchObject({ 'OPTI-23': { 0: 2 } });
  });

  it('OPTI-27 keeps every type, and OPTI-11 shows it at once', async () => {
    const user = await Caller.logIn(sim, USERS.multi);
    const body =
      '{"stringKey":"wärme 🔥","booleanKey":true,"doubleKey":42.0,"longKey":73,"jsonKey":{"someArray":[1,2,3]}}';
    await publish(await session(), body);
    const path = `/api/plugins/telemetry/DEVICE/${device.id}/values/timeseries`;
    const { json } = await user.get(path, { startTs: START, endTs: START });
    const values = ['stringKey', 'booleanKey', 'doubleKey', 'longKey', 'jsonKey'].map((key) =>
      dig(json, key, 0, 'value'),
    );
    expect(values).toEqual(['wärme 🔥', 'true', '42.0', '73', '{"someArray":[1,2,3]}']);
  });

  it('OPTI-21 acknowledges QoS 1 after storing: what is acknowledged is in the truth, what is refused is not', async () => {
    const client = await session();
    for (let i = 0; i < 50; i++) {
      await publish(client, { ts: i, values: { n: i } });
      expect(sim.truth.series(device.id, 'n')?.points).toBe(i + 1);
    }
    sim.faults.add({ kind: 'reset' }, { operation: 'OPTI-23', count: 1 });
    const gone = closed(client);
    void publish(client, { ts: 99, values: { n: 99 } }).catch(() => {});
    await gone;
    expect(sim.truth.series(device.id, 'n')?.points).toBe(50);
  });

  it('OPTI-21 can lose the acknowledgement after storing', async () => {
    const client = await session();
    sim.faults.add({ kind: 'reset', when: 'after' }, { operation: 'OPTI-21', count: 1 });
    const gone = closed(client);
    let acknowledged = false;
    publish(client, { n: 1 }).then(
      () => {
        acknowledged = true;
      },
      () => {},
    );
    await gone;
    expect(stored()).toHaveLength(1);
    expect(acknowledged).toBe(false);
  });

  it.each([
    ['malformed JSON', TELEMETRY, '{"temperature":'],
    ['a number instead of an object', TELEMETRY, '42'],
    ['a null value', TELEMETRY, '{"a":null}'],
    ['a time that is a text', TELEMETRY, '{"ts":"now","values":{"a":1}}'],
    ['a number out of range', TELEMETRY, '{"a":1e999}'],
    ['an unknown topic', 'v1/devices/me/nothing', '{}'],
    ['the topic of another', 'v1/devices/other/telemetry', '{"a":1}'],
    ['a request id that is no number', 'v1/devices/me/attributes/request/x', '{}'],
    ['a gateway topic of a device that is no gateway', 'v1/gateway/telemetry', '{"A":[{"a":1}]}'],
  ])('OPTI-21 closes the session on %s', async (_what, topic, payload) => {
    const client = await session();
    const gone = closed(client);
    client.publish(topic, payload, { qos: 1 });
    await gone;
    expect(stored()).toEqual([]);
  });

  it('OPTI-21 closes the session on QoS 2', async () => {
    const client = await session();
    const gone = closed(client);
    client.publish(TELEMETRY, '{"a":1}', { qos: 2 });
    await gone;
    expect(stored()).toEqual([]);
  });

  it('OPTI-24 sets client attributes', async () => {
    const client = await session();
    await publish(client, { attribute1: 'value1', attribute2: true }, ATTRIBUTES);
    const user = await Caller.logIn(sim, USERS.multi);
    const path = `/api/plugins/telemetry/DEVICE/${device.id}/values/attributes/CLIENT_SCOPE`;
    expect((await user.get(path, { keys: 'attribute1,attribute2' })).json).toMatchObject([
      { key: 'attribute1', value: 'value1' },
      { key: 'attribute2', value: true },
    ]);
  });

  it('OPTI-25 answers requested attributes in the same session, leaving missing keys out', async () => {
    const client = await session();
    await publish(client, { attribute1: 'value1' }, ATTRIBUTES);
    client.subscribe('v1/devices/me/attributes/response/+');
    const request = '{"clientKeys":"attribute1,nothing","sharedKeys":"sampleIntervalMs, nothing"}';
    client.publish('v1/devices/me/attributes/request/17', request);
    expect(await message(client)).toEqual({
      topic: 'v1/devices/me/attributes/response/17',
      json: { client: { attribute1: 'value1' }, shared: { sampleIntervalMs: 1_000 } },
    });
  });

  it('OPTI-25 does not answer a session that has not subscribed to the answer', async () => {
    const asking = await session();
    const listening = await session();
    await listening.subscribeAsync('v1/devices/me/attributes/response/+');
    let heard = 0;
    for (const client of [asking, listening]) client.on('message', () => heard++);
    await publish(asking, { sharedKeys: 'sampleIntervalMs' }, 'v1/devices/me/attributes/request/1');
    await publish(listening, { a: 1 });
    expect(heard).toBe(0);
    expect(sim.journal.count({ method: 'PUSH' })).toBe(0);
  });

  it('OPTI-26 pushes shared attributes that a user changes or deletes, to this device alone', async () => {
    const client = await session();
    const other = await session(deviceAt(sim, 4).token);
    await Promise.all([client, other].map((one) => one.subscribeAsync(ATTRIBUTES, { qos: 1 })));
    const user = await Caller.logIn(sim, USERS.multi);
    const path = `/api/plugins/telemetry/${device.id}/SHARED_SCOPE`;
    const changed = message(client);
    await user.post(path, { ziel: 21.5, modus: 'Nacht' });
    expect(await changed).toEqual({ topic: ATTRIBUTES, json: { ziel: 21.5, modus: 'Nacht' } });
    const deleted = message(client);
    await user.delete(`${path}?keys=ziel`);
    expect(await deleted).toEqual({ topic: ATTRIBUTES, json: { deleted: ['ziel'] } });
    expect(sim.journal.count({ method: 'PUSH' })).toBe(2);
  });

  it('OPTI-26 shows a session nothing of what other devices, or it itself, publish', async () => {
    const client = await session();
    await client.subscribeAsync(ATTRIBUTES, { qos: 1 });
    const heard: string[] = [];
    client.on('message', (_topic, payload) => heard.push(payload.toString()));
    await publish(await session(deviceAt(sim, 4).token), { from: 'another' }, ATTRIBUTES);
    await publish(client, { from: 'itself' }, ATTRIBUTES);
    const pushed = message(client);
    await sim.actions.run('set-shared', { device: device.id, values: { last: true } });
    await pushed;
    expect(heard).toEqual(['{"last":true}']);
  });

  it('OPTI-26 stops pushing after unsubscribing', async () => {
    const client = await session();
    await client.subscribeAsync(ATTRIBUTES);
    await client.unsubscribeAsync(ATTRIBUTES);
    await sim.actions.run('set-shared', { device: device.id, values: { a: 1 } });
    expect(sim.journal.count({ method: 'PUSH' })).toBe(0);
  });

  it.each(['v1/devices/me/telemetry', '#', 'v1/devices/+/attributes', 'v1/gateway/rpc', 'v1/devices/me/rpc/request/#'])(
    'OPTI-26 refuses a subscription to %s',
    async (topic) => {
      const client = await session();
      await client.subscribeAsync(topic).catch(() => {});
      expect(sim.journal.entries({ method: 'SUBSCRIBE' })).toMatchObject([{ path: topic, status: 128 }]);
    },
  );

  it('calls a subscribed device, and takes its answer', async () => {
    const client = await session();
    await client.subscribeAsync('v1/devices/me/rpc/request/+');
    client.on('message', (topic, payload) => {
      const { method, params } = JSON.parse(payload.toString());
      client.publish(topic.replace('request', 'response'), JSON.stringify({ did: method, params }));
    });
    const user = await Caller.logIn(sim, USERS.multi);
    const answer = await user.post(`/api/plugins/rpc/twoway/${device.id}`, { method: 'setGpio', params: { pin: 7 } });
    expect(answer.json).toEqual({ did: 'setGpio', params: { pin: 7 } });
    expect((await user.post(`/api/plugins/rpc/oneway/${device.id}`, { method: 'reboot' })).status).toBe(200);
  });

  it('delivers a call to a device that subscribes in time, and times out otherwise', async () => {
    const call1 = sim.actions.run('rpc', { device: device.id, method: 'late', oneWay: true });
    const client = await session();
    await client.subscribeAsync('v1/devices/me/rpc/request/+');
    expect(await call1).toBeNull();
    const call2 = sim.actions.run('rpc', { device: deviceAt(sim, 4).id, method: 'x', timeoutMs: 5_000 });
    const outcome = expect(call2).rejects.toMatchObject({ status: 504 });
    await sim.clock.advance(5_000);
    await outcome;
  });

  it('answers a device that asks the time', async () => {
    const client = await session();
    await client.subscribeAsync('v1/devices/me/rpc/response/+');
    const answer = message(client);
    await publish(client, { method: 'getCurrentTime', params: {} }, 'v1/devices/me/rpc/request/3');
    expect(await answer).toEqual({ topic: 'v1/devices/me/rpc/response/3', json: START });
  });

  it('keeps devices behind a gateway apart', async () => {
    const gateway = deviceAt(sim, 0);
    const client = await session(gateway.token);
    await publish(client, { device: 'Fühler A' }, 'v1/gateway/connect');
    await publish(client, { 'Fühler A': [{ ts: 5, values: { t: 1 } }], B: [{ t: 2 }] }, 'v1/gateway/telemetry');
    await publish(client, { B: { serial: 'b-1' } }, 'v1/gateway/attributes');
    const [a, b] = ['Fühler A', 'B'].map((name) => sim.state.deviceByName(gateway.tenant, name));
    if (!a || !b) throw new Error('the gateway made no devices');
    expect(stored(a)).toEqual([{ signal: 't', ts: 5, value: 1 }]);
    expect(stored(b)).toEqual([{ signal: 't', ts: START, value: 2 }]);
    expect(b.attributes.CLIENT_SCOPE.get('serial')?.value).toBe('b-1');
    await client.subscribeAsync(['v1/gateway/attributes', 'v1/gateway/attributes/response', 'v1/gateway/rpc']);
    const pushed = message(client);
    await sim.actions.run('set-shared', { device: a.id, values: { ziel: 3 } });
    expect((await pushed).json).toEqual({ device: 'Fühler A', data: { ziel: 3 } });
    const answered = message(client);
    await publish(client, { id: 9, device: 'B', client: ['serial'], shared: [] }, 'v1/gateway/attributes/request');
    expect((await answered).json).toEqual({ id: 9, device: 'B', value: 'b-1' });
    const called = message(client);
    const result = sim.actions.run('rpc', { device: a.id, method: 'm', params: 1 });
    const { data } = (await called).json as { data: { id: number } };
    await publish(client, { device: 'Fühler A', id: data.id, data: { ok: true } }, 'v1/gateway/rpc');
    expect(await result).toEqual({ ok: true });
  });

  it('cuts one session or all, and lets them come back', async () => {
    const [one, other] = [await session(), await session(deviceAt(sim, 4).token)];
    const gone = closed(one);
    sim.faults.cutStreams(device.id);
    await gone;
    expect(other.connected).toBe(true);
    const allGone = closed(other);
    sim.faults.cutStreams();
    await allGone;
    await publish(await session(), { a: 1 });
    expect(stored()).toHaveLength(1);
  });

  it('ends sessions whose token is changed', async () => {
    const client = await session();
    const gone = closed(client);
    await sim.actions.run('change-token', { device: device.id, token: 'brand-new' });
    await gone;
    expect(await refusal({ username: 'brand-new2' })).toBe(5);
    expect((await session('brand-new')).connected).toBe(true);
  });

  it('refuses connections during an outage of the broker alone, and with 3 when told so', async () => {
    const id = sim.faults.add({ kind: 'outage', listeners: ['mqtt'] });
    await sim.faults.settled();
    const client = connect(sim.mqttUrl, { username: device.token, reconnectPeriod: 0 });
    clients.push(client);
    const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
    expect((await call(`${sim.url}/nothing`)).status).toBe(404);
    sim.faults.clear(id);
    await sim.faults.settled();
    sim.faults.add({ kind: 'status', status: 503 }, { operation: 'OPTI-20', count: 1 });
    expect(await refusal({ username: device.token })).toBe(3);
    expect((await session()).connected).toBe(true);
  });
});
