import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  AuthenticationError,
  PermissionDeniedError,
  RateLimitedError,
  TimeoutError,
  UnsupportedError,
} from '@tributary/contracts';
import { openDatabase } from '@tributary/database';
import { silentLogger } from '@tributary/runtime';
import { eventually } from '@tributary/testing';
import { createApplication } from '../src/http/server.ts';
import { makeWorld, type Seeded, seed, type World } from './world/world.ts';

let world: World;
let token: string;
let ids: Seeded;

beforeAll(async () => {
  world = await makeWorld({ rateLimit: 400, failures: 5 });
  token = await world.key('default');
  ids = await seed(world, 'default');
});
afterAll(async () => {
  await world.close();
});

const ask = (url: string, headers: Record<string, string> = {}) =>
  world.fastify.inject({ url, headers: { authorization: `Bearer ${token}`, ...headers } });

describe('failures of a platform', () => {
  const live = () => `/v1/devices/${ids.deviceId}/attributes?live=true`;
  it.each([
    [new RateLimitedError('spent', { retryAfterMs: 7_200 }), 503, 'platform-rate-limited', '8'],
    [new AuthenticationError('refused', { platformStatus: 401 }), 409, 'connection-unauthorized', undefined],
    [new PermissionDeniedError('no right'), 403, 'platform-permission-denied', undefined],
    [new TimeoutError('silence'), 504, 'platform-timeout', undefined],
    [new UnsupportedError('none'), 422, 'capability-unsupported', undefined],
  ])('%s', async (failure, status, code, retryAfter) => {
    const usual = world.platform.handlers['attributes.read'];
    world.platform.handlers['attributes.read'] = async () => {
      throw failure;
    };
    const answer = await ask(live());
    if (usual) world.platform.handlers['attributes.read'] = usual;
    expect(answer.json()).toMatchObject({
      status,
      code,
      platform: { platform: 'acme', connectionId: ids.connectionId },
    });
    expect(answer.headers['retry-after']).toBe(retryAfter);
  });

  it('leave the stored answers as they are, and health answers the last known state, marked stale', async () => {
    const usual = world.platform.handlers['connection.health'];
    world.platform.handlers['connection.health'] = async () => {
      throw new TimeoutError('silence');
    };
    await world.db.pool.query(
      `insert into connection_status (connection_id, status, rev, since, updated_at) values ($1, 'degraded', 1, now() - interval '1 hour', now() - interval '1 hour')`,
      [ids.connectionId],
    );
    const health = (await ask(`/v1/connections/${ids.connectionId}/health`)).json();
    if (usual) world.platform.handlers['connection.health'] = usual;
    expect(health).toMatchObject({ status: 'degraded', stale: true });
    expect(health.ageMs).toBeGreaterThan(3_500_000);
    expect((await ask(`/v1/devices/${ids.deviceId}/attributes`)).json().items).toHaveLength(1);
  });

  it('when there is no adapter: 503 or 504, and the command is accepted once it was ever described', async () => {
    expect((await ask(`/v1/devices/${ids.deviceId}/command-descriptions`)).statusCode).toBe(200);
    const usual = world.platform.handlers['commands.describe'];
    world.platform.handlers['commands.describe'] = async () => {
      throw new TimeoutError('silence');
    };
    const order = await world.fastify.inject({
      method: 'POST',
      url: `/v1/devices/${ids.deviceId}/commands`,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': 'away' },
      payload: { name: 'restart' },
    });
    if (usual) world.platform.handlers['commands.describe'] = usual;
    expect(order.statusCode).toBe(202);
  });
});

describe('files', () => {
  it('come at the pace of the caller, and are cut at the adapter when it goes away', async () => {
    await world.fastify.listen({ port: 0, host: '127.0.0.1' });
    const { port } = world.fastify.server.address() as AddressInfo;
    const { fileServer, handlers } = world.platform;
    fileServer.bytes = new Uint8Array(65_536);
    handlers['files.open'] = async () => ({ url: fileServer.url.replace('/file', '/endless') });
    const controller = new AbortController();
    const answer = await fetch(`http://127.0.0.1:${port}/v1/files/${ids.fileId}/content`, {
      headers: { authorization: `Bearer ${token}` },
      signal: controller.signal,
    });
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    const halt = async () => {
      let last = -1;
      await eventually('the vendor is not asked for more', () => {
        const halted = fileServer.given === last;
        last = fileServer.given;
        return halted;
      });
      return last;
    };
    // What nobody has read yet lies in the buffers between, and those are bounded.
    const waiting = await halt();
    expect(waiting).toBeLessThan(64_000_000);
    for (let received = 0; received < 2 * waiting; ) received += (await reader.read()).value?.length ?? 0;
    expect((await halt()) - 2 * waiting).toBeLessThan(64_000_000);
    controller.abort();
    await eventually('the adapter sees it', () => fileServer.aborted > 0);
    expect(fileServer.aborted).toBe(1);
  });
});

describe('limits', () => {
  it('of a caller are told, and end in 429 with Retry-After', async () => {
    const other = await world.key('default', ['read']);
    const headers = { authorization: `Bearer ${other}` };
    const first = await world.fastify.inject({ url: '/v1/spaces', headers });
    expect(first.headers['ratelimit-policy']).toBe('"caller";q=400;w=60');
    expect(first.headers.ratelimit).toMatch(/^"caller";r=\d+;t=\d+$/);
    let last = first;
    for (let i = 0; i < 400 && last.statusCode === 200; i += 1)
      last = await world.fastify.inject({ url: '/v1/spaces', headers });
    expect(last.json()).toMatchObject({ status: 429, code: 'too-many-requests', retryable: true });
    expect(Number(last.headers['retry-after'])).toBeGreaterThan(0);
    expect((await ask('/v1/spaces')).statusCode).toBe(200);
  });

  it('of refused log-ins end in 429', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 8; i += 1)
      statuses.push((await ask('/v1/spaces', { authorization: `Bearer wrong-${i}` })).statusCode);
    expect(statuses.slice(0, 5)).toEqual([401, 401, 401, 401, 401]);
    expect(statuses.at(-1)).toBe(429);
  });
});

describe('the database', () => {
  it('away gives storage-unavailable with Retry-After, and back everything goes on', async () => {
    const cut = await cuttableProxy(world.databaseUrl);
    const db = openDatabase({ url: cut.url, log: silentLogger, applicationName: 'api-cut', poolSize: 4 });
    const { fastify, close } = await createApplication({ ...world.house, db });
    const get = () => fastify.inject({ url: '/v1/devices', headers: { authorization: `Bearer ${token}` } });
    expect((await get()).statusCode).toBe(200);
    cut.off();
    const away = await get();
    expect(away.json()).toMatchObject({ status: 503, code: 'storage-unavailable', retryable: true });
    expect(away.headers['retry-after']).toBeDefined();
    cut.on();
    await eventually('everything goes on', async () => (await get()).statusCode === 200);
    await close();
    await db.close();
    await cut.close();
  });
});

/** A TCP proxy that can be switched off: connections are reset and new ones refused at once. */
async function cuttableProxy(databaseUrl: string) {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let up = true;
  const server: Server = createServer((client) => {
    if (!up) return void client.destroy();
    const upstream = connect(Number(target.port || 5432), target.hostname);
    for (const [a, b] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(a);
      a.on('error', () => b.destroy());
      a.on('close', () => {
        sockets.delete(a);
        b.destroy();
      });
      a.pipe(b);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.toString(),
    off: () => {
      up = false;
      for (const socket of sockets) socket.destroy();
    },
    on: () => {
      up = true;
    },
    close: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}
