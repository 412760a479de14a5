import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery } from 'graphql';
import { ask, startStill } from '../../test/exosense-caller.ts';
import { call, dig, list } from '../../test/opticloud-caller.ts';
import { TOKENS } from './accounts.ts';
import type { ExosenseSimulator } from './server.ts';

let sim: ExosenseSimulator;
beforeEach(async () => {
  sim = await startStill({ limits: { requests: 1_000 } });
});
afterEach(() => sim.stop());

const send = (body: string | undefined, headers: Record<string, string> = {}, method = 'POST', path = '/api/graphql') =>
  call(`${sim.url}${path}`, {
    method,
    headers: { authorization: `Automation ${TOKENS.admin}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body }),
  });

const firstMessage = (json: unknown) => dig(json, 'errors', 0, 'message');

describe('ExoSense endpoint', () => {
  it('EXO-05 EXO-13 EXO-16 answers a plain list of assets with the whole cost, and no errors', async () => {
    const answer = await ask(sim, '{ assets { id name } }');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    expect(list(answer.json, 'data', 'assets')).toHaveLength(12);
    expect(dig(answer.json, 'data', 'assets', 0)).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: 'Customer A Child 1 Asset 1',
    });
    expect(Object.keys(answer.json as object)).toEqual(['data', 'extensions']);
    expect(dig(answer.json, 'extensions')).toEqual({
      cost: {
        overRateLimit: false,
        rateUsage: { query: 0, time: 0, requests: 1, cost: 0 },
        rateLimits: { query: 1_000_000, time: 100_000, requests: 1_000, cost: 1_000_000 },
        limits: { query: 1_000_000, time: 10_000, cost: 1_000_000 },
        time: 44,
        overUsageLimit: false,
        usage: { query: 0, time: 44, cost: 0 },
      },
    });
  });

  it('EXO-01 takes POST alone, at one path, with JSON', async () => {
    for (const method of ['GET', 'PUT', 'DELETE']) expect((await send(undefined, {}, method)).status).toBe(405);
    expect((await send('{"query":"{ assets { id } }"}', {}, 'POST', '/graphql')).status).toBe(404);
    for (const [body, headers] of [
      ['{ assets { id } }', {}],
      ['', {}],
      ['{ assets { id } }', { 'content-type': 'application/graphql' }],
      ['{"query":"{ assets { id } }"}', { 'content-type': 'text/plain' }],
    ] as const) {
      const answer = await send(body, headers);
      expect([answer.status, Array.isArray(dig(answer.json, 'errors'))]).toEqual([400, true]);
    }
  });

  it('EXO-02 needs a query; variables must be an object', async () => {
    for (const body of ['{}', '[]', '{"query":5}', '{"query":"{ assets { id } }","variables":"{}"}', '{"query":""}']) {
      const answer = await send(body);
      expect([body, answer.status, dig(answer.json, 'data')]).toEqual([body, 400, undefined]);
      expect(list(answer.json, 'errors').length).toBeGreaterThan(0);
    }
    expect((await send('{"query":"{ assets { id } }","operationName":null,"variables":null}')).status).toBe(200);
  });

  it('EXO-09 needs the name of the operation where a document holds several', async () => {
    const query = 'query One { assets(pagination: {limit: 1}) { id } } query Two { groups { id } }';
    expect(Object.keys(dig((await ask(sim, { query, operationName: 'Two' })).json, 'data') as object)).toEqual([
      'groups',
    ]);
    expect((await ask(sim, { query })).status).toBe(400);
    const unknown = await ask(sim, { query, operationName: 'Three' });
    expect([unknown.status, firstMessage(unknown.json)]).toEqual([400, 'Unknown operation named "Three".']);
  });

  it('EXO-07 EXO-08 EXO-11 EXO-12 reads aliases, fragments, variables, comments and any layout', async () => {
    const [first, second] = sim.state.assets();
    const query = `# two assets
      query Two($a: ID!, $b: ID!, $page: Pagination, $named: Boolean = true) {
        asset1: asset(id: $a) { ...Named }
        asset2: asset(id: $b) { ...Named }
        assets(pagination: $page) { id name @include(if: $named) }
      }
      fragment Named on Asset { name }`;
    const variables = { a: first?.id, b: second?.id, page: { limit: 3 }, named: false };
    const expected = {
      asset1: { name: first?.name },
      asset2: { name: second?.name },
      assets: sim.state
        .assets()
        .slice(0, 3)
        .map(({ id }) => ({ id })),
    };
    expect(dig((await ask(sim, { query, variables })).json, 'data')).toEqual(expected);
    const oneLine = query.replace('# two assets', '').replaceAll(/\s+/g, ' ');
    expect(dig((await ask(sim, { query: oneLine, variables })).json, 'data')).toEqual(expected);
  });

  it('EXO-11 answers what is not valid with 400, where it is, no data, and the cost of a counted request', async () => {
    const documents = [
      '{ assets { id ',
      '{ assets { id colour } }',
      '{ asset { name } }',
      '{ assets(pagination: {limit: "3"}) { id } }',
      'query Q($p: Nothing) { assets(pagination: $p) { id } }',
      '{ assets { signals { data(options: {limit: 1, start: "2026-01-01"}) { value } } } }',
    ];
    for (const query of documents) {
      const { status, json } = await ask(sim, query);
      expect([query, status, dig(json, 'data')]).toEqual([query, 400, undefined]);
      expect(dig(json, 'errors', 0)).toMatchObject({ message: expect.any(String), locations: [{ line: 1 }] });
    }
    const query = 'query Q($p: Pagination!) { assets(pagination: $p) { id } }';
    for (const variables of [{}, { p: { limit: 1.5 } }, { p: { first: 1 } }]) {
      expect((await ask(sim, { query, variables })).status).toBe(400);
    }
    const next = await ask(sim, '{ assets { id } }');
    expect(dig(next.json, 'extensions', 'cost', 'rateUsage', 'requests')).toBe(documents.length + 4);
  });

  it('EXO-20 can be introspected', async () => {
    const schema = await ask(
      sim,
      '{ __schema { queryType { name } mutationType { name } subscriptionType { name } } }',
    );
    expect(dig(schema.json, 'data', '__schema')).toEqual({
      queryType: { name: 'Query' },
      mutationType: { name: 'Mutation' },
      subscriptionType: null,
    });
    const type = await ask(sim, '{ __type(name: "Pagination") { kind inputFields { name type { name } } } }');
    expect(dig(type.json, 'data', '__type')).toEqual({
      kind: 'INPUT_OBJECT',
      inputFields: [
        { name: 'limit', type: { name: 'Int' } },
        { name: 'offset', type: { name: 'Int' } },
      ],
    });
    expect(dig(type.json, 'extensions', 'cost', 'rateUsage', 'requests')).toBe(2);
    const whole = await ask(sim, getIntrospectionQuery());
    const known = buildClientSchema(dig(whole.json, 'data') as IntrospectionQuery);
    expect(
      known
        .getQueryType()
        ?.getFields()
        .assets?.args.map(({ name }) => name),
    ).toContain('pagination');
  });

  it('EXO-23 knows no subscriptions', async () => {
    const { status, json } = await ask(sim, 'subscription { assets { id } }');
    expect([status, firstMessage(json), dig(json, 'data')]).toEqual([
      400,
      'Subscriptions are not supported',
      undefined,
    ]);
  });

  it('EXO-10 runs mutations in their order, and goes on after one that failed', async () => {
    const [first, second] = sim.state.assets().map(({ id }) => id);
    const query = `mutation {
      a: deleteAsset(id: "${first}") { id }
      b: deleteAsset(id: "${first}") { id }
      c: deleteAsset(id: "${second}") { id name }
    }`;
    const { status, json } = await ask(sim, query);
    expect(status).toBe(200);
    expect(dig(json, 'data')).toMatchObject({ a: { id: first }, b: null, c: { id: second } });
    expect(list(json, 'errors')).toEqual([
      { message: 'Asset not found', locations: [{ line: 3, column: 7 }], path: ['b'] },
    ]);
    expect(dig(json, 'extensions', 'cost', 'usage', 'time')).toBeGreaterThan(0);
    expect(sim.state.assets()).toHaveLength(10);
  });

  it('journals each request by what its document does, and by the token it showed', async () => {
    const [asset] = sim.state.assets();
    const documents: Array<[string, string]> = [
      ['EXO-20', '{ __schema { queryType { name } } }'],
      ['EXO-05', '{ __typename assets { id } }'],
      ['EXO-06', '{ assets(pagination: {limit: 1}) { id } }'],
      ['EXO-07', `{ a: asset(id: "${asset?.id}") { name } }`],
      ['EXO-21', `query { ...F } fragment F on Query { assets { signals { data { value } } } }`],
      ['EXO-01', '{ groups { id } products { pid } }'],
      ['EXO-01:createAsset', 'mutation { createAsset(asset: {name: "x"}) { id } }'],
      ['EXO-10', `mutation { deleteAsset(id: "${asset?.id}") { id } }`],
      ['EXO-06', 'query A { groups { id } } query B { assets(pagination: {offset: 1}) { id } }'],
    ];
    for (const [, query] of documents)
      await ask(sim, { query, ...(query.startsWith('query A') ? { operationName: 'B' } : {}) });
    const entries = await sim.journal.until({}, documents.length);
    expect(entries.map((entry) => entry.operation)).toEqual(documents.map(([id]) => id));
    expect(entries.map((entry) => entry.detail)).toEqual([
      '__schema',
      'assets',
      'assets',
      'asset',
      'assets',
      'groups products',
      'createAsset',
      'deleteAsset',
      'assets',
    ]);
    expect(new Set(entries.map((entry) => entry.credential)).size).toBe(1);
    expect(JSON.stringify(entries)).not.toContain(TOKENS.admin);
  });
});
