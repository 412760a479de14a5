import { hash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RateLimitedError } from '@tributary/contracts';
import { caller, makeWorld, type Seeded, seed, type World } from './world/world.ts';

let world: World;
let ids: Seeded;
let call: ReturnType<typeof caller>;
let reader: ReturnType<typeof caller>;
let url: string;

beforeAll(async () => {
  world = await makeWorld();
  call = caller(world, await world.key('default'));
  reader = caller(world, await world.key('default', ['read']));
  ids = await seed(world, 'default');
  url = `/v1/connections/${ids.connectionId}/graphql`;
});
afterAll(async () => {
  await world.close();
});

const asked = () => world.platform.asked.filter(({ name }) => name === 'graphql.execute');
const MUTATION = 'mutation Rename($name: String!) { rename(name: $name) { id } }';

describe('the pass-through', () => {
  it('hands a query on and answers what the platform said, errors and all', async () => {
    const said = { data: { room: null }, errors: [{ message: 'no room', path: ['room'] }], extensions: { cost: 3 } };
    const usual = world.platform.handlers['graphql.execute'];
    world.platform.handlers['graphql.execute'] = async () => said;
    const query = 'query Room($id: ID!) { room(id: $id) { name } } query Other { rooms { id } }';
    const answer = await reader('POST', url, { query, variables: { id: '1' }, operationName: 'Room' });
    if (usual) world.platform.handlers['graphql.execute'] = usual;
    expect([answer.statusCode, answer.json()]).toEqual([200, said]);
    expect(asked().at(-1)?.payload).toEqual({
      connectionId: ids.connectionId,
      query,
      variables: { id: '1' },
      operationName: 'Room',
      allowMutations: false,
    });
  });

  it('takes a mutation from a key that may write, once for a key, and says so in the log without its values', async () => {
    const before = asked().length;
    const body = { query: MUTATION, variables: { name: 'canary-value' } };
    const refused = await reader('POST', url, body);
    expect(refused.json()).toMatchObject({ status: 403, code: 'forbidden', detail: expect.stringContaining('write') });
    expect(asked()).toHaveLength(before);
    // Which of two operations runs decides, not which stands first.
    const both = { query: `query A { a } ${MUTATION}`, variables: { name: 'x' } };
    expect((await reader('POST', url, { ...both, operationName: 'Rename' })).statusCode).toBe(403);
    expect((await reader('POST', url, { ...both, operationName: 'A' })).statusCode).toBe(200);

    const key = { 'idempotency-key': 'mutation-1' };
    expect((await call('POST', url, body, key)).statusCode).toBe(200);
    expect((await call('POST', url, body, key)).headers['idempotency-replayed']).toBe('true');
    expect(asked()).toHaveLength(before + 2);
    expect(asked().at(-1)?.payload).toMatchObject({ allowMutations: true });
    const { items } = (await call('GET', '/v1/audit-log?limit=1000')).json();
    const entries = items.filter(({ action }: { action: string }) => action === 'graphql.mutated');
    expect(entries).toMatchObject([
      { target: ids.connectionId, details: { document: hash('sha256', MUTATION), operationName: 'Rename' } },
    ]);
    expect(JSON.stringify(entries)).not.toContain('canary');
  });

  it.each([
    ['no GraphQL', { query: 'query { a secret' }, '/body/query'],
    ['a subscription', { query: 'subscription { a }' }, '/body/query'],
    ['fragments alone', { query: 'fragment F on T { a }' }, '/body/query'],
    ['several operations and no name', { query: 'query A { a } query B { b }' }, '/body/operationName'],
    ['a name of none', { query: 'query A { a }', operationName: 'B' }, '/body/operationName'],
    ['endless nesting', { query: '{a'.repeat(40_000) }, '/body/query'],
    ['nesting within the limit of tokens', { query: `${'{a'.repeat(4_900)}` }, '/body/query'],
    ['lists in lists', { query: `{a(b:${'['.repeat(9_900)}` }, '/body/query'],
    ['too long a document', { query: `{ ${'a '.repeat(60_000)} }` }, '/body/query'],
    ['variables that are a list', { query: '{ a }', variables: [] }, '/body/variables'],
  ])('refuses %s before anything is sent', async (_what, body, pointer) => {
    const before = asked().length;
    const answer = await call('POST', url, body);
    expect(answer.json()).toMatchObject({ status: 400, errors: [{ pointer }] });
    expect(answer.body).not.toContain('secret');
    expect(asked()).toHaveLength(before);
  });

  it('answers our own failures as problems', async () => {
    const usual = world.platform.handlers['graphql.execute'];
    world.platform.handlers['graphql.execute'] = async () => {
      throw new RateLimitedError('spent', { retryAfterMs: 3_000 });
    };
    const answer = await call('POST', url, { query: '{ a }' });
    if (usual) world.platform.handlers['graphql.execute'] = usual;
    expect(answer.json()).toMatchObject({ status: 503, code: 'platform-rate-limited' });
    expect(answer.headers['retry-after']).toBe('3');
  });
});
