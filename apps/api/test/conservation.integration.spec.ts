import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AdapterBook, type AdapterEntry, minuteOf } from '@tributary/database';
import { newId } from '@tributary/runtime';
import { expectProblem } from './world/expect-problem.ts';
import { makeWorld, type Seeded, seed, type World } from './world/world.ts';

let world: World;
let ids: Seeded;
let other: Seeded;
let token: string;
const RUN = newId('run');
const MINUTE = 60_000;
const nowMs = minuteOf(Date.now());

const entry = (minutesAgo: number, more: Partial<AdapterEntry> = {}): AdapterEntry => ({
  workspace: 'default',
  connectionId: ids.connectionId,
  run: RUN,
  minuteMs: nowMs - minutesAgo * MINUTE,
  epoch: 1,
  received: 10,
  unchanged: 2,
  setAside: { 'bad-time': 1 },
  unacknowledged: 0,
  numbered: 7,
  confirmed: [[0, 7]],
  past: true,
  ended: true,
  ...more,
});
/** The intake's side, as if all or some of the points had come. */
const arrive = (minutesAgo: number, covered: string, stored: number, run = RUN) =>
  world.db.pool.query(
    `update conservation_minute set covered = $2::int8multirange, stored = $3 where minute = $1 and run = $4`,
    [new Date(nowMs - minutesAgo * MINUTE), covered, stored, run],
  );

beforeAll(async () => {
  world = await makeWorld();
  token = await world.key('default');
  ids = await seed(world, 'default');
  await world.key('elsewhere');
  other = await seed(world, 'elsewhere');
  const book = new AdapterBook(world.db);
  const second = newId('run');
  await book.record([
    ...[5, 4, 3, 2].map((minutesAgo) => entry(minutesAgo)),
    // Another adapter has taken over within the minute.
    entry(2, { run: second, received: 3, unchanged: 0, setAside: { 'bad-time': 2 }, numbered: 1, confirmed: [] }),
    entry(3, { workspace: 'elsewhere', connectionId: other.connectionId }),
  ]);
  for (const minutesAgo of [5, 4, 2]) await arrive(minutesAgo, '{[0,7)}', 7);
  await arrive(3, '{[0,2),[4,7)}', 5);
  await world.db.pool.query(`update conservation_horizon set settled_before = now()`);
  await world.db.pool.query(
    `update conservation_minute set confirmed_at = now() + interval '1 day' where minute = $1`,
    [new Date(nowMs - 4 * MINUTE)],
  );
  await arrive(4, '{[0,6)}', 6);
});
afterAll(() => world.close());

const get = async (url: string, bearer = token) =>
  world.fastify.inject({ url, headers: { authorization: `Bearer ${bearer}` } });
const expectRefused = (answer: Awaited<ReturnType<typeof get>>, status: number) => {
  expect(answer.statusCode).toBe(status);
  expectProblem(answer, `status ${status}`);
};
const at = (minutesAgo: number) => new Date(nowMs - minutesAgo * MINUTE).toISOString();

describe('GET /v1/conservation', () => {
  it('gives the sums of the range, and its minutes, newest first, each with its state', async () => {
    const body = (await get('/v1/conservation')).json();
    expect(body.state).toBe('unbalanced');
    expect(body.totals).toEqual({
      received: 43,
      stored: 25,
      duplicate: 0,
      corrected: 0,
      superseded: 0,
      parked: 0,
      dropped: { unchanged: 8, 'bad-time': 6, unacknowledged: 1 },
      inFlight: 1,
      missing: 2,
    });
    expect(body.items.map(({ minute, state, received }: Record<string, unknown>) => [minute, state, received])).toEqual(
      [
        [at(2), 'balanced', 13],
        [at(3), 'unbalanced', 10],
        [at(4), 'open', 10],
        [at(5), 'balanced', 10],
      ],
    );
    expect(body.items[1]).toMatchObject({ missing: 2, inFlight: 0, holes: [{ run: RUN, first: 2, points: 2 }] });
    expect(body.items[0]).toMatchObject({ dropped: { unchanged: 2, 'bad-time': 3, unacknowledged: 1 }, holes: [] });
  });

  it('goes on where a page ends, over the same range', async () => {
    const seen: string[] = [];
    let url = '/v1/conservation?limit=1';
    for (;;) {
      const answer = await get(url);
      const { items, page, totals } = answer.json();
      expect(totals.received).toBe(43);
      seen.push(...items.map(({ minute }: { minute: string }) => minute));
      if (!page.nextCursor) break;
      expect(answer.headers.link).toContain('rel="next"');
      url = `/v1/conservation?limit=1&cursor=${page.nextCursor}`;
    }
    expect(seen).toEqual([at(2), at(3), at(4), at(5)]);
    const { page } = (await get('/v1/conservation?limit=1')).json();
    expectRefused(await get(`/v1/conservation?state=open&cursor=${page.nextCursor}`), 400);
  });

  it('can be asked for a range, and for what is open or missing alone', async () => {
    const minutes = async (query: string) =>
      (await get(`/v1/conservation?${query}`)).json().items.map(({ minute }: { minute: string }) => minute);
    expect(await minutes(`from=${at(4)}&to=${at(2)}`)).toEqual([at(3), at(4)]);
    expect(await minutes('state=unbalanced')).toEqual([at(3)]);
    expect(await minutes('state=open')).toEqual([at(4)]);
    const { state, totals } = (await get('/v1/conservation?state=unbalanced')).json();
    expect([state, totals.missing, totals.received]).toEqual(['unbalanced', 2, 10]);
    expectRefused(await get(`/v1/conservation?from=${at(2)}&to=${at(4)}`), 400);
    expectRefused(await get('/v1/conservation?state=balanced'), 400);
  });

  it('of one connection, and never of another workspace', async () => {
    const mine = (await get(`/v1/connections/${ids.connectionId}/conservation`)).json();
    expect(mine.totals.received).toBe(43);
    expect((await get(`/v1/conservation?connectionId=${other.connectionId}`)).json().items).toEqual([]);
    expectRefused(await get(`/v1/connections/${other.connectionId}/conservation`), 404);
    const theirs = (await get('/v1/conservation', await world.key('elsewhere'))).json();
    expect(theirs.items).toHaveLength(1);
    expect(theirs.items[0].connectionId).toBe(other.connectionId);
  });
});

describe('a parked message that is discarded', () => {
  it('takes its points out of what is parked, once', async () => {
    const minute = new Date(nowMs - 5 * MINUTE);
    await world.db.pool.query(
      `update conservation_minute set parked = '{[5,7)}', parked_points = 2, stored = 5 where minute = $1`,
      [minute],
    );
    await world.db.pool.query(
      `update parked_message set workspace_id = 'default', connection_id = $2, run = $3, minute = $4, numbers = '{[5,7)}'
       where id = $1`,
      [ids.parkedId, ids.connectionId, RUN, minute],
    );
    const discard = () =>
      world.fastify.inject({
        method: 'POST',
        url: `/v1/parked-messages/${ids.parkedId}:discard`,
        headers: { authorization: `Bearer ${token}` },
      });
    const oldest = async () => (await get('/v1/conservation')).json().items.at(-1);
    expect(await oldest()).toMatchObject({ parked: 2, state: 'balanced' });
    expect((await discard()).statusCode).toBe(200);
    expect((await discard()).statusCode).toBe(409);
    expect(await oldest()).toMatchObject({ parked: 0, dropped: { discarded: 2 }, state: 'balanced' });
  });
});
