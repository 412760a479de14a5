import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { failurePolicies, PlatformError, platformErrorCodes } from '@tributary/contracts';
import type { LightMyRequestResponse } from 'fastify';
import type { EndpointSpec } from '../src/http/endpoint-spec.ts';
import { mountedEndpoints } from '../src/openapi/mounted-endpoints.ts';
import { type Deviation, GoodRequests } from './world/good-requests.ts';

/** Each convention of the API, at each route that it is for. Which these are, the route table says. */
const { specs } = mountedEndpoints();
let requests: GoodRequests;

beforeAll(async () => {
  requests = await GoodRequests.make();
});
afterAll(async () => {
  await requests.world.close();
});

const all = (which: (spec: EndpointSpec) => unknown) =>
  specs.filter(which).map((spec) => [`${spec.method} ${spec.path}`, spec] as const);
const takes = (name: string) => (spec: EndpointSpec) => spec.query && name in spec.query.shape;
const isEndless = ({ path }: EndpointSpec) => path === '/v1/stream';
/** Platforms that send a browser here add parameters of their own. */
const isStrict = ({ query }: EndpointSpec) => query?.def.catchall?._zod.def.type === 'never' || query === undefined;

async function refusal(spec: EndpointSpec, how: Deviation): Promise<{ status: number; code: string; at: string[] }> {
  const answer = await requests.ask(spec, how);
  const { status, code, errors } = answer.json() as { status: number; code: string; errors?: { pointer: string }[] };
  return { status, code, at: (errors ?? []).map(({ pointer }) => pointer) };
}
const invalid = (at: string) => ({ status: 400, code: 'invalid-request', at: [at] });

describe('errors', () => {
  it.each(all((spec) => isStrict(spec) && spec.scope !== 'public'))(
    'name a parameter that the route does not take: %s',
    async (_, spec) => {
      expect(await refusal(spec, { query: { nonsense: '1' } })).toEqual(invalid('/query/nonsense'));
    },
  );

  it.each(all(({ method }) => method !== 'GET'))(
    'name a media type that the route does not take: %s',
    async (_, spec) => {
      if (spec.bodyStream) return;
      const how = { headers: { 'content-type': 'text/plain' }, payload: 'text' };
      expect(await refusal(spec, how)).toMatchObject({ status: 415, code: 'unsupported-media-type' });
    },
  );

  it.each(all(({ body }) => body))('name a member that the body may not have: %s', async (_, spec) => {
    const { at, ...rest } = await refusal(spec, { payload: '[]' });
    expect(rest).toEqual({ status: 400, code: 'invalid-request' });
    expect(new Set(at)).toEqual(new Set(['/body']));
  });

  it.each(all(({ answers }) => Object.values(answers).some(({ schema, mediaTypes }) => schema && mediaTypes)))(
    'say that no acceptable media type can be given: %s',
    async (_, spec) => {
      const how = { headers: { accept: 'image/png' } };
      expect(await refusal(spec, how)).toMatchObject({ status: 406, code: 'not-acceptable' });
    },
  );

  it('say which methods there are, at every path and for every other method', async () => {
    for (const path of new Set(specs.map((spec) => spec.path))) {
      const there = specs.filter((spec) => spec.path === path);
      const [spec] = there;
      if (!spec) continue;
      // Only a POST has verbs: for any other method it is part of an id. And an id may be any word.
      const bare = specs.filter((one) => one.path === path.replace(/:[a-z-]+$/, '')).map((one) => one.method as string);
      const methods = [...bare, ...requests.world.routes.methodsAt(requests.url(spec))];
      for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'POST'].filter((other) => !methods.includes(other))) {
        const answer = await requests.ask(
          { ...spec, body: undefined, bodyExample: undefined, bodyStream: false } as never,
          { method },
        );
        expect({ path, method, status: answer.statusCode }).toEqual({ path, method, status: 405 });
        for (const { method: allowed } of there) expect(String(answer.headers.allow).split(', ')).toContain(allowed);
      }
    }
  });

  it.each(all((spec) => spec.method === 'GET' && !isEndless(spec) && !spec.pages))(
    'and answers have the same head for HEAD: %s',
    async (_, spec) => {
      const [head, get] = [await requests.ask(spec, { method: 'HEAD' }), await requests.ask(spec)];
      expect(head.statusCode).toBe(get.statusCode);
      expect(head.body).toBe('');
      expect(head.headers['content-type']).toBe(get.headers['content-type']);
    },
  );
});

/** All items, by the links from page to page. */
async function walked(spec: EndpointSpec, limit: number): Promise<unknown[]> {
  const items: unknown[] = [];
  let answer: LightMyRequestResponse = await requests.ask(spec, { query: { limit: String(limit) } });
  for (let pages = 0; pages < 500; pages += 1) {
    const page = answer.json() as { items: unknown[]; page: { nextCursor?: string } };
    expect(page.items.length).toBeLessThanOrEqual(limit);
    items.push(...page.items);
    const next = /^<(.*)>; rel="next"$/.exec(String(answer.headers.link ?? ''))?.[1];
    expect(next === undefined).toBe(page.page.nextCursor === undefined);
    // A log has no end: its cursor is where the next event will be.
    if (next === undefined || (page.items.length === 0 && spec.name === 'listEvents')) return items;
    answer = await requests.world.fastify.inject({ url: next, headers: requests.authorization });
  }
  throw new Error('there is no end');
}

describe('lists', () => {
  const lists = all((spec) => takes('cursor')(spec) && takes('limit')(spec) && spec.method === 'GET');

  it.each(lists)('take a limit from 1 to 1000, 50 where none is named: %s', async (_, spec) => {
    for (const limit of ['0', '1001', '-1', '1.5', 'x', '']) {
      expect(await refusal(spec, { query: { limit } })).toEqual(invalid('/query/limit'));
    }
    // Points of a series are plotted, not read: a page holds more of them.
    expect(spec.query?.shape.limit?.parse(undefined)).toBe(spec.name === 'getPoints' ? undefined : 50);
  });

  it.each(lists)('give each item once, page by page: %s', async (_, spec) => {
    const timeless = (items: unknown[]) =>
      items.map((item) =>
        JSON.stringify(item, (name, value) => (/^(?:ageMs|cursor|oldestHole)$/.test(name) ? undefined : value)),
      );
    expect(timeless(await walked(spec, 1))).toEqual(timeless(await walked(spec, 1000)));
  });

  it.each(lists)('refuse a cursor that they did not give: %s', async (_, spec) => {
    for (const cursor of ['garbage', 'WzEsIngiLFtudWxsXV0', '%']) {
      expect(await refusal(spec, { query: { cursor } })).toEqual(invalid('/query/cursor'));
    }
  });
});

describe('filter, sort and fields', () => {
  it.each(all((spec) => takes('filter')(spec) && spec.method === 'GET'))(
    'of a filter every field is known, or it is refused: %s',
    async (_, spec) => {
      for (const filter of ['no_such_field eq 1', '((', 'id', 'id eq', '']) {
        expect(await refusal(spec, { query: { filter } })).toEqual(invalid('/query/filter'));
      }
    },
  );

  it.each(all((spec) => takes('sort')(spec) && spec.method === 'GET'))(
    'an order by an unknown field is refused: %s',
    async (_, spec) => {
      for (const sort of ['no_such_field', '-', ',', '-no_such_field,id']) {
        expect(await refusal(spec, { query: { sort } })).toEqual(invalid('/query/sort'));
      }
    },
  );

  it.each(all(takes('fields')))('items have the members that were asked for: %s', async (_, spec) => {
    expect(await refusal(spec, { query: { fields: 'no_such_field' } })).toEqual(invalid('/query/fields'));
    const { items } = (await requests.ask(spec, { query: { fields: 'id' } })).json() as { items: object[] };
    for (const item of items) expect(Object.keys(item)).toEqual(['id']);
  });

  it.each(all((spec) => takes('from')(spec) && takes('to')(spec)))(
    'a range ends after it begins: %s',
    async (_, spec) => {
      const at = '2026-03-29T01:00:00Z';
      const range = { from: at, to: at, ...(takes('live')(spec) ? { live: 'true' } : {}) };
      expect(await refusal(spec, { query: range })).toEqual(invalid('/query/from'));
    },
  );
});

describe('concurrency', () => {
  it.each(all(({ conditional }) => conditional))(
    'a version that the caller has is not sent again: %s',
    async (_, spec) => {
      const { etag } = (await requests.ask(spec)).headers;
      expect(etag).toMatch(/^"[\x21\x23-\x7e]+"$/);
      for (const tags of [etag, `"other", ${etag}`, `W/${etag}`, '*']) {
        const answer = await requests.ask(spec, { headers: { 'if-none-match': String(tags) } });
        expect([answer.statusCode, answer.body, answer.headers.etag]).toEqual([304, '', etag]);
      }
      expect((await requests.ask(spec, { headers: { 'if-none-match': '"other"' } })).statusCode).toBe(200);
    },
  );

  it.each(all(({ ifMatch }) => ifMatch))('a change names the version that it changes: %s', async (_, spec) => {
    const without = await refusal(spec, { headers: { 'if-match': undefined } });
    expect(without).toMatchObject({ status: 428, code: 'precondition-required' });
    const other = await refusal(spec, { headers: { 'if-match': '"other"' } });
    expect(other).toMatchObject({ status: 412, code: 'precondition-failed' });
    expect(await refusal(spec, { headers: { 'if-match': 'garbage' } })).toEqual(invalid('/header/if-match'));
  });

  it('every PUT, PATCH and DELETE demands it, where there is something to read it from', () => {
    const readable = (spec: EndpointSpec) =>
      specs.some((other) => other.method === 'GET' && other.path === spec.path && other.conditional);
    const free = specs.filter((s) => ['PUT', 'PATCH', 'DELETE'].includes(s.method) && !s.ifMatch && readable(s));
    expect(free.map(({ name }) => name)).toEqual([]);
  });

  it.each(all(({ method }) => method === 'PATCH'))('a patch is a merge patch: %s', async (_, spec) => {
    expect(spec.bodyTypes).toEqual(['application/merge-patch+json']);
    const answer = await requests.ask(spec, { headers: { 'content-type': 'application/json' } });
    expect([answer.statusCode, answer.headers['accept-patch']]).toEqual([415, 'application/merge-patch+json']);
  });
});

const jsonOf = ({ body }: LightMyRequestResponse) => (body === '' ? {} : JSON.parse(body)) as Record<string, unknown>;

describe('idempotency', () => {
  const keyed = specs.filter(({ idempotency }) => idempotency);

  it.each(all(({ idempotency }) => idempotency))('the same key gives the same answer, once: %s', async (_, spec) => {
    await requests.renew();
    const headers = { 'idempotency-key': requests.key() };
    const first = await requests.ask(spec, { headers });
    const again = await requests.ask(spec, { headers });
    if (first.statusCode < 300) {
      expect([again.statusCode, again.headers['idempotency-replayed']]).toEqual([first.statusCode, 'true']);
      expect(again.headers.location).toBe(first.headers.location);
      // A secret is shown once.
      const { key: _key, signingSecret: _secret, ...shown } = jsonOf(first);
      expect(jsonOf(again)).toEqual(shown);
      const other = keyed.find((one) => one !== spec) ?? spec;
      expect(await refusal(other, { headers })).toMatchObject({ status: 422, code: 'idempotency-key-reused' });
    } else {
      // Nothing has happened: the key is free.
      expect(again.headers['idempotency-replayed']).toBeUndefined();
    }
    expect(await refusal(spec, { headers: { 'idempotency-key': 'a b' } })).toEqual(invalid('/header/idempotency-key'));
  });

  it.each(all(({ idempotency }) => idempotency === 'required'))(
    'there is no order without a key: %s',
    async (_, spec) => {
      const without = await refusal(spec, { headers: { 'idempotency-key': undefined } });
      expect(without).toMatchObject({ status: 400, code: 'idempotency-key-required' });
    },
  );

  it('every command demands a key', () => {
    const orders = specs.filter(
      ({ method, scope, path }) => method === 'POST' && scope === 'command' && !path.includes(':'),
    );
    expect(orders.length).toBeGreaterThan(0);
    for (const spec of orders) expect([spec.name, spec.idempotency]).toEqual([spec.name, 'required']);
  });
});

describe('mapping of platform failures', () => {
  /** Tell of failures in their answers: a platform that is away is what they are asked about, or one of many. */
  const toldInside = ['getConnectionHealth', 'queryEntities'];
  const reached = new Set<string>();
  const asking = all(({ params, body, scope }) => scope !== 'public' && (params || body));

  it.each(asking)('each failure is one status and one code: %s', async (_, spec) => {
    await requests.renew();
    for (const code of platformErrorCodes) {
      const { answer, asked } = await requests.whileFailing(new PlatformError(code, 'as the test wants it'), () =>
        requests.ask(spec),
      );
      if (asked) reached.add(spec.name);
      if (!asked || (answer.statusCode < 300 && (spec.stale || toldInside.includes(spec.name)))) continue;
      const { status, problem } = failurePolicies[code];
      const told = answer.json() as { status: number; code: string; platform?: { platform: string } };
      const { platform } = told.platform ?? {};
      expect([code, told.status, told.code, platform]).toEqual([code, status, problem, 'acme']);
    }
  });

  it('was seen at every route that asks a platform', () => {
    expect(reached.size).toBeGreaterThan(25);
  });
});
