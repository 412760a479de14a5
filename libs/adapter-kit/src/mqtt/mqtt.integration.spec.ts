import { randomUUID } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ManualClock, systemClock } from '@tributary/runtime';
import type { MqttMessage, MqttOptions, MqttSession } from '../connection-kit.ts';
import { openMqtt } from './open-mqtt.ts';
import { startMosquitto, type TestBroker } from './testing/mosquitto.ts';

let broker: TestBroker;
const sessions: MqttSession[] = [];
const forever = new AbortController().signal;

beforeAll(async () => {
  broker = await startMosquitto();
});
afterEach(async () => {
  for (const session of sessions.splice(0)) await session.close();
});
afterAll(() => broker.stop());

const allowed = { allowPrivateAddresses: true, clock: systemClock };

async function open(options: Partial<MqttOptions> = {}, means = allowed) {
  const session = await openMqtt(
    {
      url: `mqtt://127.0.0.1:${broker.port}`,
      clientId: randomUUID(),
      username: 'ann',
      password: 'right',
      signal: forever,
      ...options,
    },
    means,
  );
  sessions.push(session);
  return session;
}

async function take(session: MqttSession, count: number): Promise<MqttMessage[]> {
  const got: MqttMessage[] = [];
  for await (const message of session.messages(forever)) {
    got.push(message);
    if (got.length === count) break;
  }
  return got;
}

const text = (message: MqttMessage) => Buffer.from(message.payload).toString();

describe('opening', () => {
  it('tells refused credentials from a broker that is away', async () => {
    await expect(open({ password: 'wrong' })).rejects.toMatchObject({ code: 'authentication' });
    await expect(open({ url: 'mqtt://127.0.0.1:1' })).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('refuses plain and private addresses outside development', async () => {
    const guarded = { allowPrivateAddresses: false, clock: systemClock };
    const secure = `mqtts://localhost:${broker.port}`;
    await expect(open({}, guarded)).rejects.toMatchObject({ code: 'invalid-request' });
    await expect(open({ url: secure }, guarded)).rejects.toMatchObject({ code: 'invalid-request' });
    await expect(open({ url: 'wss://127.0.0.1/mqtt' }, guarded)).rejects.toMatchObject({ code: 'invalid-request' });
  });

  it('gives up on what accepts and says nothing, and on what is not MQTT', async () => {
    const clock = new ManualClock();
    const held: Socket[] = [];
    const mute = createServer((socket) => held.push(socket)).listen(0, '127.0.0.1');
    await new Promise((resolve) => mute.once('listening', resolve));
    const address = mute.address();
    const url = `mqtt://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    const opening = open({ url }, { allowPrivateAddresses: true, clock }).catch((error: unknown) => error);
    while (held.length === 0) await new Promise(setImmediate);
    await clock.advance(10_000);
    expect(await opening).toMatchObject({ code: 'unavailable' });

    mute.on('connection', (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await expect(open({ url })).rejects.toMatchObject({ code: 'unavailable' });
    for (const socket of held) socket.destroy();
    mute.close();
  });

  it.each(['mqtt', 'ws'] as const)('carries messages over %s', async (protocol) => {
    const port = protocol === 'mqtt' ? broker.port : broker.webSocketPort;
    const session = await open({ url: `${protocol}://127.0.0.1:${port}/mqtt` });
    const topic = `t/${randomUUID()}`;
    await session.subscribe(topic, 1, forever);
    await session.publish(topic, 'ü', { qos: 1, signal: forever });
    const [message] = await take(session, 1);
    expect(message).toMatchObject({ topic, dup: false, retained: false });
    expect(message && text(message)).toBe('ü');
    message?.ack();
  });
});

describe('acknowledgement', () => {
  it('has as many messages under way as the broker allows, and releases them in order', async () => {
    const reader = await open({ clean: false, clientId: randomUUID() });
    const writer = await open();
    const topic = `t/${randomUUID()}`;
    await reader.subscribe(topic, 1, forever);
    await Promise.all(Array.from({ length: 40 }, (_, n) => writer.publish(topic, `${n}`, { qos: 1, signal: forever })));
    const first = await take(reader, 20);
    expect(first.map(text)).toEqual(Array.from({ length: 20 }, (_, n) => `${n}`));
    for (const message of first.slice(1)) message.ack();
    first[0]?.ack();
    const rest = await take(reader, 20);
    expect(rest.map(text)).toEqual(Array.from({ length: 20 }, (_, n) => `${n + 20}`));
    for (const message of rest) message.ack();
  });

  it('gets again, marked, what it did not acknowledge before it went', async () => {
    const clientId = randomUUID();
    const topic = `t/${randomUUID()}`;
    const reader = await open({ clean: false, clientId });
    const writer = await open();
    await reader.subscribe(topic, 1, forever);
    for (const word of ['a', 'b', 'c']) await writer.publish(topic, word, { qos: 1, signal: forever });
    const [a, b, c] = await take(reader, 3);
    a?.ack();
    // Ready, but behind a hole.
    c?.ack();
    await reader.close();
    const again = await open({ clean: false, clientId });
    const messages = await take(again, 2);
    expect(messages.map(text)).toEqual(['b', 'c']);
    expect(messages.every(({ dup }) => dup)).toBe(true);
    b?.ack();
    for (const message of messages) message.ack();
  });
});

describe('loss', () => {
  it('throws from messages, and from a publish that is under way', async () => {
    const sockets: Socket[] = [];
    const half = createServer((socket) => {
      sockets.push(socket);
      socket.once('data', () => socket.write(Uint8Array.of(0x20, 2, 0, 0)));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => half.once('listening', resolve));
    const address = half.address();
    const session = await open({ url: `mqtt://127.0.0.1:${typeof address === 'object' ? address?.port : 0}` });
    const publishing = session.publish('a', 'b', { qos: 1, signal: forever }).catch((error: unknown) => error);
    const reading = take(session, 1).catch((error: unknown) => error);
    sockets[0]?.destroy();
    expect(await publishing).toMatchObject({ code: 'timeout', platformCode: 'answer-lost' });
    expect(await reading).toMatchObject({ code: 'unavailable' });
    const later = session.publish('a', 'b', { qos: 1, signal: forever });
    await expect(later).rejects.toMatchObject({ code: 'unavailable', platformCode: 'not-sent' });
    half.close();
  });

  it('notices a broker that has fallen silent', async () => {
    const clock = new ManualClock();
    const mute = createServer((socket) => {
      socket.once('data', () => socket.write(Uint8Array.of(0x20, 2, 0, 0)));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => mute.once('listening', resolve));
    const address = mute.address();
    const url = `mqtt://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    const session = await open({ url, keepaliveSeconds: 20 }, { allowPrivateAddresses: true, clock });
    const reading = take(session, 1).catch((error: unknown) => error);
    await clock.advance(20_000);
    expect(await reading).toMatchObject({ code: 'unavailable', message: expect.stringContaining('silent') });
    mute.close();
  });

  it('refuses topics that would mean something else, and tells of a refused subscription', async () => {
    const session = await open();
    for (const topic of ['', 'a/+', '#', 'a\0']) {
      await expect(session.publish(topic, '', { qos: 0, signal: forever })).rejects.toMatchObject({
        code: 'invalid-request',
      });
    }
  });

  it('ends the messages on close', async () => {
    const session = await open();
    const reading = take(session, 1);
    await session.close();
    expect(await reading).toEqual([]);
  });
});
