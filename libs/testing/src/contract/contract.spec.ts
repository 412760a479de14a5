import { describe, expect, it } from '@jest/globals';
import { Contract, type Exchange } from './contract.ts';
import type { OpenApi } from './open-api.ts';

const problemSchema = {
  type: 'object',
  properties: { code: { type: 'string' }, status: { type: 'integer' }, detail: { type: 'string' } },
  required: ['code', 'status'],
};
const problemContent = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
const thing = {
  type: 'object',
  properties: { id: { type: 'string' }, name: { type: 'string' } },
  required: ['id'],
};
const json = (schema: object) => ({ 'application/json': { schema } as { schema: Record<string, unknown> } });
const string = { schema: { type: 'string' } };
const anyProblem = { $ref: '#/components/responses/Problem' };
const things = {
  type: 'object',
  properties: {
    items: { type: 'array', items: { $ref: '#/components/schemas/Thing' } },
    page: { type: 'object', properties: { nextCursor: { type: 'string' } } },
  },
  required: ['items', 'page'],
};

const contract = new Contract({
  paths: {
    '/v1/things': {
      get: {
        operationId: 'list',
        parameters: [],
        responses: {
          '200': { description: '', content: json(things), headers: { Link: string } },
          default: anyProblem,
        },
      },
    },
    '/v1/things/{id}': {
      get: {
        operationId: 'get',
        parameters: [],
        responses: {
          '200': {
            description: '',
            content: json({ $ref: '#/components/schemas/Thing' }),
            headers: { ETag: { ...string, required: true } },
          },
          '304': { description: '' },
          '404': anyProblem,
          default: anyProblem,
        },
      },
    },
    '/v1/things/by-name/{name}': {
      get: {
        operationId: 'byName',
        parameters: [],
        responses: { '200': { description: '', content: { '*/*': {} } } },
      },
    },
  },
  components: {
    schemas: { Problem: problemSchema, Thing: thing },
    responses: { Problem: { description: '', content: problemContent } },
  },
} satisfies OpenApi);

const ask = (url: string, status: number, body: unknown, more: Partial<Exchange> = {}): string[] =>
  contract.faults({
    method: 'GET',
    url,
    status,
    body: body === '' ? '' : JSON.stringify(body),
    ...more,
    headers: { 'content-type': `application/${status < 400 ? '' : 'problem+'}json; charset=utf-8`, ...more.headers },
  });
const one = (body: unknown, more: Partial<Exchange> = {}) => ask('/v1/things/a', 200, body, more);
const etag = { headers: { etag: '"1"' } };

describe('an answer', () => {
  it('that is as the document says has no fault', () => {
    expect(one({ id: 'a', name: 'A' }, etag)).toEqual([]);
    expect(ask('/v1/things/a', 304, '')).toEqual([]);
    expect(ask('/v1/things', 200, { items: [{ id: 'a' }], page: {} })).toEqual([]);
    expect(ask('/v1/things/a', 404, { code: 'not-found', status: 404 })).toEqual([]);
    expect(ask('/v1/things/by-name/a', 200, { any: 'thing' })).toEqual([]);
    expect(one('', { ...etag, method: 'HEAD' })).toEqual([]);
  });

  it.each([
    ['a member that is not named', one({ id: 'a', secret: 1 }, etag), 'must NOT have additional properties'],
    ['a member that is missing', one({ name: 'A' }, etag), "must have required property 'id'"],
    ['another type', one({ id: 1 }, etag), '/id must be string'],
    ['a header that is missing', one({ id: 'a' }), 'the header ETag is missing'],
    ['a status that is not declared', ask('/v1/things/a', 202, {}), 'the status is not declared'],
    ['another media type', one({ id: 'a' }, { headers: { etag: '"1"', 'content-type': 'text/html' } }), 'text/html'],
    ['what only says that it is JSON', one({}, { ...etag, body: '<p>' }), 'said to be JSON'],
    ['a body at HEAD', one({ id: 'a' }, { ...etag, method: 'HEAD' }), 'though HEAD was asked'],
    ['a body where there is none', ask('/v1/things/a', 304, {}), 'none is declared'],
    ['no Link', ask('/v1/things', 200, { items: [], page: { nextCursor: 'x' } }), 'no Link'],
    ['a failure of our own', ask('/v1/things/a', 500, { code: 'internal', status: 500 }), 'of our own'],
    ['two statuses', ask('/v1/things/a', 404, { code: 'not-found', status: 400 }), 'says 400'],
    ['a code of another status', ask('/v1/things/a', 404, { code: 'conflict', status: 404 }), 'does not stand for'],
    [
      'a refusal nobody knows of',
      ask('/v1/things/a', 409, { code: 'conflict', status: 409 }),
      '(conflict) is not declared',
    ],
    ['no time to wait for', ask('/v1/things/a', 503, { code: 'circuit-open', status: 503 }), 'without Retry-After'],
    ['a stack', ask('/v1/things/a', 404, { code: 'not-found', status: 404, detail: 'at f (x.ts:1)' }), 'inside'],
    ['an answer where nothing is', ask('/v1/nothing', 200, {}), 'no such operation'],
    [
      '405 without what is allowed',
      ask('/v1/nothing', 405, { code: 'method-not-allowed', status: 405 }),
      'without Allow',
    ],
  ])('with %s is found', (_, faults, expected) => {
    expect(faults.join('; ')).toContain(expected);
  });

  it('to a caller who has chosen members may lack the others, and may still have no strange ones', () => {
    expect(ask('/v1/things?fields=name', 200, { items: [{ name: 'A' }], page: {} })).toEqual([]);
    expect(ask('/v1/things?fields=x', 200, { items: [{ x: 1 }], page: {} })).toHaveLength(1);
    expect(ask('/v1/things?x=fields', 200, { items: [{ name: 'A' }], page: {} })).toHaveLength(1);
  });

  it('may come unannounced where a platform has failed', () => {
    expect(ask('/v1/things/a', 502, { code: 'platform-malformed-response', status: 502 })).toEqual([]);
    expect(ask('/v1/things/a', 409, { code: 'connection-unauthorized', status: 409 })).toEqual([]);
  });
});
