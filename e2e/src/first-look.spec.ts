import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startOpticloud } from '@tributary/simulators';
import { eventually } from '@tributary/testing';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formatsModule from 'ajv-formats';
import amqp from 'amqplib';
import mqtt from 'mqtt';
import { Stage } from './stage.ts';
import { VendorSession } from './vendor-session.ts';

const run = promisify(execFile);
const addFormats = formatsModule.default ?? formatsModule;

describe('a first look', () => {
  let stage: Stage;
  let vendor: VendorSession;

  beforeAll(async () => {
    const simulator = await startOpticloud({
      port: 0,
      mqttPort: 0,
      controlPort: 0,
      devices: 20,
      otherDevices: 0,
      cadenceMs: 1_000,
      historyMs: 5_000,
    });
    stage = await Stage.start({ simulator, settings: { schedules: { discover: '5s', telemetry: '1s' } } });
    await stage.connect();
    vendor = await VendorSession.logIn(simulator);
  }, 120_000);

  afterAll(() => stage?.stop(), 60_000);

  const latestOf = (device = '') => stage.api.list('/v1/telemetry/latest', { query: { device: [device] } }).all();

  it('latest values over the API equal the simulator’s ground truth', async () => {
    await eventually(
      'every series has a latest value',
      async () => (await stage.api.list('/v1/telemetry/latest').all()).length === 20 * 10,
    );
    await stage.settled();
    const devices = new Map((await stage.api.list('/v1/devices').all()).map((d) => [d.id, d.nativeId]));
    const latest = await stage.api.list('/v1/telemetry/latest').all();
    const truth = new Map(stage.simulator.truth.latest().map((p) => [`${p.device}|${p.signal}`, p]));
    expect(latest).toHaveLength(truth.size);
    for (const point of latest) {
      const expected = truth.get(`${devices.get(point.deviceId)}|${point.signal}`);
      expect({ ts: Date.parse(point.ts), value: point.value }).toEqual({ ts: expected?.ts, value: expected?.value });
    }
  }, 120_000);

  it('the adapter received exactly as many points as the platform handed over', async () => {
    const served = () =>
      stage.simulator.journal
        .entries({ operation: 'OPTI-11', detail: '* points of a range' })
        .reduce((sum, { detail }) => sum + Number.parseInt(detail ?? '', 10), 0);
    // It goes on reading what it has read: both grow, and are looked at while they stand.
    await eventually('received = served', async () => (await stage.balanced()).received === served(), {
      timeoutMs: 60_000,
    });
    expect((await stage.balanced()).stored).toBe([...stage.simulator.truth.points()].length);
    expect(stage.simulator.journal.dropped).toBe(0);
    stage.simulator.production.resume();
  }, 120_000);

  it('OPTI-21 what a device publishes over MQTT is readable over the API seconds later', async () => {
    const [device] = await stage.api.list('/v1/devices').all();
    const token = await vendor.deviceToken(device?.nativeId ?? '');
    const client = await mqtt.connectAsync(stage.simulator.addresses.mqttUrl ?? '', { username: token });
    await client.publishAsync('v1/devices/me/telemetry', JSON.stringify({ handmade: 42.5 }), { qos: 1 });
    await client.endAsync();
    const found = await eventually('the value over the API', async () => {
      const items = await latestOf(device?.id);
      return items.find((p) => p.signal === 'handmade');
    });
    expect(found.value).toBe(42.5);
  }, 60_000);

  it('mosquitto_pub works against the simulator, where it is installed', async () => {
    const [, device] = await stage.api.list('/v1/devices').all();
    const url = new URL(stage.simulator.addresses.mqttUrl ?? '');
    const args = [
      '-q',
      '1',
      '-h',
      url.hostname,
      '-p',
      url.port,
      '-t',
      'v1/devices/me/telemetry',
      '-m',
      '{"by-mosquitto":7}',
    ];
    try {
      await run('mosquitto_pub', [...args, '-u', await vendor.deviceToken(device?.nativeId ?? '')]);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    await eventually('the value over the API', async () =>
      (await latestOf(device?.id)).some((p) => p.signal === 'by-mosquitto' && p.value === 7),
    );
  }, 60_000);

  it('a consumer bound to *.telemetry.# with plain amqplib receives CloudEvents that fit the served schema', async () => {
    const connection = await amqp.connect(stage.backing.rabbitmqUrl);
    const channel = await connection.createChannel();
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, `${stage.namespace}.events`, '*.telemetry.#');
    const bodies: { event: Record<string, unknown>; headers: Record<string, unknown>; contentType: unknown }[] = [];
    await channel.consume(
      queue,
      (message) => {
        if (!message) return;
        const { headers = {}, contentType } = message.properties;
        bodies.push({ event: JSON.parse(message.content.toString()), headers, contentType });
      },
      { noAck: true },
    );
    await eventually('ten events', () => bodies.length >= 10);
    await connection.close();

    const ajv = new Ajv2020({ strict: false });
    addFormats(ajv);
    const [, type = ''] = /\/v1\/schemas\/(.+)$/.exec(String(bodies[0]?.event.dataschema)) ?? [];
    const schema = await stage.api.open('get', '/v1/schemas/{type}', { path: { type } });
    const validate = ajv.compile((await schema.json()) as object);
    for (const { event, headers, contentType } of bodies) {
      expect(contentType).toBe('application/cloudevents+json');
      expect(headers.cloudEvents_id).toBe(event.id);
      validate(event.data);
      expect(validate.errors ?? []).toEqual([]);
    }
  }, 60_000);
});
