import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Metrics, silentLogger, systemClock } from '@tributary/runtime';
import { generate as generatePacket, parser as packetParser } from 'mqtt-packet';
import { generate } from 'selfsigned';
import { createWebSocketStream, WebSocketServer } from 'ws';
import type { ConnectionKit } from '../connection-kit.ts';
import { makeConnectionKit } from '../make-connection-kit.ts';
import { certificates } from './private-ca.ts';

const never = new AbortController().signal;
const CONNACK = generatePacket({ cmd: 'connack', returnCode: 0, sessionPresent: false });

let ca: string;
let key: string;
let web: Server;
let broker: ReturnType<typeof createTlsServer>;
let sockets: WebSocketServer;

const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;

/** Enough of a broker to let somebody in. */
function welcome(stream: NodeJS.ReadWriteStream): void {
  const parser = packetParser();
  parser.on('packet', ({ cmd }) => cmd === 'connect' && stream.write(CONNACK));
  stream.on('data', (chunk: Buffer) => parser.parse(chunk)).on('error', () => undefined);
}

beforeAll(async () => {
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] },
    ],
  });
  ca = made.cert;
  key = made.private;
  web = createServer({ key, cert: ca }, (_request, response) => response.end('{}')).listen(0);
  sockets = new WebSocketServer({ server: web });
  sockets.on('connection', (socket) => welcome(createWebSocketStream(socket)));
  broker = createTlsServer({ key, cert: ca, ALPNProtocols: ['mqtt'] }, welcome).listen(0);
  await Promise.all([web, broker].map((server) => server.listening || new Promise((r) => server.once('listening', r))));
});
afterAll(() => {
  for (const socket of sockets.clients) socket.terminate();
  web.closeAllConnections();
  web.close();
  broker.close();
});

async function withKit<T>(authority: string | undefined, work: (kit: ConnectionKit) => Promise<T>): Promise<T> {
  const access = makeConnectionKit({
    connectionId: 'con_tls',
    manifest: { platform: 'acme', budgets: {} },
    log: silentLogger,
    metrics: new Metrics('test'),
    clock: systemClock,
    allowPrivateAddresses: true,
    ca: authority,
  });
  try {
    return await work(access.kit);
  } finally {
    await access.close();
  }
}

const request = { method: 'GET', path: '/', operation: 'look', lane: 'interactive', idempotent: false } as const;
const ways: [string, (kit: ConnectionKit) => Promise<unknown>][] = [
  ['https', (kit) => kit.http({ baseUrl: `https://localhost:${portOf(web)}` }).send(request)],
  ['wss', (kit) => kit.mqtt({ url: `wss://localhost:${portOf(web)}/`, clientId: 'a', signal: never })],
  ['mqtts', (kit) => kit.mqtt({ url: `mqtts://localhost:${portOf(broker)}`, clientId: 'a', signal: never })],
];

describe('a private authority', () => {
  it.each(ways)('is believed over %s by the connection that names it, and by no other', async (_way, go) => {
    await withKit(ca, go);
    await expect(withKit(undefined, go)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('vouches for its own names only', async () => {
    const url = `https://127.0.0.1:${portOf(web)}`;
    await expect(withKit(ca, (kit) => kit.http({ baseUrl: url }).send(request))).rejects.toMatchObject({
      code: 'unavailable',
    });
  });

  it('is given as certificates, and never together with a key', () => {
    expect(certificates.safeParse(`${ca}\n${ca}`).success).toBe(true);
    for (const wrong of ['', 'PEM', `${ca}${key}`, key, `${ca} and more`, ca.replace('MII', 'XXX')]) {
      expect(certificates.safeParse(wrong).success).toBe(false);
    }
  });
});
