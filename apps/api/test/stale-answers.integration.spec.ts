import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { NotFoundError, TimeoutError } from '@tributary/contracts';
import type { RequestHandlers } from '@tributary/messaging';
import { ROOM } from './world/fake-entities.ts';
import { caller, makeWorld, type Seeded, seed, type World } from './world/world.ts';

let world: World;
let call: ReturnType<typeof caller>;
let usual: RequestHandlers;
let ids: Seeded;
let records: string;
let record: string;

beforeAll(async () => {
  world = await makeWorld();
  call = caller(world, await world.key('default'));
  usual = { ...world.platform.handlers };
});
afterAll(() => world.close());
// A connection of its own for each: breakers remember.
beforeEach(async () => {
  ids = await seed(world, 'default');
  records = `/v1/connections/${ids.connectionId}/entities/${encodeURIComponent(ROOM)}`;
  record = `${records}/${encodeURIComponent('room/1 ö')}`;
});
afterEach(() => {
  Object.assign(world.platform.handlers, usual);
});

function fallSilent(error: Error = new TimeoutError('silence')): void {
  const handlers = world.platform.handlers as Record<string, () => Promise<never>>;
  for (const name of Object.keys(usual)) {
    handlers[name] = async () => {
      throw error;
    };
  }
}

const MARK = { stale: true, ageMs: expect.any(Number), observedAt: expect.stringMatching(/Z$/) };
const STATUS = /^tributary; fwd=stale; fwd-status=504; ttl=-?\d+; detail=platform-timeout$/;

describe('while a platform is away', () => {
  it.each([
    ['records', () => `${records}?limit=3`],
    ['types of records', () => `/v1/connections/${ids.connectionId}/entity-types`],
    ['related records', () => `${record}/relations/${encodeURIComponent('leads to/ö')}`],
    ['the budget', () => `/v1/connections/${ids.connectionId}/budget`],
  ])('%s are given as they last were, and marked', async (_what, url) => {
    const fresh = await call('GET', url());
    expect(fresh.statusCode).toBe(200);
    expect(fresh.headers).not.toHaveProperty('age');
    expect(fresh.headers).not.toHaveProperty('cache-status');
    fallSilent();
    const stale = await call('GET', url());
    expect(stale.json()).toEqual({ ...(fresh.json() as object), ...MARK });
    expect(stale.headers.age).toMatch(/^\d+$/);
    expect(stale.headers['cache-status']).toMatch(STATUS);
    Object.assign(world.platform.handlers, usual);
    expect((await call('GET', url())).json()).toEqual(fresh.json());
  });

  it('a record is given as it was, marked by headers alone, with the ETag that it had', async () => {
    const fresh = await call('GET', record);
    fallSilent();
    const stale = await call('GET', record);
    expect(stale.json()).toEqual(fresh.json());
    expect(stale.headers.etag).toBe(fresh.headers.etag);
    expect(stale.headers['cache-status']).toMatch(STATUS);
  });

  it('what nobody has asked before is a problem, with Retry-After once it is left alone', async () => {
    await call('GET', records);
    fallSilent();
    expect((await call('GET', record)).json()).toMatchObject({ status: 504, code: 'platform-timeout' });
    for (let i = 0; i < 5; i += 1) await call('GET', record);
    const refused = await call('GET', record);
    expect(refused.json()).toMatchObject({ status: 503, code: 'circuit-open', retryable: true });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    const asked = world.platform.asked.length;
    const stale = await call('GET', records);
    expect(stale.headers['cache-status']).toMatch(/^tributary; hit; ttl=-?\d+; detail=circuit-open$/);
    expect(world.platform.asked.length).toBe(asked);
  });

  it('a caller may refuse an older answer, and has the failure then', async () => {
    await call('GET', record);
    fallSilent();
    const get = (directives: string) => call('GET', record, undefined, { 'cache-control': directives });
    expect((await get('max-age=0')).statusCode).toBe(504);
    expect((await get('no-cache')).statusCode).toBe(504);
    expect((await get('max-stale=600')).statusCode).toBe(200);
  });

  it('nothing is changed on the strength of an older answer', async () => {
    for (const url of [records, record]) await call('GET', url);
    fallSilent();
    // The platform would take the change: it only cannot be read.
    const { 'entities.update': update } = usual;
    Object.assign(world.platform.handlers, { 'entities.update': update });
    const change = await call('PATCH', record, { attributes: { name: 'x' } }, { 'if-match': '*' });
    expect(change.json()).toMatchObject({ status: 504, code: 'platform-timeout' });
  });

  it('what is told of persons is never given again', async () => {
    const url = `/v1/connections/${ids.connectionId}/users/current`;
    expect((await call('GET', url)).statusCode).toBe(200);
    fallSilent();
    expect((await call('GET', url)).statusCode).toBe(504);
  });

  it('refused credentials and rights are told, whatever was answered before', async () => {
    await call('GET', record);
    fallSilent(new NotFoundError('no such record'));
    expect((await call('GET', record)).statusCode).toBe(404);
    fallSilent();
    expect((await call('GET', record)).statusCode).toBe(504);
  });
});

describe('an older answer does not outlive', () => {
  it('a change of the record through this API, nor of any other of its type', async () => {
    const other = `${records}/${encodeURIComponent('room/2 ö')}`;
    const types = `/v1/connections/${ids.connectionId}/entity-types`;
    const { headers } = await call('GET', record);
    for (const url of [other, records, types]) await call('GET', url);
    const changed = await call('PATCH', record, { attributes: { tag: 'new' } }, { 'if-match': String(headers.etag) });
    expect(changed.statusCode).toBe(200);
    fallSilent();
    for (const url of [record, other, records]) expect((await call('GET', url)).statusCode).toBe(504);
    expect((await call('GET', types)).statusCode).toBe(200);
  });

  it('a change of the connection', async () => {
    const url = `/v1/connections/${ids.connectionId}`;
    await call('GET', record);
    const { headers } = await call('GET', url);
    const settings = { baseUrl: 'https://another.example' };
    expect((await call('PATCH', url, { settings }, { 'if-match': String(headers.etag) })).statusCode).toBe(200);
    fallSilent();
    expect((await call('GET', record)).statusCode).toBe(504);
  });
});
