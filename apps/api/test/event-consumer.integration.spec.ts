import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient, type EventOptions, type TributaryClient } from '@tributary/client';
import { deviceId, makeEvent } from '@tributary/contracts';
import { Broker, EventLog } from '@tributary/messaging';
import { newEventId, newId } from '@tributary/runtime';
import { eventually } from '@tributary/testing';
import { type Application, createApplication } from '../src/http/server.ts';
import { BROKER_URL, makeWorld, type World } from './world/world.ts';

const CUTS = 200;
/** Bytes of a connection before it is cut: less than an event, up to a dozen of them. */
const MOST_BYTES = 8_000;

let world: World;
/** A second replica, with a log of its own over a broker connection of its own. */
let second: { broker: Broker; events: EventLog; application: Application };
let proxy: CuttingProxy;
let publisher: ReturnType<Broker['publisher']>;
let token: string;
const connection = newId('con');

beforeAll(async () => {
  world = await makeWorld();
  token = await world.key('acme');
  publisher = world.broker.publisher();
  const { log, metrics } = world.house;
  const broker = Broker.connect({ url: BROKER_URL, namespace: world.namespace, name: 'api-second', log, metrics });
  await broker.ready();
  const events = new EventLog(broker);
  second = { broker, events, application: await createApplication({ ...world.house, events }) };
  const replicas = [world.fastify, second.application.fastify];
  const addresses = await Promise.all(replicas.map((fastify) => fastify.listen({ port: 0, host: '127.0.0.1' })));
  proxy = await CuttingProxy.start(addresses.map((address) => Number(new URL(address).port)));
}, 60_000);
afterAll(async () => {
  await proxy?.stop();
  await second?.application.close();
  await second?.events.close();
  await second?.broker.close();
  await world?.close();
}, 60_000);

/** Passes connections on to one replica after the other, and cuts each after so many bytes as chance will have it. */
class CuttingProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  cuts = 0;
  cutting = false;

  private constructor(ports: readonly number[]) {
    let turn = 0;
    this.#server = createServer((caller) => {
      turn += 1;
      this.#join(caller, connect(ports[turn % ports.length] ?? 0, '127.0.0.1'));
    });
  }

  static async start(ports: readonly number[]): Promise<CuttingProxy> {
    const made = new CuttingProxy(ports);
    await new Promise<void>((resolve) => made.#server.listen(0, '127.0.0.1', resolve));
    return made;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(caller: Socket, service: Socket): void {
    let left = Math.floor(Math.random() * MOST_BYTES);
    const part = () => {
      caller.destroy();
      service.destroy();
    };
    for (const socket of [caller, service]) {
      this.#sockets.add(socket);
      socket
        .once('close', () => this.#sockets.delete(socket))
        .once('close', part)
        .on('error', part);
    }
    caller.pipe(service);
    service.on('data', (bytes: Buffer) => {
      if (!this.cutting || bytes.length <= left) {
        left -= bytes.length;
        caller.write(bytes);
        return;
      }
      this.cuts += 1;
      this.cutting &&= this.cuts < CUTS;
      caller.end(bytes.subarray(0, left), () => caller.destroy());
      service.destroy();
    });
  }
}

async function publish(value: number, workspace = 'acme'): Promise<string> {
  const native = `d${value % 7}`;
  const device = deviceId(connection, native);
  const name = 'telemetry.observed' as const;
  const time = new Date().toISOString();
  const event = makeEvent({
    id: newEventId(),
    name,
    workspace,
    platform: 'acme',
    connectionId: connection,
    subject: device,
    time,
    origin: 'live',
    data: { deviceId: device, nativeId: native, rev: '1', points: [{ signal: 'wärme', ts: time, value }] },
  });
  await publisher.publish(event, {
    workspace,
    event: name,
    platform: 'acme',
    connectionId: connection,
    subjectId: device,
  });
  return event.id;
}

const client = (url: string): TributaryClient => createClient({ url, key: token });

/** A consumer that runs until it is stopped; what it has seen so far. */
function consume(options: EventOptions) {
  const controller = new AbortController();
  const seen: string[] = [];
  const resyncs: (string | undefined)[] = [];
  const run = async () => {
    for await (const item of client(proxy.url).events({ ...options, reconnectMs: 0, signal: controller.signal })) {
      if (item.kind === 'resync') resyncs.push(item.cursor);
      else seen.push(item.event.id);
    }
  };
  const stopped = run().catch((error: unknown) => {
    if (error !== controller.signal.reason) throw error;
  });
  const stop = () => {
    controller.abort(new Error('enough'));
    return stopped;
  };
  return { seen, resyncs, stop };
}

/** Publishes, also what is not the consumer's, until every cut has been made. */
async function publishThroughAllCuts(): Promise<string[]> {
  const sent: string[] = [];
  proxy.cuts = 0;
  proxy.cutting = true;
  for (let n = 0; proxy.cutting; n += 1) {
    sent.push(await publish(n));
    if (n % 5 === 0) await publish(n, 'other');
    // Slower than the consumer comes back, or it would have all of it with a few connections.
    if (n % 4 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return sent;
}

const logged = async (after: string) => {
  const items = await client(proxy.url)
    .list('/v1/events', { query: { cursor: after, limit: 1_000 } })
    .all();
  return items.map(({ event }) => event.id);
};

describe('a consumer of the event stream', () => {
  it(`whose connection is cut ${CUTS} times, at any byte, ends with exactly the log`, async () => {
    const { nextCursor } = (await client(proxy.url).get('/v1/events', { query: { limit: 1_000 } })).page;
    const consumer = consume({ after: nextCursor });
    const sent = await publishThroughAllCuts();
    sent.push(await publish(-1));
    await eventually('it has the last event', () => consumer.seen.includes(sent.at(-1) ?? ''), { timeoutMs: 60_000 });
    await consumer.stop();
    expect(proxy.cuts).toBe(CUTS);
    expect(consumer.seen).toEqual(sent);
    expect(consumer.seen).toEqual(await logged(nextCursor));
    expect(consumer.resyncs).toEqual([]);
  }, 120_000);

  it('whose cursor is no longer kept is told once to begin anew, however often it is cut, and goes on', async () => {
    const gone = Buffer.from('1.3.deadbeef').toString('base64url');
    // Also while it is told.
    proxy.cutting = true;
    const consumer = consume({ after: gone });
    await eventually('it is told', () => consumer.resyncs.length > 0, { timeoutMs: 60_000 });
    const sent = await publishThroughAllCuts();
    await eventually('it has the last event', () => consumer.seen.includes(sent.at(-1) ?? ''), { timeoutMs: 60_000 });
    await consumer.stop();
    expect(consumer.resyncs).toEqual([expect.any(String)]);
    expect(consumer.seen).toEqual(sent);
    expect(consumer.seen).toEqual(await logged(consumer.resyncs[0] ?? ''));
  }, 120_000);
});
