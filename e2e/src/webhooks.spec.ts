import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startOpticloud } from '@tributary/simulators';
import { eventually } from '@tributary/testing';
import { Stage } from './stage.ts';

/** A subscriber's address: what came to it, first arrivals in order. */
async function startReceiver() {
  const ids = new Set<string>();
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      for (const { id } of [JSON.parse(body)].flat() as { id: string }[]) ids.add(id);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url, ids, close };
}

describe('webhooks of a house that runs', () => {
  let stage: Stage;
  let receiver: Awaited<ReturnType<typeof startReceiver>>;

  beforeAll(async () => {
    const simulator = await startOpticloud({ port: 0, mqttPort: 0, controlPort: 0, devices: 5, otherDevices: 0 });
    receiver = await startReceiver();
    const apps = { api: 'api', adapter: 'adapter-opticloud', webhooks: 'webhooks' };
    const envOf = { webhooks: { WEBHOOKS_LEASE_TTL: '2s', WEBHOOKS_TIMEOUT: '2s' } };
    stage = await Stage.start({ simulator, apps, envOf, settings: { schedules: { telemetry: '1s' } } });
  }, 120_000);

  afterAll(async () => {
    await stage?.stop();
    receiver?.close();
  }, 60_000);

  it('bring every event of the log in its order, though the service is killed; a test call says what happened', async () => {
    const body = { url: receiver.url, since: new Date(0).toISOString(), batch: { maxEvents: 20, maxWaitMs: 200 } };
    const { id } = await stage.api.post('/v1/subscriptions', { body });
    const tested = await stage.api.post('/v1/subscriptions/{subscriptionId}:test', { path: { subscriptionId: id } });
    expect(tested).toMatchObject({ outcome: 'delivered', status: 204 });
    const [testId] = receiver.ids;
    await stage.connect();
    await eventually('events arrive', () => receiver.ids.size > 20);
    await stage.house.get('webhooks').kill();
    await stage.house.spawnApp('webhooks').ready();
    stage.simulator.production.pause();

    const logged = async () => (await stage.api.get('/v1/events', { query: { limit: 1_000 } })).items;
    const arrived = () => [...receiver.ids].filter((one) => one !== testId);
    await eventually(
      'everything arrived',
      async () => {
        const ids = (await logged()).map(({ event }) => (event as { id: string }).id);
        return ids.length > 20 && JSON.stringify(arrived()) === JSON.stringify(ids);
      },
      { timeoutMs: 60_000, everyMs: 500 },
    );
    const { state } = await stage.api.get('/v1/subscriptions/{subscriptionId}', { path: { subscriptionId: id } });
    expect(state).toBe('active');
  }, 180_000);
});
