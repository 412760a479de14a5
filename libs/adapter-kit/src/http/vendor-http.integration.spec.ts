import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { breakerState } from '@tributary/contracts';
import { ManualClock, Metrics, silentLogger, systemClock } from '@tributary/runtime';
import { z } from 'zod';
import type { HttpOptions, VendorRequest } from '../connection-kit.ts';
import { type ConnectionAccess, type ConnectionAccessOptions, makeConnectionKit } from '../make-connection-kit.ts';
import { assertSafePath, path } from './path.ts';

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

let server: Server;
let handler: Handler;
let seen: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[];
const open: ConnectionAccess[] = [];

beforeEach(async () => {
  seen = [];
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
    handler(request, response, body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  for (const access of open.splice(0)) await access.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const baseUrl = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

function access(options: Partial<ConnectionAccessOptions> = {}): ConnectionAccess {
  const made = makeConnectionKit({
    connectionId: 'con_test',
    manifest: { platform: 'acme', budgets: {} },
    log: silentLogger,
    metrics: new Metrics('test'),
    clock: systemClock,
    allowPrivateAddresses: true,
    random: () => 0.01,
    ...options,
  });
  open.push(made);
  return made;
}

const http = (options: Partial<HttpOptions> = {}, made = access()) => made.kit.http({ baseUrl: baseUrl(), ...options });

const get = (path: string, more: Partial<VendorRequest> = {}): VendorRequest => ({
  method: 'GET',
  path,
  operation: 'ACME-01',
  lane: 'live',
  idempotent: true,
  ...more,
});

const reply = (response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}) => {
  response.writeHead(status, headers);
  response.end(body);
};

describe('what is sent', () => {
  it('sends method, path, query, headers and JSON below the base URL', async () => {
    handler = (_request, response) => reply(response, 200, '{"ok":true}');
    const made = access().kit.http({ baseUrl: `${baseUrl()}/base/`, headers: { 'X-Every': 'yes' } });
    const answer = await made.json(
      get('/a/b', { method: 'POST', json: { n: 1 }, query: { q: 'ü &', none: undefined }, headers: { 'x-one': '1' } }),
      z.object({ ok: z.boolean() }),
    );
    expect(answer).toEqual({ ok: true });
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/base/a/b?q=%C3%BC+%26', body: '{"n":1}' });
    expect(seen[0]?.headers).toMatchObject({
      'x-every': 'yes',
      'x-one': '1',
      accept: 'application/json',
      'content-type': 'application/json',
      'accept-encoding': 'gzip, br',
    });
  });
});

describe('what an answer means', () => {
  it.each([
    [400, 'invalid-request'],
    [401, 'authentication'],
    [403, 'permission-denied'],
    [404, 'not-found'],
    [406, 'invalid-request'],
    [409, 'conflict'],
    [412, 'conflict'],
    [422, 'invalid-request'],
    [429, 'rate-limited'],
    [302, 'malformed-response'],
  ])('%d is %s, and is not tried again', async (status, code) => {
    handler = (_request, response) => reply(response, status, 'secret-of-the-vendor', { location: '/elsewhere' });
    const error = await http()
      .send(get('/secret-path'))
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ code, platformStatus: status });
    expect(String(error)).toContain('ACME-01');
    expect(String(error)).not.toContain('secret');
    expect(seen).toHaveLength(1);
  });

  it('tries 5xx again, and gives the answer that comes then', async () => {
    let calls = 0;
    handler = (_request, response) => reply(response, ++calls < 3 ? 500 : 200, 'fine');
    expect((await http().send(get('/'))).text).toBe('fine');
    expect(calls).toBe(3);
  });

  it('does not send an order twice that may not be sent twice', async () => {
    handler = (_request, response) => reply(response, 503, '');
    const order = get('/', { method: 'POST', lane: 'command', idempotent: false });
    await expect(http().send(order)).rejects.toMatchObject({ code: 'unavailable' });
    expect(seen).toHaveLength(1);
  });

  it('leaves a failure hidden in a 200 to the adapter', async () => {
    handler = (_request, response) => reply(response, 200, '{"errors":[{"message":"no"}]}');
    const classify: HttpOptions['classify'] = ({ text }) => JSON.parse(text).errors && new TypeError('no');
    await expect(http({ classify }).send(get('/'))).rejects.toMatchObject({ code: 'malformed-response' });
  });

  it('reads gzip, and gives bytes of a stream one by one', async () => {
    const big = 'x'.repeat(300_000);
    handler = (_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(big, { level: 1 }));
    expect((await http().send(get('/'))).text).toBe(big);
    const { bytes } = await http().stream(get('/'));
    let length = 0;
    for await (const chunk of bytes) length += chunk.length;
    expect(length).toBe(300_000);
  });
});

const failureOf = (work: Promise<unknown>): Promise<Error & { code?: string }> =>
  work.then(
    () => Promise.reject(new Error('expected a failure')),
    (error: Error) => error,
  );

describe('hostile and broken answers', () => {
  const once = { lane: 'interactive', idempotent: false } as const;

  it('gives up on headers that do not come', async () => {
    const clock = new ManualClock();
    const arrived = new Promise<void>((resolve) => {
      handler = () => resolve();
    });
    const failing = failureOf(http({}, access({ clock })).send(get('/', once)));
    await arrived;
    await clock.advance(12_000);
    expect(await failing).toMatchObject({ code: 'timeout', platformCode: 'answer-lost' });
  });

  it('gives up on a body that trickles past the deadline', async () => {
    const clock = new ManualClock();
    const arrived = new Promise<void>((resolve) => {
      handler = (_request, response) => {
        response.writeHead(200).write('{"a":');
        resolve();
      };
    });
    const failing = failureOf(http({}, access({ clock })).json(get('/', once), z.unknown()));
    await arrived;
    await clock.advance(12_000);
    expect(await failing).toMatchObject({ code: 'timeout' });
  });

  it('gives up on a download that falls silent', async () => {
    handler = (_request, response) => response.writeHead(200).write('some');
    const made = http({}, access({ operationPolicy: { bulk: { idleMs: 300 } } }));
    const { bytes } = await made.stream(get('/', once));
    const reading = (async () => {
      for await (const chunk of bytes) expect(Buffer.from(chunk).toString()).toBe('some');
    })();
    expect(await failureOf(reading)).toMatchObject({ code: 'timeout' });
  });

  it.each([true, false])('a truncated body of an idempotent (%p) call', async (idempotent) => {
    handler = (_request, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('{"a":1');
      setImmediate(() => response.destroy());
    };
    const failing = http().send(get('/', { lane: 'interactive', idempotent }));
    const code = idempotent ? 'unavailable' : 'timeout';
    expect(await failureOf(failing)).toMatchObject({ code, platformCode: 'answer-lost' });
    expect(seen).toHaveLength(idempotent ? 2 : 1);
  });

  it('a gzip body that is cut is malformed, not data', async () => {
    const packed = gzipSync('{"a":1}'.repeat(1_000));
    handler = (_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed.subarray(0, packed.length - 12));
    expect(await failureOf(http().send(get('/')))).toMatchObject({ code: 'malformed-response' });
  });

  it.each([
    ['gzip', () => gzipSync(Buffer.alloc(200 * 1024 * 1024))],
    [
      'br',
      () => brotliCompressSync(Buffer.alloc(64 * 1024 * 1024), { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
    ],
  ])('a bomb of %s is refused early and cheaply', async (encoding, make) => {
    const bomb = make();
    handler = (_request, response) => response.writeHead(200, { 'content-encoding': encoding }).end(bomb);
    const before = process.memoryUsage().rss;
    const startedMs = performance.now();
    expect(await failureOf(http().send(get('/')))).toMatchObject({ code: 'malformed-response' });
    expect(performance.now() - startedMs).toBeLessThan(1_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  });

  it('a bomb is refused by its proportion, however large the cap; what unpacks beyond the cap by its size', async () => {
    const [bomb, modest] = [gzipSync(Buffer.alloc(20 * 1024 * 1024)), gzipSync('0123456789'.repeat(30_000))];
    handler = (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    const error = await failureOf(http().send(get('/', { maxBytes: 512 * 1024 * 1024 })));
    expect(error.message).toContain('proportion');
    handler = (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(modest);
    const large = await failureOf(http().send(get('/', { maxBytes: 100_000 })));
    expect(large.message).toContain('larger than 100000 bytes');
  });

  it('more than one encoding, or one not asked for, is refused', async () => {
    for (const encoding of ['gzip, gzip', 'deflate', 'zstd']) {
      handler = (_request, response) => response.writeHead(200, { 'content-encoding': encoding }).end('x');
      expect(await failureOf(http().send(get('/')))).toMatchObject({ code: 'malformed-response' });
    }
  });

  it('an answer above its cap is refused, whether announced or not', async () => {
    handler = (_request, response) => reply(response, 200, 'x'.repeat(2_000));
    expect(await failureOf(http().send(get('/', { maxBytes: 1_000 })))).toMatchObject({ code: 'malformed-response' });
  });

  it('HTML in a 200, an empty body and a wrong shape name no value', async () => {
    const schema = z.object({ data: z.array(z.object({ id: z.string() })) });
    const texts = [
      '<html>secret</html>',
      '',
      '{"data":[{"id":"a"},{"id":{"secret":1}}]}',
      'secret',
      '['.repeat(200_000),
    ];
    const errors = [];
    for (const text of texts) {
      handler = (_request, response) => reply(response, 200, text);
      errors.push(await failureOf(http().json(get('/'), schema)));
    }
    for (const error of errors) {
      expect(error).toMatchObject({ code: 'malformed-response' });
      expect(error.message).not.toContain('secret');
    }
    expect(errors[0]?.message).toContain('HTML');
    expect(errors[2]?.message).toContain('data.1.id (invalid_type)');
  });

  it('keys that poison prototypes do not arrive', async () => {
    handler = (_request, response) =>
      reply(
        response,
        200,
        '{"__proto__":{"admin":true},"\\u005f_proto__":1,"a":{"constructor":{"prototype":{"x":1}},"b":1}}',
      );
    const answer = await http().json(get('/'), z.looseObject({}));
    expect(Object.keys(answer)).toEqual(['a']);
    expect(answer.a).toEqual({ b: 1 });
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });
});

describe('limits of the platform', () => {
  it('hands on Retry-After given as a date, relative to the clock of the platform', async () => {
    handler = (_request, response) =>
      reply(response, 429, '', {
        date: 'Fri, 02 Jan 2026 10:00:00 GMT',
        'retry-after': 'Fri, 02 Jan 2026 10:01:30 GMT',
      });
    expect(await failureOf(http().send(get('/')))).toMatchObject({ code: 'rate-limited', retryAfterMs: 90_000 });
  });

  it('waits as told, then goes on', async () => {
    const clock = new ManualClock();
    handler = (_request, response) =>
      seen.length === 1 ? reply(response, 429, '', { 'retry-after': '7' }) : reply(response, 200, 'fine');
    const made = access({
      clock,
      manifest: { platform: 'acme', budgets: { requests: { limit: 10, per: '10s', documented: true } } },
    });
    const answer = http({}, made).send(get('/'));
    while (!(await made.budget()).budgets[0]?.heldUntil) await new Promise(setImmediate);
    expect((await made.budget()).budgets[0]).toMatchObject({ spent: 1, left: 4 });
    await clock.advance(6_990);
    expect(seen).toHaveLength(1);
    await clock.advance(100);
    expect((await answer).text).toBe('fine');
  });
});

describe('the breaker', () => {
  it('opens after failures in a row, answers at once without asking, and closes by a probe', async () => {
    let down = true;
    handler = (_request, response) => reply(response, down ? 503 : 200, '');
    const made = access({ operationPolicy: { read: { consecutive: 3, resetMs: 60, maxResetMs: 60 } } });
    const read = () => http({}, made).send(get('/', { idempotent: false }));
    for (let n = 0; n < 3; n++) await failureOf(read());
    const startedMs = performance.now();
    const refusals = await Promise.all(Array.from({ length: 100 }, () => failureOf(read())));
    expect(performance.now() - startedMs).toBeLessThan(100);
    for (const error of refusals) expect(error).toMatchObject({ code: 'unavailable', platformCode: 'circuit-open' });
    expect(refusals[0]).toHaveProperty('retryAfterMs');
    expect(seen).toHaveLength(3);
    expect(made.breakers()).toEqual([expect.objectContaining({ class: 'read', state: 'open', failures: 3 })]);
    expect(z.array(breakerState).safeParse(made.breakers()).success).toBe(true);
    // Other classes go on.
    expect(await failureOf(http({}, made).send(get('/', { lane: 'command' })))).not.toMatchObject({
      platformCode: 'circuit-open',
    });
    down = false;
    while (made.breakers()[0]?.state !== 'half-open') await new Promise(setImmediate);
    await read();
    expect(made.breakers()[0]).toMatchObject({ state: 'closed', failures: 0 });
  });
});

describe('who may be asked', () => {
  it.each([
    'http://127.0.0.1/',
    'https://127.0.0.1/',
    'https://[::ffff:10.0.0.1]/',
    'https://0x7f.1/',
    'https://a@b.example/',
    'ftp://x/',
  ])('%s is refused at once outside development', (url) => {
    const guarded = access({ allowPrivateAddresses: false });
    expect(() => guarded.kit.http({ baseUrl: url })).toThrow('URL');
  });

  it('a name that resolves to a private address is refused before a byte is sent', async () => {
    const { port } = server.address() as AddressInfo;
    let connections = 0;
    server.on('connection', () => {
      connections += 1;
    });
    const guarded = access({ allowPrivateAddresses: false });
    const failing = guarded.kit.http({ baseUrl: `https://localhost:${port}` }).send(get('/'));
    expect(await failureOf(failing)).toMatchObject({ code: 'invalid-request' });
    expect(connections).toBe(0);
  });

  it('a platform that is not there is unavailable, and certainly was not asked', async () => {
    const made = access().kit.http({ baseUrl: 'http://127.0.0.1:1' });
    const failing = made.send(get('/', { lane: 'command', method: 'POST', idempotent: false }));
    expect(await failureOf(failing)).toMatchObject({ code: 'unavailable', platformCode: 'not-sent' });
  });

  it('paths that leave the base are refused', () => {
    for (const bad of ['a', '/a/../b', '/a/%2e%2E/b', '/a//b', '/a b', '/a#b', '/a\\b', '/.']) {
      expect(() => assertSafePath(bad)).toThrow('path');
    }
    for (const bad of ['', '.', '..', '\ud800']) expect(() => path`/a/${bad}/b`).toThrow('path parameter');
    expect(path`/a/${'x/../y?z#%'}/b`).toBe('/a/x%2F..%2Fy%3Fz%23%25/b');
  });
});

describe('ends', () => {
  it('an abort of the caller rejects with its reason, at once', async () => {
    const stop = new AbortController();
    handler = () => stop.abort(new Error('enough'));
    await expect(http().send(get('/', { signal: stop.signal }))).rejects.toThrow('enough');
  });

  it('closing ends what is under way', async () => {
    const made = access();
    const arrived = new Promise<void>((resolve) => {
      handler = () => resolve();
    });
    const failing = failureOf(http({}, made).send(get('/', { idempotent: false, lane: 'command' })));
    await arrived;
    await made.close();
    expect(await failing).toMatchObject({ code: 'timeout' });
    expect(await failureOf(http({}, made).send(get('/')))).toMatchObject({ code: 'unavailable' });
  });
});

describe('tokens', () => {
  it('logs in once for fifty callers whose token is refused', async () => {
    let valid = 'token-1';
    let logIns = 0;
    handler = (request, response) => reply(response, request.headers.authorization === valid ? 200 : 401, '{}');
    const made = http({
      token: {
        acquire: async () => {
          logIns += 1;
          return { value: `token-${logIns}` };
        },
        attach: (token, headers) => {
          headers.authorization = token;
        },
      },
    });
    await made.send(get('/'));
    valid = 'token-2';
    await Promise.all(Array.from({ length: 50 }, () => made.send(get('/'))));
    expect(logIns).toBe(2);
  });

  it('tries a refused log-in once, whoever asks', async () => {
    let logIns = 0;
    handler = (_request, response) => reply(response, 401, '');
    const made = access();
    const vendor = made.kit.http({
      baseUrl: baseUrl(),
      token: {
        acquire: async (_previous, signal) => {
          logIns += 1;
          const request = get('/login', { method: 'POST', anonymous: true, operation: 'LOGIN', signal });
          return { value: (await vendor.send(request)).text };
        },
        attach: () => undefined,
      },
    });
    const failures = await Promise.all(Array.from({ length: 50 }, () => failureOf(vendor.send(get('/')))));
    failures.push(await failureOf(vendor.send(get('/'))));
    for (const error of failures) expect(error).toMatchObject({ code: 'authentication' });
    expect(logIns).toBe(1);
    expect(seen).toHaveLength(1);
    made.resetTokens();
    await failureOf(vendor.send(get('/')));
    expect(logIns).toBe(2);
  });

  it('does not log in again and again for one call that is always refused', async () => {
    let logIns = 0;
    handler = (request, response) => reply(response, request.url === '/never' ? 401 : 200, '');
    const vendor = http({
      token: { acquire: async () => ({ value: `t${++logIns}` }), attach: () => undefined },
    });
    for (let n = 0; n < 5; n++) {
      expect(await failureOf(vendor.send(get('/never')))).toMatchObject({ code: 'authentication' });
      await vendor.send(get('/fine'));
    }
    expect(logIns).toBe(2);
  });
});
