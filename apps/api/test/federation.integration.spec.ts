import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  AuthenticationError,
  type EntityAnswer,
  type EntitySource,
  MalformedResponseError,
  type Problem,
  TimeoutError,
  UnavailableError,
} from '@tributary/contracts';
import { type Collection, fakeCollection } from './world/fake-collection.ts';
import { connectTo, joinPlatform, type MorePlatform } from './world/more-platforms.ts';
import { caller, makeWorld, type World } from './world/world.ts';

let world: World;
let call: ReturnType<typeof caller>;
/** Evaluates filters and sorts; its rooms have the even floors. */
let able: MorePlatform;
/** Sorts, and leaves the filter to whoever asks; its rooms have the odd floors. */
let plain: MorePlatform;
let usual: { able: MorePlatform['handlers']; plain: MorePlatform['handlers'] };
let ables: string;
let plains: string;

const schema = { type: 'object', properties: { name: {}, floor: {} } };
const rooms = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({
    name: `room ${String(from + 2 * i).padStart(2, '0')}`,
    floor: from + 2 * i,
  }));
const room = (more: Partial<Collection>): Collection => ({
  type: 'room',
  schema,
  records: [],
  filters: true,
  sorts: true,
  ...more,
});

const joined: MorePlatform[] = [];
async function join(id: string, handlers: MorePlatform['handlers']): Promise<MorePlatform> {
  const platform = await joinPlatform(world, id, handlers);
  joined.push(platform);
  return platform;
}

beforeAll(async () => {
  world = await makeWorld();
  call = caller(world, await world.key('default', ['read']));
  able = await join('able', fakeCollection(room({ records: rooms(0, 10) })));
  plain = await join('plain', fakeCollection(room({ records: rooms(1, 7), filters: false })));
  usual = { able: { ...able.handlers }, plain: { ...plain.handlers } };
});
afterAll(async () => {
  for (const platform of joined) await platform.close();
  await world.close();
});
beforeEach(async () => {
  Object.assign(able.handlers, usual.able);
  Object.assign(plain.handlers, usual.plain);
  // Connections of its own, so that no test finds a breaker open or types known.
  await world.db.pool.query('update connection set removed_at = now()');
  ables = await connectTo(world, 'able');
  plains = await connectTo(world, 'plain');
});

const ask = (question: object) => call('POST', '/v1/entities:query', question);
const found = async (question: object): Promise<EntityAnswer> => {
  const answer = await ask(question);
  if (answer.statusCode !== 200) throw new Error(answer.body);
  return answer.json();
};
const refused = async (question: object): Promise<Problem> => (await ask(question)).json();
const both = () => ({
  sources: [
    { connectionId: ables, type: 'room' },
    { connectionId: plains, type: 'room' },
  ],
});
const floorsOf = ({ items }: EntityAnswer) => items.map(({ attributes }) => Number(attributes.floor));
const sourceOf = ({ meta }: EntityAnswer, id: string): EntitySource => {
  const source = meta.sources.find(({ connectionId }) => connectionId === id);
  if (!source) throw new Error('no such source in the answer');
  return source;
};
const numbers = (...list: number[]) => list;
const all = [...rooms(0, 10), ...rooms(1, 7)].map(({ floor }) => floor).toSorted((a, b) => a - b);

async function everyPage(question: object): Promise<{ floors: number[]; pages: EntityAnswer[] }> {
  const pages: EntityAnswer[] = [];
  let cursor: string | undefined;
  do {
    const page = await found({ ...question, ...(cursor === undefined ? {} : { cursor }) });
    pages.push(page);
    cursor = page.page.nextCursor;
  } while (cursor !== undefined && pages.length < 100);
  return { floors: pages.flatMap(floorsOf), pages };
}

describe('one filter over several platforms', () => {
  it('is evaluated where it can be; the answer says for each source what it did and what it has cost', async () => {
    const answer = await found({ ...both(), filter: 'attributes.floor ge 6 and attributes.floor le 9' });
    expect(floorsOf(answer)).toEqual([6, 8, 7, 9]);
    expect(answer.items[0]).toEqual({
      connectionId: ables,
      platform: 'able',
      type: 'room',
      nativeId: 'room 06',
      etag: '"1"',
      name: 'room 06',
      attributes: { name: 'room 06', floor: 6 },
    });
    expect(answer.page).toEqual({});
    expect(answer.meta.complete).toBe(true);
    const filter = 'attributes.floor ge 6 and attributes.floor le 9';
    const same = { type: 'room', status: 'ok', items: 2, more: false, observedAt: expect.any(String) };
    expect(sourceOf(answer, ables)).toMatchObject({ ...same, platform: 'able', pushed: filter, vendorCalls: 1 + 3 });
    expect(sourceOf(answer, plains)).toMatchObject({ ...same, evaluatedHere: filter, vendorCalls: 1 + 8 });
    expect(sourceOf(answer, plains).pushed).toBeUndefined();
    expect(sourceOf(answer, ables).ageMs).toBeGreaterThanOrEqual(0);
    // What types there are is known by now.
    expect(sourceOf(await found({ ...both(), filter }), ables).vendorCalls).toBe(3);
  });

  it.each([1, 2, 5, 1_000])('goes page by page, in an order and without one, %d at a time', async (limit) => {
    const sorted = await everyPage({ ...both(), limit, sort: '-attributes.floor' });
    expect(sorted.floors).toEqual(all.toReversed());
    const unsorted = await everyPage({ ...both(), limit });
    expect(unsorted.floors.toSorted((a, b) => a - b)).toEqual(all);
    for (const { items } of [...sorted.pages, ...unsorted.pages]) expect(items.length).toBeLessThanOrEqual(limit);
  });

  it('asks all at the same time', async () => {
    const arrived: string[] = [];
    const meet = async (name: string, other: string) => {
      arrived.push(name);
      while (!arrived.includes(other)) await new Promise((resolve) => setImmediate(resolve));
      return { items: [] };
    };
    able.handlers['entities.query'] = () => meet('able', 'plain');
    plain.handlers['entities.query'] = () => meet('plain', 'able');
    expect((await found(both())).meta.complete).toBe(true);
  });

  it('has one deadline for all, whatever it took to find out about types', async () => {
    const deadlines: number[] = [];
    for (const { handlers } of [able, plain]) {
      const { 'entities.types': types, 'entities.query': query } = handlers;
      handlers['entities.types'] = async (payload, context) => {
        deadlines.push(context.deadlineMs);
        await new Promise((resolve) => setTimeout(resolve, 600));
        return types?.(payload, context) ?? { types: [] };
      };
      handlers['entities.query'] = async (payload, context) => {
        deadlines.push(context.deadlineMs);
        return query?.(payload, context) ?? { items: [] };
      };
    }
    await found(both());
    expect(deadlines).toHaveLength(4);
    expect(Math.max(...deadlines) - Math.min(...deadlines)).toBeLessThan(550);
  });

  it('is asked of every connection that has the type, and narrowed by platform or connection', async () => {
    const idsOf = ({ meta }: EntityAnswer) => meta.sources.map(({ connectionId }) => connectionId).toSorted();
    expect(idsOf(await found({ types: ['room'] }))).toEqual([ables, plains].toSorted());
    expect(idsOf(await found({ types: ['room'], platforms: ['plain'] }))).toEqual([plains]);
    expect(idsOf(await found({ types: ['room'], connections: [ables] }))).toEqual([ables]);
  });
});

describe('a source that does not answer', () => {
  it('makes the answer partial, and is gone on with when it is back', async () => {
    plain.handlers['entities.query'] = async (_payload, { spent }) => {
      spent.vendorCalls = 2;
      throw new UnavailableError('the platform answers 503', { platformStatus: 503 });
    };
    const partial = await found({ ...both(), limit: 6 });
    expect(floorsOf(partial)).toEqual([0, 2, 4]);
    expect(partial.meta.complete).toBe(false);
    const source = sourceOf(partial, plains);
    expect(source).toMatchObject({ status: 'unavailable', items: 0, more: true, vendorCalls: 1 + 2 });
    expect(source.problem).toMatchObject({
      status: 503,
      code: 'platform-unavailable',
      platform: { connectionId: plains, platform: 'plain', status: 503 },
    });
    Object.assign(plain.handlers, usual.plain);
    const rest = await found({ ...both(), limit: 6, cursor: partial.page.nextCursor });
    expect(floorsOf(rest)).toEqual([6, 8, 10, 1, 3, 5]);
    expect(rest.meta.complete).toBe(true);
  });

  it('never leads in a circle: where all that is left does not answer, that is a problem', async () => {
    plain.handlers['entities.query'] = () => Promise.reject(new TimeoutError('no answer'));
    const partial = await found({ ...both(), limit: 100 });
    expect(partial.items).toHaveLength(10);
    const answer = await ask({ ...both(), limit: 100, cursor: partial.page.nextCursor });
    expect(answer.json()).toMatchObject({ status: 504, code: 'platform-timeout', retryable: true });
  });

  it('is left out of the rest of an order, and every further page says so', async () => {
    const question = { ...both(), sort: 'attributes.floor', limit: 4 };
    const first = await found(question);
    expect(floorsOf(first)).toEqual([0, 1, 2, 3]);
    plain.handlers['entities.query'] = () => Promise.reject(new MalformedResponseError('no JSON'));
    const second = await found({ ...question, cursor: first.page.nextCursor });
    expect(floorsOf(second)).toEqual([4, 6, 8, 10]);
    expect(sourceOf(second, plains)).toMatchObject({ status: 'unavailable', more: false, problem: { status: 502 } });
    Object.assign(plain.handlers, usual.plain);
    const third = await found({ ...question, cursor: second.page.nextCursor });
    expect(floorsOf(third)).toEqual([12, 14, 16, 18]);
    expect(third.meta.complete).toBe(false);
    expect(sourceOf(third, plains).problem).toMatchObject({ code: 'sources-incomplete' });
    // The page before, asked for again now that it is back, is whole.
    const again = await found({ ...question, cursor: first.page.nextCursor });
    expect(floorsOf(again)).toEqual([4, 5, 6, 7]);
    expect(again.meta.complete).toBe(true);
  });

  it('is a 503 where all are required, with every source and when to come back', async () => {
    plain.handlers['entities.query'] = () => Promise.reject(new UnavailableError('away', { retryAfterMs: 7_000 }));
    const answer = await ask({ ...both(), require: 'all' });
    expect(answer.headers['retry-after']).toBe('7');
    const problem: Problem = answer.json();
    expect(problem).toMatchObject({ status: 503, code: 'sources-incomplete', platform: { connectionId: plains } });
    expect(problem.sources).toEqual([
      expect.objectContaining({ connectionId: ables, platform: 'able', type: 'room', status: 'ok' }),
      {
        connectionId: plains,
        platform: 'plain',
        type: 'room',
        status: 'unavailable',
        code: 'platform-unavailable',
        detail: 'away',
      },
    ]);
    Object.assign(plain.handlers, usual.plain);
    expect((await found({ ...both(), require: 'all' })).meta.complete).toBe(true);
  });

  it('is a problem where none answers; what passes by itself is said rather than what must be repaired', async () => {
    able.handlers['entities.query'] = () => Promise.reject(new AuthenticationError('refused'));
    plain.handlers['entities.query'] = () => Promise.reject(new TimeoutError('no answer'));
    const problem = await refused(both());
    expect(problem).toMatchObject({ status: 504, code: 'platform-timeout', platform: { connectionId: plains } });
    expect(problem.sources).toMatchObject([
      { connectionId: ables, status: 'unavailable', code: 'connection-unauthorized' },
      { connectionId: plains, status: 'unavailable', code: 'platform-timeout' },
    ]);
  });

  it('is stale where what it last said to the same question is known, and so not complete', async () => {
    await found({ ...both(), limit: 4 });
    plain.handlers['entities.query'] = () => Promise.reject(new UnavailableError('away'));
    const old = await found({ ...both(), limit: 4 });
    expect(floorsOf(old)).toEqual([0, 2, 1, 3]);
    expect(old.meta.complete).toBe(false);
    const source = sourceOf(old, plains);
    expect(source).toMatchObject({ status: 'stale', items: 2, more: true, problem: { code: 'platform-unavailable' } });
    expect(source.ageMs).toBeGreaterThan(0);
    expect(await refused({ ...both(), limit: 4, require: 'all' })).toMatchObject({
      status: 503,
      code: 'sources-incomplete',
      sources: [{ status: 'ok' }, { status: 'stale', connectionId: plains }],
    });
    const fresh = await call('POST', '/v1/entities:query', { ...both(), limit: 4 }, { 'cache-control': 'no-cache' });
    expect(sourceOf(fresh.json(), plains).status).toBe('unavailable');
  });

  it('costs the others nothing when its breaker is open, and nobody asks it', async () => {
    plain.handlers['entities.query'] = () => Promise.reject(new UnavailableError('away'));
    for (let i = 0; i < 5; i += 1) await found(both());
    const before = plain.asked.length;
    const answer = await found(both());
    expect(floorsOf(answer)).toHaveLength(10);
    expect(sourceOf(answer, plains)).toMatchObject({
      vendorCalls: 0,
      problem: { code: 'circuit-open', retryable: true },
    });
    expect(plain.asked).toHaveLength(before);
  });

  it('may have the type, where it cannot even say which types it has', async () => {
    const late = await connectTo(world, 'plain', 'late');
    await connectTo(world, 'able', 'late');
    const asLate = caller(world, await world.key('late', ['read']));
    plain.handlers['entities.types'] = () => Promise.reject(new UnavailableError('away'));
    const question = { types: ['room'], limit: 100 };
    const partial: EntityAnswer = (await asLate('POST', '/v1/entities:query', question)).json();
    expect(partial.items).toHaveLength(10);
    expect(sourceOf(partial, late)).toMatchObject({ status: 'unavailable', more: true });
    Object.assign(plain.handlers, usual.plain);
    const rest: EntityAnswer = (
      await asLate('POST', '/v1/entities:query', { ...question, cursor: partial.page.nextCursor })
    ).json();
    expect(floorsOf(rest)).toEqual(rooms(1, 7).map(({ floor }) => floor));
  });
});

describe('a question that is not good for all', () => {
  it('is a 400 that names the type which lacks a field', async () => {
    await join('store', fakeCollection(room({ type: 'shelf', schema: { type: 'object', properties: { name: {} } } })));
    const shelves = await connectTo(world, 'store');
    const question = { sources: [...both().sources, { connectionId: shelves, type: 'shelf' }] };
    const lacking = await refused({ ...question, filter: 'attributes.floor eq 1' });
    expect(lacking).toMatchObject({ status: 400, errors: [{ pointer: '/body/filter' }] });
    expect(lacking.errors?.[0]?.detail).toContain(`"shelf" of ${shelves}: at character 0`);
    const order = await refused({ ...question, sort: '-attributes.floor' });
    expect(order).toMatchObject({ status: 400, errors: [{ pointer: '/body/sort' }] });
    expect(order.errors?.[0]?.detail).toContain(shelves);
    expect(await refused({ ...both(), filter: 'attributes.floor eq' })).toMatchObject({
      errors: [{ pointer: '/body/filter' }],
    });
  });

  it('is a 422 that names the platform which cannot sort, and never an answer in no order', async () => {
    await join('heap', fakeCollection(room({ type: 'room', records: rooms(0, 3), sorts: false })));
    const heaps = await connectTo(world, 'heap');
    const question = { sources: [...both().sources, { connectionId: heaps, type: 'room' }] };
    expect(await refused({ ...question, sort: 'name' })).toMatchObject({
      status: 422,
      code: 'platform-invalid-request',
      platform: { platform: 'heap', connectionId: heaps },
      sources: [{ connectionId: heaps, type: 'room', code: 'platform-invalid-request' }],
    });
    expect(floorsOf(await found({ ...question, limit: 9 }))).toEqual(numbers(0, 2, 4, 1, 3, 5, 0, 2, 4));
  });

  it('is a 422 where a platform sorts by rules of its own', async () => {
    const { records } = room({ records: rooms(1, 7) });
    const items = records
      .toReversed()
      .map((attributes) => ({ type: 'room', nativeId: String(attributes.name), etag: '1', attributes }));
    plain.handlers['entities.query'] = async () => ({ items });
    expect(await refused({ ...both(), sort: 'attributes.floor' })).toMatchObject({
      status: 422,
      code: 'unprocessable',
      platform: { connectionId: plains },
    });
  });

  it('is a 404 for a connection, also another workspace’s, or a type that is not there', async () => {
    const foreign = await connectTo(world, 'able', 'foreign');
    for (const [question, pointer] of [
      [{ sources: [...both().sources, { connectionId: foreign, type: 'room' }] }, '/body/sources/2/connectionId'],
      [{ sources: [{ connectionId: ables, type: 'rom' }] }, '/body/sources/0/type'],
      [{ types: ['room', 'rom'] }, '/body/types/1'],
      [{ types: ['room'], connections: [ables, foreign] }, '/body/connections/1'],
      [{ types: ['room'], platforms: ['none'] }, '/body/types/0'],
    ] as const) {
      expect(await refused(question)).toMatchObject({ status: 404, code: 'not-found', errors: [{ pointer }] });
    }
    const stranger = caller(world, await world.key('foreign', ['read']));
    expect((await stranger('POST', '/v1/entities:query', both())).statusCode).toBe(404);
  });

  it('is a 400 with every fault named, and for a cursor of another question', async () => {
    const faults = await refused({ types: [], connections: ['x'], require: 'some', limit: 1_001, page: 1 });
    expect(faults.errors?.map(({ pointer }) => pointer).toSorted()).toEqual(
      ['/body/connections/0', '/body/limit', '/body/page', '/body/require', '/body/types'].toSorted(),
    );
    expect((await refused({})).errors).toMatchObject([{ pointer: '/body/sources' }]);
    expect((await refused({ ...both(), types: ['room'] })).errors).toMatchObject([{ pointer: '/body/types' }]);
    const { nextCursor: cursor } = (await found({ ...both(), limit: 2 })).page;
    for (const other of [
      { limit: 3 },
      { limit: 2, sort: 'name' },
      { limit: 2, filter: 'name pr' },
      { limit: 2, cursor: 'MQ' },
    ]) {
      expect((await refused({ ...both(), cursor, ...other })).errors).toMatchObject([{ pointer: '/body/cursor' }]);
    }
  });
});
