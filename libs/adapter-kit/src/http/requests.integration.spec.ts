import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { ConflictError } from '@tributary/contracts';
import { z } from 'zod';
import { type HttpOptions } from '../connection-kit.ts';
import { failureOf, get, reply, vendorRig } from './testing/vendor-rig.ts';

const rig = vendorRig();

describe('what is sent', () => {
  it('sends method, path, query, headers and JSON below the base URL', async () => {
    rig.handler = (_request, response) => reply(response, 200, '{"ok":true}');
    const made = rig.access().kit.http({ baseUrl: `${rig.baseUrl}/base/`, headers: { 'X-Every': 'yes' } });
    const answer = await made.json(
      get('/a/b', { method: 'POST', json: { n: 1 }, query: { q: 'ü &', none: undefined }, headers: { 'x-one': '1' } }),
      z.object({ ok: z.boolean() }),
    );
    expect(answer).toEqual({ ok: true });
    expect(rig.seen[0]).toMatchObject({ method: 'POST', url: '/base/a/b?q=%C3%BC+%26', body: '{"n":1}' });
    expect(rig.seen[0]?.headers).toMatchObject({
      'x-every': 'yes',
      'x-one': '1',
      accept: 'application/json',
      'content-type': 'application/json',
      'accept-encoding': 'gzip, br',
    });
  });
});

describe('a body that is no JSON', () => {
  it('a form goes urlencoded', async () => {
    rig.handler = (_request, response) => reply(response, 200, '');
    await rig.http().send(get('/token', { method: 'POST', form: { grant_type: 'password', password: 'a&b=ü' } }));
    expect(rig.seen[0]).toMatchObject({
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=password&password=a%26b%3D%C3%BC',
    });
  });

  it('bytes are passed on as they come, with their length where it is known', async () => {
    rig.handler = (_request, response) => reply(response, 200, '');
    const bytes = chunks('one', 'two');
    const body = { bytes, mediaType: 'text/csv', sizeBytes: 6 };
    await rig.http().send(get('/files', { method: 'PUT', body, idempotent: false }));
    expect(rig.seen[0]).toMatchObject({
      headers: { 'content-type': 'text/csv', 'content-length': '6' },
      body: 'onetwo',
    });
  });

  it('bytes that break off end the request with their own failure, and nothing is sent again', async () => {
    rig.handler = (_request, response) => reply(response, 200, '');
    async function* broken() {
      yield Buffer.from('half');
      throw new ConflictError('the sender went away');
    }
    const body = { bytes: broken(), mediaType: 'text/csv' };
    const sending = rig.http().send(get('/files', { method: 'PUT', body }));
    expect(await failureOf(sending)).toMatchObject({ code: 'conflict' });
    expect(rig.seen.filter(({ body: text }) => !text.includes('broken off'))).toEqual([]);
  });

  it('bytes are not sent again, neither after 503 nor after a refused token, whose successor is ready for the next', async () => {
    const statuses = [503, 401, 200];
    rig.handler = (_request, response) => reply(response, statuses[rig.seen.length - 1] ?? 200, '');
    let logIns = 0;
    const token = {
      acquire: async () => ({ value: `t${++logIns}` }),
      attach: (text: string, headers: Record<string, string>) => {
        headers.authorization = text;
      },
    };
    const http = rig.http({ token });
    const send = () => http.send(get('/files', { method: 'PUT', body: { bytes: chunks('x'), mediaType: 'a/b' } }));
    expect(await failureOf(send())).toMatchObject({ code: 'unavailable', platformStatus: 503 });
    expect(await failureOf(send())).toMatchObject({ code: 'unavailable' });
    expect((await send()).status).toBe(200);
    expect(rig.seen.map(({ headers }) => headers.authorization)).toEqual(['t1', 't1', 't2']);
  });

  it('two bodies of one request are refused', async () => {
    const failing = rig.http().send(get('/', { method: 'POST', json: {}, form: {} }));
    expect(await failureOf(failing)).toMatchObject({ code: 'invalid-request' });
  });
});

async function* chunks(...texts: string[]) {
  for (const text of texts) yield Buffer.from(text);
}

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
    rig.handler = (_request, response) => reply(response, status, 'secret-of-the-vendor', { location: '/elsewhere' });
    const error = await rig
      .http()
      .send(get('/secret-path'))
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ code, platformStatus: status });
    expect(String(error)).toContain('ACME-01');
    expect(String(error)).not.toContain('secret');
    expect(rig.seen).toHaveLength(1);
  });

  it('tries 5xx again, and gives the answer that comes then', async () => {
    let calls = 0;
    rig.handler = (_request, response) => reply(response, ++calls < 3 ? 500 : 200, 'fine');
    expect((await rig.http().send(get('/'))).text).toBe('fine');
    expect(calls).toBe(3);
  });

  it('does not send an order twice that may not be sent twice', async () => {
    rig.handler = (_request, response) => reply(response, 503, '');
    const order = get('/', { method: 'POST', lane: 'command', idempotent: false });
    await expect(rig.http().send(order)).rejects.toMatchObject({ code: 'unavailable' });
    expect(rig.seen).toHaveLength(1);
  });

  it('leaves a failure hidden in a 200 to the adapter', async () => {
    rig.handler = (_request, response) => reply(response, 200, '{"errors":[{"message":"no"}]}');
    const classify: HttpOptions['classify'] = ({ text }) => JSON.parse(text).errors && new TypeError('no');
    await expect(rig.http({ classify }).send(get('/'))).rejects.toMatchObject({ code: 'malformed-response' });
  });

  it('reads gzip, and gives bytes of a stream one by one', async () => {
    const big = 'x'.repeat(300_000);
    rig.handler = (_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(big, { level: 1 }));
    expect((await rig.http().send(get('/'))).text).toBe(big);
    const { bytes } = await rig.http().stream(get('/'));
    let length = 0;
    for await (const chunk of bytes) length += chunk.length;
    expect(length).toBe(300_000);
  });
});

describe('ends', () => {
  it('an abort of the caller rejects with its reason, at once', async () => {
    const stop = new AbortController();
    rig.handler = () => stop.abort(new Error('enough'));
    await expect(rig.http().send(get('/', { signal: stop.signal }))).rejects.toThrow('enough');
  });

  it('closing ends what is under way', async () => {
    const made = rig.access();
    const arrived = new Promise<void>((resolve) => {
      rig.handler = () => resolve();
    });
    const failing = failureOf(rig.http({}, made).send(get('/', { idempotent: false, lane: 'command' })));
    await arrived;
    await made.close();
    expect(await failing).toMatchObject({ code: 'timeout' });
    expect(await failureOf(rig.http({}, made).send(get('/')))).toMatchObject({ code: 'unavailable' });
  });
});
