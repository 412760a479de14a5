import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CoverageBook, type SpanStatement } from '@tributary/database';
import { expectProblem } from './world/expect-problem.ts';
import { makeWorld, type Seeded, seed, type World } from './world/world.ts';

let world: World;
let ids: Seeded;
let other: Seeded;
let token: string;
const HOUR = 3_600_000;
const T = Date.UTC(2026, 5, 1);
const at = (hours: number) => new Date(T + hours * HOUR).toISOString();
const span = (from: number, to: number) => ({ fromMs: T + from * HOUR, toMs: T + to * HOUR, source: 'telemetry' });

beforeAll(async () => {
  world = await makeWorld();
  token = await world.key('default');
  ids = await seed(world, 'default');
  await world.key('elsewhere');
  other = await seed(world, 'elsewhere');
  await world.db.pool.query(`update conservation_horizon set settled_before = 'infinity'`);
  await say(ids.connectionId, [
    { ...span(0, 10), state: 'complete', run: 'run_1' },
    { ...span(4, 6), state: 'unrecoverable', deviceId: ids.deviceId, reason: 'the platform keeps three days' },
  ]);
});
afterAll(() => world.close());

async function say(connectionId: string, statements: SpanStatement[]): Promise<void> {
  const client = await world.db.pool.connect();
  try {
    await client.query('begin');
    await new CoverageBook(world.db).write(client, connectionId, statements);
    await client.query('commit');
  } finally {
    client.release();
  }
}

const get = async (url: string, bearer = token) =>
  world.fastify.inject({ url, headers: { authorization: `Bearer ${bearer}` } });
const range = (from: number, to: number) => `from=${at(from)}&to=${at(to)}`;
const brief = (intervals: Record<string, string>[]) => intervals.map(({ from, to, state }) => [from, to, state]);

describe('coverage of a device', () => {
  it('tiles the range that is asked, says who stated what and why, and how much is complete', async () => {
    const body = (await get(`/v1/devices/${ids.deviceId}/coverage?${range(-2, 10)}`)).json();
    expect(brief(body.intervals)).toEqual([
      [at(-2), at(0), 'missing'],
      [at(0), at(4), 'complete'],
      [at(4), at(6), 'unrecoverable'],
      [at(6), at(10), 'complete'],
    ]);
    expect(body).toMatchObject({
      connectionId: ids.connectionId,
      complete: false,
      completeShare: 8 / 12,
      firstComplete: at(0),
      lastComplete: at(10),
    });
    expect(body.intervals[1]).toMatchObject({ source: 'telemetry', run: 'run_1', statedAt: expect.any(String) });
    expect(body.intervals[2]).toMatchObject({ reason: 'the platform keeps three days' });
    expect(body.intervals[0]).toEqual({
      from: at(-2),
      to: at(0),
      state: 'missing',
      reason: 'never read, or kept no longer',
    });
    const whole = (await get(`/v1/devices/${ids.deviceId}/coverage?${range(6, 9)}`)).json();
    expect(whole).toMatchObject({ complete: true, completeShare: 1 });
  });

  it('is refused for a range that ends before it begins, and never told of another workspace', async () => {
    const refused = await get(`/v1/devices/${ids.deviceId}/coverage?${range(3, 1)}`);
    expect(refused.statusCode).toBe(400);
    expectProblem(refused, 'range');
    for (const url of [`/v1/devices/${other.deviceId}/coverage`, `/v1/connections/${other.connectionId}/coverage`]) {
      const answer = await get(url);
      expect(answer.statusCode).toBe(404);
      expectProblem(answer, url);
    }
  });
});

describe('coverage of a series', () => {
  it('is that of its device, and of its signal where that is spoken of by itself', async () => {
    const { seriesId, signal, intervals } = (await get(`/v1/series/${ids.seriesId}/coverage?${range(0, 10)}`)).json();
    expect(seriesId).toBe(ids.seriesId);
    expect(brief(intervals).map(([, , state]) => state)).toEqual(['complete', 'unrecoverable', 'complete']);
    await say(ids.connectionId, [{ ...span(8, 9), state: 'missing', deviceId: ids.deviceId, signal, overrides: true }]);
    const later = (await get(`/v1/series/${ids.seriesId}/coverage?${range(6, 10)}`)).json();
    expect(brief(later.intervals).map(([, , state]) => state)).toEqual(['complete', 'missing', 'complete']);
    const device = (await get(`/v1/devices/${ids.deviceId}/coverage?${range(6, 10)}`)).json();
    expect(brief(device.intervals).map(([, , state]) => state)).toEqual(['complete', 'partial', 'complete']);
    const named = (await get(`/v1/devices/${ids.deviceId}/coverage?${range(6, 10)}&signal=${signal}`)).json();
    expect(named.intervals).toEqual(later.intervals);
  });

  it('stands beside its points where that is asked: a bill asks whether they are all there', async () => {
    const points = async (from: number, to: number) =>
      (await get(`/v1/series/${ids.seriesId}/points?${range(from, to)}&coverage=true`)).json().meta;
    expect(await points(0, 4)).toEqual({ coverage: { complete: true, holes: [] } });
    const { coverage } = await points(0, 6);
    expect(coverage).toMatchObject({ complete: false, holes: [{ seriesId: ids.seriesId, from: at(4), to: at(6) }] });
    expect((await get(`/v1/series/${ids.seriesId}/points?${range(0, 4)}`)).json().meta).toBeUndefined();
    const asked = { series: [ids.seriesId], from: at(0), to: at(6), every: 'PT1H', coverage: true };
    const answer = await world.fastify.inject({
      method: 'POST',
      url: '/v1/telemetry:query',
      headers: { authorization: `Bearer ${token}` },
      payload: asked,
    });
    expect(answer.json().meta.coverage).toEqual(coverage);
  });
});

describe('coverage of a connection', () => {
  it('sums up each of its devices, page by page over one range', async () => {
    const seen: Record<string, unknown>[] = [];
    let url = `/v1/connections/${ids.connectionId}/coverage?${range(0, 8)}&limit=1`;
    for (;;) {
      const answer = await get(url);
      const body = answer.json();
      expect([body.from, body.to]).toEqual([at(0), at(8)]);
      seen.push(...body.items);
      if (!body.page.nextCursor) break;
      expect(answer.headers.link).toContain('rel="next"');
      url = `/v1/connections/${ids.connectionId}/coverage?limit=1&cursor=${body.page.nextCursor}`;
    }
    expect(new Set(seen.map(({ deviceId }) => deviceId)).size).toBe(seen.length);
    expect(seen.find(({ deviceId }) => deviceId === ids.deviceId)).toMatchObject({
      complete: false,
      completeShare: 6 / 8,
      missingSeconds: 0,
      unrecoverableSeconds: 7_200,
      oldestHole: { from: at(4), to: at(6), state: 'unrecoverable' },
    });
    for (const item of seen.filter(({ deviceId }) => deviceId !== ids.deviceId))
      expect(item).toMatchObject({ complete: true, completeShare: 1 });
  });
});
