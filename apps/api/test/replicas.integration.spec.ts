import { Agent, type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventType, makeEvent, type TributaryEvent } from '@tributary/contracts';
import { addToOutbox, inTransaction } from '@tributary/database';
import { newEventId } from '@tributary/runtime';
import { eventually } from '@tributary/testing';
import { entryOf, newSealingKey, ServiceProcess } from '@tributary/testing/harness';
import { type Channel, type ChannelModel, connect } from 'amqplib';
import { BROKER_URL, makeWorld, type Seeded, seed, type World } from './world/world.ts';

/** Two built services as real processes, over the database, the namespace and the adapter of one world. */
let world: World;
let ids: Seeded;
let token: string;
let connection: ChannelModel;
let channel: Channel;
const heard: TributaryEvent[] = [];
const started: ServiceProcess[] = [];
/** Load goes on until here, whatever becomes of the test. */
let pressing = true;

beforeAll(async () => {
  world = await makeWorld();
  ids = await seed(world, 'default');
  token = await world.key('default');
  world.broker.assertPlatformQueues('acme');
  connection = await connect(BROKER_URL);
  channel = await connection.createChannel();
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, world.broker.names.events, '#');
  await channel.consume(queue, (message) => message && heard.push(JSON.parse(message.content.toString())), {
    noAck: true,
  });
});
afterAll(async () => {
  pressing = false;
  await Promise.all(started.map((process) => process.running && process.kill()));
  await connection?.close();
  await world.close();
});

/** Name of a file for which the adapter takes its time. */
const HELD = 'held.osf';

interface Replica {
  process: ServiceProcess;
  port: number;
  agent: Agent;
}

async function start(name: string): Promise<Replica> {
  const process = ServiceProcess.spawn({
    name,
    entry: entryOf('api'),
    env: {
      DATABASE_URL: world.databaseUrl,
      RABBITMQ_URL: BROKER_URL,
      TRIBUTARY_NAMESPACE: world.namespace,
      TRIBUTARY_KEYS: newSealingKey(),
      HOST: '127.0.0.1',
      API_DRAIN: '4s',
    },
  });
  started.push(process);
  const { port = 0 } = await process.ready();
  const replica = { process, port, agent: new Agent({ keepAlive: true, maxSockets: 50 }) };
  await eventually('it can serve', async () => (await call(replica, 'GET', '/readyz')).status === 200);
  return replica;
}

interface Outcome {
  status: number;
  body: string;
}

/** One request over connections that are kept; rejects where there is no whole answer. */
function call({ port, agent }: Replica, method: string, path: string, body?: unknown): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json', 'idempotency-key': newEventId() }),
    };
    const asked = request({ port, host: '127.0.0.1', agent, method, path, headers }, (answer: IncomingMessage) => {
      let text = '';
      answer.on('data', (chunk) => {
        text += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: text }));
      answer.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Asks a replica whether it takes requests, as a balancer does, until it says no. */
async function balancer(replica: Replica): Promise<{ readonly routed: boolean }> {
  const state = { routed: true };
  const watch = async () => {
    while (state.routed && pressing) state.routed = (await call(replica, 'GET', '/readyz')).status === 200;
  };
  watch().catch(() => {
    state.routed = false;
  });
  return state;
}

describe('two replicas', () => {
  it('serve on while one of them stops: what it has begun it ends, and nothing is answered with a failure', async () => {
    const [leaving, staying] = await Promise.all([start('leaving'), start('staying')]);
    const answers: Outcome[] = [];
    const gate = await balancer({ ...leaving, agent: new Agent({ keepAlive: true }) });
    // Whoever is not told to stay away while the listener still takes requests meets a closed door, and the test fails.
    const press = async (first: Replica, path: string, method = 'GET', body?: unknown) => {
      while (pressing) {
        const replica = first === leaving && !gate.routed ? staying : first;
        answers.push(await call(replica, method, path, body));
      }
    };
    const load = [leaving, staying].flatMap((replica) => [
      press(replica, '/v1/devices?limit=10'),
      press(replica, '/v1/telemetry/latest'),
      press(replica, `/v1/files/${ids.fileId}/content`),
      press(replica, `/v1/devices/${ids.deviceId}/attributes?live=true`),
      press(replica, `/v1/devices/${ids.deviceId}/commands`, 'POST', { name: 'restart' }),
    ]);
    const pressed = Promise.all(load);
    // Awaited below; until then a failure of one must not be nobody's.
    pressed.catch(() => undefined);
    await eventually('both are busy', () => answers.length > 200);

    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    // A question of the kind that may take longest: however slow the machine, it does not time out while it is held.
    const open = world.platform.handlers['files.open'];
    world.platform.handlers['files.open'] = async (payload, context) => {
      if (payload.names.includes(HELD)) await held;
      return open ? open(payload, context) : { url: '' };
    };
    const slow = call(leaving, 'POST', `/v1/devices/${ids.deviceId}/files:download`, { names: [HELD] });
    // Awaited below.
    slow.catch(() => undefined);
    await eventually('the slow question is asked', () =>
      world.platform.asked.some(({ payload }) => JSON.stringify(payload).includes(HELD)),
    );
    leaving.process.signal('SIGTERM');
    await eventually('it takes no more', () =>
      call({ ...leaving, agent: new Agent() }, 'GET', '/livez').then(
        () => false,
        () => true,
      ),
    );
    expect(gate.routed).toBe(false);
    expect(leaving.process.running).toBe(true);
    letGo();
    expect(await slow).toEqual({ status: 200, body: 'bytes of a file' });
    expect(await leaving.process.exited).toBe(0);

    const served = answers.length;
    await eventually('the other serves on', () => answers.length > served + 100);
    pressing = false;
    await pressed;
    expect(answers.filter(({ status }) => status >= 300).map(({ body }) => body)).toEqual([]);
    expect(leaving.process.records().filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
    expect(await staying.process.stop()).toBe(0);
    const { rows } = await world.db.pool.query("select count(*)::int as n from command where state = 'accepted'");
    const accepted = answers.filter(({ body, status }) => status === 202 && body.includes('"restart"'));
    // One was seeded.
    expect(rows[0].n).toBe(accepted.length + 1);
  });

  it('publish the outbox together: every event at least once, each aggregate in its order, though one is killed', async () => {
    const AGGREGATES = 25;
    const EACH = 20;
    const [killed, staying] = await Promise.all([start('killed'), start('staying')]);
    const expected = new Map<string, string[]>();
    const before = heard.length;
    for (let step = 0; step < EACH; step += 1) {
      await inTransaction(world.db.pool, async (tx) => {
        for (let n = 0; n < AGGREGATES; n += 1) {
          const event = statusEvent(`con_${'abcdefghijklmnopqrstuvwxy'.charAt(n).repeat(26)}`, step + 1);
          expected.set(event.subject, [...(expected.get(event.subject) ?? []), event.id]);
          const routing = {
            workspace: 'default',
            event: 'connection.degraded' as const,
            platform: 'acme',
            connectionId: event.subject,
            subjectId: event.subject,
          };
          await addToOutbox(tx, event.subject, { kind: 'event', event, routing });
        }
      });
      if (step === EACH / 2) {
        await eventually('some are out', () => heard.length > before + 50);
        await killed.process.kill();
      }
    }
    await eventually('the outbox is empty', async () => {
      const { rows } = await world.db.pool.query('select count(*)::int as n from outbox');
      return rows[0].n === 0;
    });
    const mine = () => heard.slice(before).filter(({ type }) => type === eventType('connection.degraded'));
    await eventually('everything was heard', () => new Set(mine().map(({ id }) => id)).size === AGGREGATES * EACH);
    for (const [subject, order] of expected) {
      const seen = mine().filter((event) => event.subject === subject);
      // A repetition repeats; it never runs ahead.
      expect([...new Set(seen.map(({ id }) => id))]).toEqual(order);
    }
    expect(await staying.process.stop()).toBe(0);
  });
});

const statusEvent = (connectionId: string, rev: number) =>
  makeEvent({
    id: newEventId(),
    name: 'connection.degraded',
    workspace: 'default',
    platform: 'acme',
    connectionId,
    subject: connectionId,
    time: new Date().toISOString(),
    origin: 'live',
    data: { connectionId, rev: String(rev) },
  });
