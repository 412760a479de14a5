import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '@tributary/runtime';
import { generate, type Packet, parser as packetParser } from 'mqtt-packet';
import { type WebSocket, WebSocketServer } from 'ws';
import type { MqttMessage } from '../connection-kit.ts';
import { openMqtt } from './open-mqtt.ts';

const forever = new AbortController().signal;
let server: Server;
let upgrades: { protocol: string | undefined; socket: Socket }[];
/** What the broker does with a client that has introduced itself. */
let serve: (socket: WebSocket) => void;
let refuseWith: { status: number; headers?: Record<string, string> } | undefined;

beforeEach(async () => {
  upgrades = [];
  refuseWith = undefined;
  const sockets = new WebSocketServer({ noServer: true });
  server = createServer().listen(0, '127.0.0.1');
  server.on('upgrade', (request, socket: Socket, head) => {
    upgrades.push({ protocol: request.headers['sec-websocket-protocol'], socket });
    if (refuseWith) {
      const headers = Object.entries(refuseWith.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
      return socket.end(`HTTP/1.1 ${refuseWith.status} No\r\n${headers.join('')}content-length: 0\r\n\r\n`);
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      const parser = packetParser();
      parser.on('packet', ({ cmd }: Packet) => {
        if (cmd !== 'connect') return;
        client.send(generate({ cmd: 'connack', returnCode: 0, sessionPresent: false }));
        serve(client);
      });
      client.on('message', (data: Buffer) => parser.parse(data));
    });
  });
  await new Promise((resolve) => server.once('listening', resolve));
});
afterEach(() => {
  for (const { socket } of upgrades) socket.destroy();
  server.close();
});

const open = (more: { subprotocol?: string } = {}) => {
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/mqtt?X=1`;
  const access = { allowPrivateAddresses: true, clock: systemClock };
  return openMqtt({ url, clientId: 'a', signal: forever, ...more }, access);
};
const publish = (payload: string, more: { qos?: 0 | 1; messageId?: number; dup?: boolean } = {}) =>
  generate({ cmd: 'publish', topic: 't', payload, qos: 0, dup: false, retain: false, ...more });

describe('MQTT over WebSocket', () => {
  it.each([
    [401, 'authentication'],
    [403, 'permission-denied'],
    [404, 'not-found'],
    [503, 'unavailable'],
    [200, 'malformed-response'],
  ])('tells what an upgrade was refused with: %i is %s', async (status, code) => {
    refuseWith = { status };
    await expect(open()).rejects.toMatchObject({ code, platformStatus: status });
  });

  it('waits as long as it was told to', async () => {
    refuseWith = { status: 429, headers: { 'retry-after': '7' } };
    await expect(open()).rejects.toMatchObject({ code: 'rate-limited', retryAfterMs: 7_000 });
  });

  it('offers the sub-protocol that was asked for, and one only', async () => {
    serve = () => {};
    for (const session of [await open(), await open({ subprotocol: 'mqttv3.1' })]) await session.close();
    expect(upgrades.map(({ protocol }) => protocol)).toEqual(['mqtt', 'mqttv3.1']);
  });

  it('ends with a broker that sends text', async () => {
    serve = (socket) => socket.send('hello');
    const session = await open();
    const reading = session.messages(forever)[Symbol.asyncIterator]().next();
    await expect(reading).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('holds a bounded number of bytes of a flood that nobody reads, and loses none of it', async () => {
    const [count, payload] = [40_000, 'x'.repeat(1_000)];
    let accepted = 0;
    serve = async (socket) => {
      // The network takes what the client lets it; the rest waits on this side.
      for (let n = 0; n < count; n += 1) {
        await new Promise((resolve) => socket.send(publish(`${n} ${payload}`), resolve));
        accepted = n + 1;
      }
    };
    const session = await open();
    let [before, still] = [-1, 0];
    while (still < 10) {
      await systemClock.sleep(20);
      still = accepted === before ? still + 1 : 0;
      before = accepted;
    }
    // Kernel buffers of both ends, the WebSocket, the stream and the inbox: a few megabytes of forty.
    expect(accepted).toBeLessThan(count / 2);
    let read = 0;
    for await (const message of session.messages(forever)) {
      expect(Buffer.from(message.payload).toString().split(' ')[0]).toBe(`${read}`);
      read += 1;
      if (read === count) break;
    }
    await session.close();
  }, 60_000);

  it('hands out a message once, with one time of receipt, however often it is sent before it is acknowledged', async () => {
    serve = (socket) => {
      for (const dup of [false, true]) socket.send(publish('first', { qos: 1, messageId: 7, dup }));
      socket.send(publish('second', { qos: 1, messageId: 8 }));
    };
    const before = Date.now();
    const session = await open();
    const got: MqttMessage[] = [];
    for await (const message of session.messages(forever)) if (got.push(message) === 2) break;
    expect(got.map(({ payload }) => Buffer.from(payload).toString())).toEqual(['first', 'second']);
    for (const { receivedAtMs } of got) {
      expect(receivedAtMs).toBeGreaterThanOrEqual(before);
      expect(receivedAtMs).toBeLessThanOrEqual(Date.now());
    }
    await session.close();
  });
});
