import { afterEach, describe, expect, it } from '@jest/globals';
import { createClient, type RetryOptions, type TributaryClient, TributaryError } from '../src/index.ts';
import { cut, cutInBody, hang, json, problem, type ScriptedServer, type Step, scripted } from './scripted-server.ts';
import { TestClock } from './test-clock.ts';

let server: ScriptedServer;
let clock: TestClock;

async function against(steps: [Step, ...Step[]], retries?: RetryOptions | false): Promise<TributaryClient> {
  server = await scripted(...steps);
  clock = new TestClock();
  const options = { url: `${server.url}/`, key: 'trb_secret', ...(retries === undefined ? {} : { retries }) };
  return createClient(options, { clock, random: () => 0.5 });
}

afterEach(() => server?.close());

const failureOf = async (work: Promise<unknown>): Promise<TributaryError> => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof TributaryError) return error;
  throw new Error(`no TributaryError but ${String(error)}`);
};

const device = { path: { deviceId: 'dev_1' } };
const read = (client: TributaryClient) => client.get('/v1/devices/{deviceId}', device);
const order = (client: TributaryClient) =>
  client.post('/v1/devices/{deviceId}/commands', { ...device, body: { name: 'restart' } });
const rename = (client: TributaryClient, ifMatch: string) =>
  client.patch('/v1/connections/{connectionId}', { path: { connectionId: 'con_1' }, ifMatch, body: { name: 'x' } });

describe('a call', () => {
  it('carries key, accepted type, path and query as the API reads them', async () => {
    const client = await against([json({ items: [], page: {} })]);
    await client.get('/v1/telemetry/latest', { query: { device: ['dev_1', 'dev_2'], limit: 5 } });
    await client.get('/v1/devices/by-native/{connectionId}/{nativeId}', {
      path: { connectionId: 'con_1', nativeId: 'a/b ö' },
    });
    expect(server.seen.map(({ url }) => url)).toEqual([
      '/v1/telemetry/latest?device=dev_1%2Cdev_2&limit=5',
      '/v1/devices/by-native/con_1/a%2Fb%20%C3%B6',
    ]);
    expect(server.seen[0]?.headers).toMatchObject({ authorization: 'Bearer trb_secret', accept: 'application/json' });
  });

  it('is answered with data, status and ETag', async () => {
    const client = await against([json({ id: 'dev_1' }, { etag: '"v1"' })]);
    const answer = await client.request('get', '/v1/devices/{deviceId}', device);
    expect(answer).toMatchObject({ data: { id: 'dev_1' }, status: 200, etag: '"v1"' });
  });

  it('that fails throws the problem with all its members, once', async () => {
    const body = {
      type: '/docs/problems/invalid-request',
      title: 'The request is not valid',
      status: 400,
      code: 'invalid-request',
      detail: 'One member is not valid.',
      retryable: false,
      traceId: 'abc',
      errors: [{ pointer: '/body/name', detail: 'too long' }],
      later: 'a member of a later version',
    };
    const client = await against([json(body, { 'content-type': 'application/problem+json' }, 400)]);
    const failure = await failureOf(order(client));
    expect(failure).toMatchObject({
      code: 'invalid-request',
      status: 400,
      retryable: false,
      traceId: 'abc',
      errors: [{ pointer: '/body/name', detail: 'too long' }],
      attempts: 1,
      mayHaveHappened: false,
      problem: body,
    });
    expect(failure.message).toBe(
      'POST /v1/devices/dev_1/commands: 400 invalid-request: One member is not valid. (/body/name: too long)',
    );
    expect(JSON.stringify(failure) + String(failure.stack)).not.toContain('trb_secret');
    expect(server.seen).toHaveLength(1);
  });

  it('that is answered by the page of a proxy says so', async () => {
    const page: Step = (response) =>
      void response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Log in</h1>');
    expect(await failureOf(read(await against([page])))).toMatchObject({ code: 'unreadable', status: 200 });
    expect(server.seen).toHaveLength(1);
  });
});

describe('what may be repeated', () => {
  it.each<[string, Step]>([
    ['a connection that breaks', cut],
    ['an answer that is cut in the middle', cutInBody('{"id":"dev')],
    ['503', problem(503, 'storage-unavailable', true)],
    ['504', problem(504, 'platform-timeout', true)],
    ['a bad gateway before the service', (response) => void response.writeHead(502).end('<h1>502</h1>')],
  ])('a read goes on after %s', async (_, bad) => {
    const client = await against([bad, bad, json({ id: 'dev_1' })]);
    expect(await read(client)).toEqual({ id: 'dev_1' });
    expect(clock.waits).toEqual([125, 250]);
  });

  it.each<[string, Step]>([
    ['404', problem(404, 'not-found', false)],
    ['an answer that the platform garbled', problem(502, 'platform-malformed-response', false)],
    ['500', problem(500, 'internal', false)],
  ])('nothing goes on after %s', async (_, bad) => {
    const client = await against([bad]);
    await failureOf(read(client));
    await failureOf(order(client));
    expect(server.seen).toHaveLength(2);
  });

  it('a POST with a key keeps its key over its attempts, and another call has another', async () => {
    const running = problem(409, 'idempotency-in-progress', true, { 'retry-after': '1' });
    const client = await against([cut, running, json({ id: 'cmd_1' }, {}, 202)]);
    expect(await order(client)).toEqual({ id: 'cmd_1' });
    await order(client);
    const keys = server.seen.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(4);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(keys.slice(0, 3)).size).toBe(1);
    expect(keys[3]).not.toBe(keys[0]);
    expect(server.seen.map(({ body }) => body)).toEqual(Array(4).fill('{"name":"restart"}'));
  });

  it('a POST takes the key of its caller', async () => {
    const client = await against([cut, json({}, {}, 202)]);
    await client.post('/v1/devices/{deviceId}/commands', { ...device, body: { name: 'x' }, idempotencyKey: 'mine' });
    expect(server.seen.map(({ headers }) => headers['idempotency-key'])).toEqual(['mine', 'mine']);
  });

  it('a POST is not repeated where the platform may have done it and the key is free again', async () => {
    for (const code of ['platform-unavailable', 'platform-timeout']) {
      const client = await against([problem(503, code, true, { 'retry-after': '1' })]);
      expect(await failureOf(order(client))).toMatchObject({ code, attempts: 1, mayHaveHappened: true });
      await server.close();
    }
  });

  it('a change under If-Match is repeated, and what came of the lost attempt is left in doubt', async () => {
    const client = await against([cut, problem(412, 'precondition-failed', false)]);
    const failure = await failureOf(rename(client, '"v1"'));
    expect(failure).toMatchObject({ code: 'precondition-failed', attempts: 2, mayHaveHappened: true });
    expect(server.seen[1]?.headers).toMatchObject({
      'if-match': '"v1"',
      'content-type': 'application/merge-patch+json',
    });
  });

  it('a change of any version is not: a second time would undo what came between', async () => {
    expect(await failureOf(rename(await against([cut]), '*'))).toMatchObject({
      code: 'network',
      mayHaveHappened: true,
    });
    expect(server.seen).toHaveLength(1);
  });

  it('an upload is repeated only where it was refused before it began', async () => {
    const upload = (client: TributaryClient) =>
      client.post('/v1/connections/{connectionId}/files', { path: { connectionId: 'con_1' }, body: new Blob(['abc']) });
    const client = await against([problem(429, 'too-many-requests', true), json({}, {}, 201)]);
    await upload(client);
    expect(server.seen.map(({ body, headers }) => [body, headers['content-type']])).toEqual(
      Array(2).fill(['abc', 'application/octet-stream']),
    );
    await server.close();
    expect(await failureOf(upload(await against([cut])))).toMatchObject({ attempts: 1, mayHaveHappened: true });
  });

  it('nothing is where the caller wants one attempt', async () => {
    await failureOf(read(await against([cut], false)));
    expect(server.seen).toHaveLength(1);
  });
});

describe('waits', () => {
  it('are not shorter than Retry-After, in seconds or as a date by the clock of the service', async () => {
    const asDate = { date: 'Tue, 03 Mar 2026 10:00:00 GMT', 'retry-after': 'Tue, 03 Mar 2026 10:00:07 GMT' };
    const client = await against([
      problem(429, 'too-many-requests', true, { 'retry-after': '3' }),
      problem(503, 'circuit-open', true, asDate),
      json({}),
    ]);
    await read(client);
    expect(clock.waits).toEqual([3_125, 7_250]);
  });

  it('end where the budget ends: what would take longer is told at once', async () => {
    const client = await against([problem(503, 'circuit-open', true, { 'retry-after': '40' })]);
    expect(await failureOf(read(client))).toMatchObject({ code: 'circuit-open', retryAfterMs: 40_000, attempts: 1 });
    expect(clock.waits).toEqual([]);
  });

  it('end with the last attempt', async () => {
    const client = await against([cut], { attempts: 3 });
    expect(await failureOf(read(client))).toMatchObject({ code: 'network', attempts: 3 });
    expect(server.seen).toHaveLength(3);
  });

  it('do not begin where the deadline is nearer', async () => {
    const client = await against([problem(503, 'circuit-open', true, { 'retry-after': '2' })]);
    const failure = await failureOf(client.get('/v1/devices/{deviceId}', { ...device, deadlineMs: 1_000 }));
    expect(failure).toMatchObject({ code: 'circuit-open', attempts: 1 });
  });
});

describe('a service that hangs', () => {
  const whenHanging = async () => {
    while (server.seen.length === 0 || clock.watches === 0) await new Promise((resolve) => setImmediate(resolve));
  };

  it('is asked again once the time of the attempt is over', async () => {
    const client = await against([hang, json({ id: 'dev_1' })]);
    const reading = read(client);
    await whenHanging();
    clock.expire();
    expect(await reading).toEqual({ id: 'dev_1' });
    expect(clock.watches).toBe(0);
  });

  it('in the middle of its answer is a timeout too', async () => {
    const half: Step = (response) => void response.writeHead(200, { 'content-length': '100' }).write('{"id"');
    const client = await against([half], false);
    const reading = failureOf(read(client));
    await whenHanging();
    clock.expire();
    expect(await reading).toMatchObject({ code: 'timeout', status: undefined, retryable: true });
  });

  it('is given up at the deadline', async () => {
    const client = await against([hang], false);
    const reading = failureOf(client.get('/v1/devices/{deviceId}', { ...device, deadlineMs: 1_000 }));
    await whenHanging();
    clock.expire();
    expect(await reading).toMatchObject({ code: 'deadline' });
  });

  it('is left when the caller aborts, with the reason of the caller', async () => {
    const client = await against([hang]);
    const controller = new AbortController();
    const reading = client.get('/v1/devices/{deviceId}', { ...device, signal: controller.signal });
    await whenHanging();
    const reason = new Error('the user went home');
    controller.abort(reason);
    await expect(reading).rejects.toBe(reason);
    expect(server.seen).toHaveLength(1);
  });
});

describe('tokens', () => {
  it('are asked for before each attempt, and once more where one was refused', async () => {
    server = await scripted(problem(401, 'unauthorized', false), json({ id: 'dev_1' }));
    const refused: (string | undefined)[] = [];
    const token = async (old?: string) => {
      refused.push(old);
      return old === undefined ? 'old' : 'new';
    };
    const client = createClient({ url: server.url, token });
    expect(await read(client)).toEqual({ id: 'dev_1' });
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer old', 'Bearer new']);
    expect(refused).toEqual([undefined, 'old']);
  });

  it('that stay refused are a failure, and so is a key', async () => {
    const client = await against([problem(401, 'unauthorized', false)]);
    expect(await failureOf(read(client))).toMatchObject({ code: 'unauthorized', status: 401 });
    expect(server.seen).toHaveLength(1);
  });
});

describe('what is no JSON', () => {
  it('comes as it is, and its body is read when it is wanted', async () => {
    const file: Step = (response) =>
      void response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(Buffer.from([0, 255, 1]));
    const client = await against([problem(503, 'storage-unavailable', true), file]);
    const answer = await client.open('get', '/v1/files/{fileId}/content', { path: { fileId: 'fil_1' } });
    expect([...new Uint8Array(await answer.arrayBuffer())]).toEqual([0, 255, 1]);
  });
});
