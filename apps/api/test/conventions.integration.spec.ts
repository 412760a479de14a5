import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectProblem } from './world/expect-problem.ts';
import { makeWorld, type Seeded, seed, type World } from './world/world.ts';

let world: World;
let token: string;
let ids: Seeded;

beforeAll(async () => {
  world = await makeWorld();
  token = await world.key('default');
  ids = await seed(world, 'default');
});
afterAll(async () => {
  await world.close();
});

const auth = () => ({ authorization: `Bearer ${token}` });

describe('failures before a handler runs', () => {
  it.each([
    ['a route that does not exist', { url: '/v1/nothing' }, 404, 'not-found'],
    ['a path outside', { url: '/../../etc/passwd' }, 404, 'not-found'],
    ['a path with bad percent-encoding', { url: '/v1/devices/%zz' }, 400, 'invalid-request'],
    ['another method', { method: 'PUT' as const, url: '/v1/connections' }, 405, 'method-not-allowed'],
    ['a verb by GET', { url: '/v1/connections:test' }, 405, 'method-not-allowed'],
    ['the inner form of a verb', { method: 'POST' as const, url: '/v1/connections/~test' }, 405, 'method-not-allowed'],
    ['no key', { url: '/v1/devices', headers: { authorization: '' } }, 401, 'unauthorized'],
    [
      'a wrong key',
      { url: '/v1/devices', headers: { authorization: `Bearer trb_${'a'.repeat(26)}_${'b'.repeat(52)}` } },
      401,
      'unauthorized',
    ],
    ['basic authentication', { url: '/v1/devices', headers: { authorization: 'Basic eDp5' } }, 401, 'unauthorized'],
    ['no JSON', post('{"a":'), 400, 'invalid-request'],
    ['an empty body', post(''), 400, 'invalid-request'],
    ['too deep a body', post('['.repeat(100_000)), 400, 'invalid-request'],
    ['a prototype', post('{"__proto__":{"a":1}}'), 400, 'invalid-request'],
    ['a text no column can hold', post('{"platform":"acme","name":"a\\u0000b"}'), 400, 'invalid-request'],
    ['half a surrogate pair', post('{"platform":"acme","name":"\\ud800"}'), 400, 'invalid-request'],
    ['too large a body', post(JSON.stringify({ name: 'x'.repeat(1_100_000) })), 413, 'payload-too-large'],
    ['another media type', post('<a/>', 'application/xml'), 415, 'unsupported-media-type'],
    ['a form', post('a=b', 'application/x-www-form-urlencoded'), 415, 'unsupported-media-type'],
    ['merge patch where JSON is meant', post('{}', 'application/merge-patch+json'), 415, 'unsupported-media-type'],
  ])('%s', async (what, request, status, code) => {
    const answer = await world.fastify.inject({
      method: 'GET',
      ...request,
      headers: { ...auth(), ...('headers' in request ? request.headers : {}) },
    });
    expectProblem(answer, what);
    expect(answer.json()).toMatchObject({ status, code });
    if (status === 405) expect(answer.headers.allow).toMatch(/POST|GET/);
    if (status === 401) expect(answer.headers['www-authenticate']).toBe('Bearer');
  });

  it('keeps the trace id of the caller', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const answer = await world.fastify.inject({
      url: '/v1/nothing',
      headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` },
    });
    expect(answer.json().traceId).toBe(traceId);
  });
});

function post(payload: string, type = 'application/json') {
  return { method: 'POST' as const, url: '/v1/connections', payload, headers: { 'content-type': type } };
}

describe('garbage', () => {
  it('in headers gets a problem document', async () => {
    for (const headers of [
      { 'idempotency-key': 'a b' },
      { 'idempotency-key': '' },
      { 'idempotency-key': 'x'.repeat(300) },
    ]) {
      const answer = await world.fastify.inject({
        method: 'POST',
        url: `/v1/devices/${ids.deviceId}/commands`,
        headers: { ...auth(), ...headers, 'content-type': 'application/json' },
        payload: '{"name":"restart"}',
      });
      expectProblem(answer, JSON.stringify(headers));
    }
    const stream = await world.fastify.inject({
      url: '/v1/stream',
      headers: { ...auth(), 'last-event-id': 'garbage!' },
    });
    expectProblem(stream, 'Last-Event-ID');
    const csv = await world.fastify.inject({
      url: `/v1/series/${ids.seriesId}/points`,
      headers: { ...auth(), accept: 'image/png' },
    });
    expect(csv.json()).toMatchObject({ status: 406 });
  });
});
