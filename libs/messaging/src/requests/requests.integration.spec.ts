import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ClientRMQ } from '@nestjs/microservices';
import { ConflictError, deviceId, RateLimitedError } from '@tributary/contracts';
import { newId } from '@tributary/runtime';
import { firstValueFrom, timeout } from 'rxjs';
import { Rig, until } from '../spec-support/rig.spec-support.ts';
import { RequestClient } from './request-client.ts';
import { type RequestHandlers, type RequestServer, serveRequests } from './serve-requests.ts';

const TIMEOUT_MS = 30_000;
const PLATFORM = 'testplatform';
const connectionId = newId('con');
const onDevice = { connectionId, nativeId: deviceId(connectionId, 'x') };

describe('questions to adapters over a real broker', () => {
  let rig: Rig;
  let client: RequestClient;
  const servers: RequestServer[] = [];

  beforeEach(async () => {
    rig = await Rig.start();
    client = new RequestClient(rig.base);
  });

  afterEach(async () => {
    await client.close();
    await Promise.all(servers.splice(0).map((server) => server.close()));
    await rig.stop([PLATFORM]);
  });

  async function serve(handlers: RequestHandlers): Promise<void> {
    servers.push(await serveRequests({ ...rig.base, platform: PLATFORM, handlers, drainMs: 100 }));
    await until(async () => (await consumers()) >= servers.length);
  }

  /** Looks with a channel of its own, because looking at a missing queue closes the channel. */
  async function consumers(): Promise<number> {
    const channel = await rig.direct.createChannel();
    channel.on('error', () => {});
    try {
      return (await channel.checkQueue(rig.names.adapterRequests(PLATFORM))).consumerCount;
    } catch {
      return 0;
    }
  }

  const waiting = async () => (await rig.channel.checkQueue(rig.names.adapterRequests(PLATFORM))).messageCount;
  const soon = (ms = 5_000) => ({ deadlineMs: Date.now() + ms });

  it(
    'brings the answer of a handler, with the deadline carried',
    async () => {
      let deadline = 0;
      await serve({
        'connection.discover': async (_payload, context) => {
          deadline = context.deadlineMs;
          return { started: true };
        },
      });
      const options = soon();
      expect(await client.request(PLATFORM, 'connection.discover', { connectionId }, options)).toEqual({
        started: true,
      });
      expect(Math.abs(deadline - options.deadlineMs)).toBeLessThan(1_000);
    },
    TIMEOUT_MS,
  );

  it(
    'brings failures with their code and details, and hides the text of unexpected ones',
    async () => {
      const failures: Error[] = [
        new RateLimitedError('budget spent', { retryAfterMs: 1_500, platformStatus: 429 }),
        new ConflictError('changed'),
        new Error('secret detail'),
      ];
      await serve({
        'connection.discover': async () => {
          throw failures.shift();
        },
      });
      const ask = () => client.request(PLATFORM, 'connection.discover', { connectionId }, soon());
      await expect(ask()).rejects.toMatchObject({
        code: 'rate-limited',
        message: 'budget spent',
        retryAfterMs: 1_500,
        platformStatus: 429,
      });
      await expect(ask()).rejects.toMatchObject({ code: 'conflict' });
      await expect(ask()).rejects.toMatchObject({
        code: 'malformed-response',
        message: 'the adapter failed on this request',
      });
    },
    TIMEOUT_MS,
  );

  it(
    'tells what an answer, and what a failure, has cost the platform',
    async () => {
      await serve({
        'connection.discover': async (_payload, { spent }) => {
          spent.vendorCalls = 3;
          return { started: true };
        },
        'connection.budget': async (_payload, { spent }) => {
          spent.vendorCalls = 1;
          throw new ConflictError('changed');
        },
      });
      const told: number[] = [];
      const options = { ...soon(), onVendorCalls: (calls: number) => told.push(calls) };
      await client.request(PLATFORM, 'connection.discover', { connectionId }, options);
      await expect(client.request(PLATFORM, 'connection.budget', { connectionId }, options)).rejects.toThrow();
      expect(told).toEqual([3, 1]);
    },
    TIMEOUT_MS,
  );

  it(
    'answers what it has no handler for with unsupported, and leaves nothing unacknowledged',
    async () => {
      await serve({});
      const ask = client.request(PLATFORM, 'attributes.read', onDevice, soon());
      await expect(ask).rejects.toMatchObject({ code: 'unsupported' });
      // A stock client with a pattern that no contract knows, and messages that are no requests at all.
      const stock = new ClientRMQ({ urls: [rig.url], queue: rig.names.adapterRequests(PLATFORM), noAssert: true });
      const answer = firstValueFrom(stock.send('no.such.thing', {}).pipe(timeout(5_000)));
      await expect(answer).rejects.toMatchObject({ code: 'unsupported' });
      await stock.close();
      for (const body of ['no json', 'null', '{"pattern":"attributes.read","id":"1"}']) {
        rig.channel.sendToQueue(rig.names.adapterRequests(PLATFORM), Buffer.from(body));
      }
      await until(async () => (await rig.metric('requests_served_total', { outcome: 'malformed' })) === 3);
      await servers.pop()?.close();
      expect(await waiting()).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    'refuses a payload and an answer that do not fit the contract',
    async () => {
      await serve({ 'connection.discover': async () => ({ started: 'yes' }) as unknown as { started: boolean } });
      const wrong = client.request(PLATFORM, 'connection.discover', { connectionId: 'nonsense' }, soon());
      await expect(wrong).rejects.toMatchObject({ code: 'invalid-request' });
      const ask = client.request(PLATFORM, 'connection.discover', { connectionId }, soon());
      await expect(ask).rejects.toMatchObject({ code: 'malformed-response' });
    },
    TIMEOUT_MS,
  );

  it(
    'ends at the deadline with timeout, aborts the handler, and gives the late answer to nobody',
    async () => {
      let aborted = false;
      await serve({
        'connection.discover': (_payload, { signal }) =>
          new Promise((resolve) => {
            signal.addEventListener('abort', () => {
              aborted = true;
              resolve({ started: true });
            });
          }),
      });
      const ask = client.request(PLATFORM, 'connection.discover', { connectionId }, soon(300));
      await expect(ask).rejects.toMatchObject({ code: 'timeout' });
      await until(() => aborted);
      await until(async () => (await rig.metric('requests_served_total', { outcome: 'expired' })) === 1);
    },
    TIMEOUT_MS,
  );

  it(
    'drops a question that is late on arrival without calling the handler',
    async () => {
      let calls = 0;
      await serve({
        'connection.discover': async () => {
          calls += 1;
          return { started: true };
        },
      });
      const { queue } = await rig.channel.assertQueue('', { exclusive: true });
      const answers: unknown[] = [];
      await rig.channel.consume(queue, (message) => answers.push(message), { noAck: true });
      const content = Buffer.from(JSON.stringify({ pattern: 'connection.discover', data: { connectionId }, id: 'a' }));
      const send = (id: string, deadlineMs: number) =>
        rig.channel.sendToQueue(rig.names.adapterRequests(PLATFORM), content, {
          correlationId: id,
          replyTo: queue,
          headers: { 'x-deadline-ms': String(deadlineMs), 'x-budget-ms': '5000' },
        });
      send('late', Date.now() - 1);
      send('in-time', Date.now() + 5_000);
      await until(() => answers.length > 0);
      expect(answers).toHaveLength(1);
      expect(answers[0]).toMatchObject({ properties: { correlationId: 'in-time' } });
      expect(calls).toBe(1);
    },
    TIMEOUT_MS,
  );

  it(
    'says at once that nobody serves a platform without a queue',
    async () => {
      const startedMs = performance.now();
      const ask = client.request('nobody', 'connection.discover', { connectionId }, soon(10_000));
      await expect(ask).rejects.toMatchObject({ code: 'unavailable' });
      expect(performance.now() - startedMs).toBeLessThan(5_000);
    },
    TIMEOUT_MS,
  );

  it(
    'shares questions among replicas',
    async () => {
      const served = [0, 0];
      for (const index of [0, 1]) {
        await serve({
          'connection.discover': async () => {
            served[index] = (served[index] ?? 0) + 1;
            return { started: true };
          },
        });
      }
      const asked = Array.from({ length: 40 }, () =>
        client.request(PLATFORM, 'connection.discover', { connectionId }, soon()),
      );
      await Promise.all(asked);
      expect(served[0]).toBeGreaterThan(0);
      expect(served[1]).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );

  it(
    'comes back after lost connections: open questions end, later ones are answered',
    async () => {
      let hold = true;
      await serve({
        'connection.discover': async (_payload, { signal }) => {
          if (!hold) return { started: true };
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          return { started: false };
        },
      });
      const open = client.request(PLATFORM, 'connection.discover', { connectionId }, soon(20_000));
      const ended = expect(open).rejects.toMatchObject({ code: 'timeout' });
      await until(async () => (await rig.metric('requests_running')) === 1);
      const cutMs = performance.now();
      rig.proxy.cut();
      await ended;
      // Told by the loss, long before the deadline.
      expect(performance.now() - cutMs).toBeLessThan(5_000);
      hold = false;
      expect(await client.request(PLATFORM, 'connection.discover', { connectionId }, soon(20_000))).toEqual({
        started: true,
      });
    },
    TIMEOUT_MS,
  );

  it(
    'starts while the broker is away, fails by the deadline, and serves when it is back',
    async () => {
      rig.proxy.refuse(true);
      rig.proxy.cut();
      servers.push(
        await serveRequests({
          ...rig.base,
          platform: PLATFORM,
          handlers: { 'connection.discover': async () => ({ started: true }) },
        }),
      );
      const early = client.request(PLATFORM, 'connection.discover', { connectionId }, soon(300));
      await expect(early).rejects.toMatchObject({ code: 'unavailable' });
      rig.proxy.refuse(false);
      await until(async () => (await consumers()) === 1);
      expect(await client.request(PLATFORM, 'connection.discover', { connectionId }, soon(20_000))).toEqual({
        started: true,
      });
    },
    TIMEOUT_MS,
  );

  it(
    'serves on after its queue was deleted',
    async () => {
      await serve({ 'connection.discover': async () => ({ started: true }) });
      await rig.channel.deleteQueue(rig.names.adapterRequests(PLATFORM));
      await until(async () => (await consumers()) === 1);
      expect(await client.request(PLATFORM, 'connection.discover', { connectionId }, soon())).toEqual({
        started: true,
      });
    },
    TIMEOUT_MS,
  );

  it(
    'does not carry out a command again when the first replica was lost with it',
    async () => {
      let calls = 0;
      const never = async (): Promise<never> => {
        calls += 1;
        return new Promise(() => {});
      };
      await serve({ 'telemetry.write': never });
      const points = [{ signal: 'power', value: 1 }];
      const { queue } = await rig.channel.assertQueue('', { exclusive: true });
      const answers: string[] = [];
      await rig.channel.consume(queue, (message) => answers.push(String(message?.content)), { noAck: true });
      const content = Buffer.from(
        JSON.stringify({ pattern: 'telemetry.write', data: { ...onDevice, points }, id: 'c' }),
      );
      rig.channel.sendToQueue(rig.names.adapterRequests(PLATFORM), content, { correlationId: 'c', replyTo: queue });
      await until(() => calls === 1);
      // A second replica, reached past the proxy, while the first one is cut off.
      servers.push(
        await serveRequests({
          ...rig.base,
          url: 'amqp://guest:guest@127.0.0.1:5672',
          platform: PLATFORM,
          handlers: { 'telemetry.write': never },
          drainMs: 100,
        }),
      );
      await until(async () => (await consumers()) === 2);
      rig.proxy.refuse(true);
      rig.proxy.cut();
      await until(() => answers.length === 1);
      expect(JSON.parse(answers[0] ?? '')).toMatchObject({ err: { code: 'timeout' } });
      expect(calls).toBe(1);
    },
    TIMEOUT_MS,
  );
});
