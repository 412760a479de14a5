import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@tributary/testing';
import { makeWorld, type World } from './world/world.ts';

let world: World;
let token: string;
let port: number;

beforeAll(async () => {
  world = await makeWorld({ rateLimit: 400, atOnce: 3 });
  token = await world.key('default');
  await world.fastify.listen({ port: 0, host: '127.0.0.1' });
  ({ port } = world.fastify.server.address() as AddressInfo);
});
afterAll(async () => {
  await world.close();
});

/** Sends text as it is, and gives all that comes back until the connection is closed. */
async function raw(...parts: string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  // The other side closes while this one still sends.
  socket.on('error', () => undefined);
  for (const part of parts) socket.write(part);
  await once(socket, 'close');
  return answer;
}

function parsed(answer: string): { status: number; problem: { status: number; code: string; traceId: string } } {
  const [head = '', body = ''] = answer.split('\r\n\r\n', 2);
  expect(head.toLowerCase()).toContain('content-type: application/problem+json');
  return { status: Number(head.split(' ')[1]), problem: JSON.parse(body) };
}

const post = (headers: string) =>
  `POST /v1/api-keys HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\n${headers}\r\n\r\n`;
const inject = (url: string, of = token) => world.fastify.inject({ url, headers: { authorization: `Bearer ${of}` } });

describe('the size of a request', () => {
  it.each([
    [
      'headers',
      `GET /v1/devices HTTP/1.1\r\nhost: x\r\nx-long: ${'a'.repeat(40_000)}\r\n\r\n`,
      431,
      'headers-too-large',
    ],
    [
      'an address',
      `GET /v1/devices?filter=${'a'.repeat(40_000)} HTTP/1.1\r\nhost: x\r\n\r\n`,
      431,
      'headers-too-large',
    ],
    ['many headers', `GET / HTTP/1.1\r\n${'x: y\r\n'.repeat(20_000)}\r\n`, 431, 'headers-too-large'],
    ['no HTTP', 'hello\r\n\r\n', 400, 'invalid-request'],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
      400,
      'invalid-request',
    ],
  ])('is bounded: %s', async (_, text, status, code) => {
    const answer = parsed(await raw(text));
    expect(answer).toMatchObject({
      status,
      problem: { status, code, traceId: expect.stringMatching(/^[0-9a-f]{32}$/) },
    });
  });

  it('is bounded: a body that says its length is refused before it is sent, one that does not when it is too long', async () => {
    expect(parsed(await raw(post('content-length: 2000000')))).toMatchObject({ status: 413 });
    const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`;
    const chunked = await raw(post('transfer-encoding: chunked'), ...Array.from({ length: 40 }, () => chunk));
    expect(parsed(chunked)).toMatchObject({ status: 413, problem: { code: 'payload-too-large' } });
  });

  it('bounds that of the answer: of many faults a hundred are named', async () => {
    const members = Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`member-${n}`, n]));
    const many = await world.fastify.inject({
      method: 'POST',
      url: '/v1/api-keys',
      headers: { authorization: `Bearer ${token}` },
      payload: members,
    });
    expect(many.json()).toMatchObject({
      status: 400,
      detail: '50002 members of the request are not valid, 100 are named.',
    });
    expect(many.json().errors).toHaveLength(100);
    const parameters = await inject(`/v1/devices?${Array.from({ length: 2_000 }, (_, n) => `p${n}=1`).join('&')}`);
    expect(parameters.json()).toMatchObject({ status: 400 });
    expect(parameters.body.length).toBeLessThan(20_000);
  });

  it('and its time are bounded by the server too', () => {
    const { headersTimeout, keepAliveTimeout } = world.fastify.server;
    expect({ headersTimeout, keepAliveTimeout }).toEqual({ headersTimeout: 30_000, keepAliveTimeout: 72_000 });
  });
});

describe('the requests of a caller', () => {
  it('are told with each answer, and count more where they ask much', async () => {
    const of = await world.key('default', ['read']);
    const left = async (url: string) => {
      const answer = await inject(url, of);
      const [, rest, seconds] = /^"caller";r=(\d+);t=(\d+)$/.exec(String(answer.headers.ratelimit)) ?? [];
      expect(answer.headers['ratelimit-policy']).toBe('"caller";q=400;w=60');
      expect(Number(seconds)).toBeLessThanOrEqual(60);
      return Number(rest);
    };
    const first = await left('/v1/devices');
    expect(await left('/v1/devices')).toBe(first - 1);
    expect(await left('/v1/series/ser_1/points')).toBe(first - 3);
  });

  it('are so many at once and no more, streams among them; others have their own', async () => {
    const of = await world.key('default', ['read']);
    const controller = new AbortController();
    const stream = () =>
      fetch(`http://127.0.0.1:${port}/v1/stream`, {
        headers: { authorization: `Bearer ${of}` },
        signal: controller.signal,
      });
    const open = await Promise.all([stream(), stream(), stream()]);
    expect(open.map(({ status }) => status)).toEqual([200, 200, 200]);
    const refused = await inject('/v1/devices', of);
    expect(refused.json()).toMatchObject({ status: 429, code: 'too-many-requests', retryable: true });
    expect(refused.headers['retry-after']).toBe('1');
    expect((await inject('/v1/devices')).statusCode).toBe(200);
    controller.abort();
    await eventually('the streams are gone', async () => (await inject('/v1/devices', of)).statusCode === 200);
  });
});
