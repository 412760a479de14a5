import { randomBytes } from 'node:crypto';
import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { commandOrder } from '@tributary/contracts';
import { Health, loadConfig, Metrics, Shutdown, silentLogger, systemClock } from '@tributary/runtime';
import { eventually } from '@tributary/testing';
import { connect } from 'amqplib';
import { apiConfig } from '../src/config.ts';
import { startApi } from '../src/start-api.ts';
import { BROKER_URL, makeWorld, seed, type World } from './world/world.ts';

/** The service itself, with its own relay, beside a world that lends database, broker namespace and adapter. */
let world: World;
let base: string;
const shutdown = new Shutdown(silentLogger);
const key = `trb_${'a'.repeat(26)}_${'b'.repeat(52)}`;

beforeAll(async () => {
  world = await makeWorld();
  world.broker.assertPlatformQueues('acme');
  const config = loadConfig(apiConfig, {
    DATABASE_URL: world.databaseUrl,
    RABBITMQ_URL: BROKER_URL,
    TRIBUTARY_NAMESPACE: world.namespace,
    TRIBUTARY_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    BOOTSTRAP_API_KEY: key,
    HOST: '127.0.0.1',
    API_DRAIN: '1ms',
  });
  const health = new Health(systemClock);
  const { port } = await startApi({
    config,
    log: silentLogger,
    metrics: new Metrics('api'),
    health,
    clock: systemClock,
    shutdown,
  });
  base = `http://127.0.0.1:${port}`;
  await eventually('it can serve', () => health.readiness().ready);
});
afterAll(async () => {
  await shutdown.run('test ends');
  await world.close();
});

const call = (path: string, init: RequestInit = {}) =>
  fetch(`${base}${path}`, { ...init, headers: { authorization: `Bearer ${key}`, ...init.headers } });

describe('the service', () => {
  it('says all that is wrong with its configuration at once, and no value', () => {
    const env = {
      DATABASE_URL: 'mysql://secret@x',
      TRIBUTARY_KEYS: 'secret',
      API_RATE_LIMIT: 'many',
      BOOTSTRAP_API_KEY: 'secret',
    };
    try {
      loadConfig(apiConfig, env);
      throw new Error('it was accepted');
    } catch (error) {
      const { problems } = error as { problems: { key: string }[] };
      expect(problems.map((problem) => problem.key).sort()).toEqual([
        'API_RATE_LIMIT',
        'BOOTSTRAP_API_KEY',
        'DATABASE_URL',
        'TRIBUTARY_KEYS',
      ]);
      expect(String(error)).not.toMatch(/secret|many/);
    }
  });

  it('knows its bootstrap key, hands an order to the adapter’s queue, and tells of it in the event log', async () => {
    const ids = await seed(world, 'default');
    const answer = await call(`/v1/devices/${ids.deviceId}/commands`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'one' },
      body: JSON.stringify({ name: 'restart', params: { delaySeconds: 3 } }),
    });
    expect(answer.status).toBe(202);
    const command = (await answer.json()) as { id: string };

    const connection = await connect(BROKER_URL);
    const channel = await connection.createChannel();
    const queue = world.broker.names.adapterCommands('acme');
    const orders: string[] = [];
    await eventually('the order is in the queue', async () => {
      const message = await channel.get(queue, { noAck: true });
      if (message) orders.push(commandOrder.parse(JSON.parse(message.content.toString())).commandId);
      return orders.includes(command.id);
    });
    await connection.close();
    expect(orders).toContain(command.id);

    const events = await eventually('it is told', async () => {
      const read = await call(`/v1/events?types=command.accepted&subject=${command.id}&waitMs=5000`);
      const page = (await read.json()) as { items: { event: { data: { state: string } } }[] };
      return page.items.length > 0 && page;
    });
    expect(events.items.map((item) => item.event.data.state)).toEqual(['accepted']);
  });
});
