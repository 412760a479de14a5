import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BatchPoint } from '@tributary/database';
import { commitPoints } from './world/points.ts';
import { makeWorld, type Seeded, seed, type World } from './world/world.ts';

let world: World;
let token: string;
let ids: Seeded;
const HOUR = 3_600_000;
/** A whole day before a time that is sure to be within the retention. */
const day = new Date(Math.floor(Date.now() / 86_400_000) * 86_400_000 - 3 * 86_400_000);

beforeAll(async () => {
  world = await makeWorld();
  token = await world.key('default');
  ids = await seed(world, 'default');
  await commit(
    '1',
    Array.from({ length: 240 }, (_, i) => ['load', day.getTime() + i * (HOUR / 10), i] as const),
  );
  await commit('2', [['load', day.getTime(), 1_000] as const]);
  await commit('3', [
    ['mixed', day.getTime(), 'a,"b"\n'] as const,
    ['mixed', day.getTime() + 1, true] as const,
    ['mixed', day.getTime() + 2, { a: 1 }] as const,
  ]);
});
afterAll(async () => {
  await world.close();
});

const commit = (rev: string, points: readonly BatchPoint[]) => commitPoints(world, ids, { rev, points });

const get = (url: string, headers: Record<string, string> = {}) =>
  world.fastify.inject({ url, headers: { authorization: `Bearer ${token}`, ...headers } });

async function series(signal: string): Promise<string> {
  const { items } = (
    await get(`/v1/devices/${ids.deviceId}/series?filter=${encodeURIComponent(`signal eq "${signal}"`)}`)
  ).json();
  return items[0].id;
}
const range = () => `from=${day.toISOString()}&to=${new Date(day.getTime() + 24 * HOUR).toISOString()}`;

describe('points', () => {
  it('are paged in both directions, each once, over half-open ranges', async () => {
    const id = await series('load');
    for (const order of ['asc', 'desc']) {
      const seen: string[] = [];
      let url = `/v1/series/${id}/points?${range()}&order=${order}&limit=100`;
      for (let pages = 0; url && pages < 10; pages += 1) {
        const page = await get(url);
        seen.push(...page.json().items.map((item: { ts: string }) => item.ts));
        url = /<(.*)>/.exec(String(page.headers.link ?? ''))?.[1] ?? '';
      }
      expect(seen).toHaveLength(240);
      const sorted = [...seen].sort();
      expect(seen).toEqual(order === 'asc' ? sorted : sorted.reverse());
    }
    const half = await get(
      `/v1/series/${id}/points?from=${day.toISOString()}&to=${new Date(day.getTime() + HOUR / 10).toISOString()}`,
    );
    expect(half.json().items).toEqual([{ ts: day.toISOString(), value: 1_000 }]);
  });

  it('that were corrected are readable as they were', async () => {
    const { items } = (await get(`/v1/series/${await series('load')}/revisions?${range()}`)).json();
    expect(items).toEqual([{ ts: day.toISOString(), value: 0, rev: '1', replacedByRev: '2' }]);
  });

  it('are aggregated by calendar buckets, with the functions asked for', async () => {
    const id = await series('load');
    const { items, every } = (await get(`/v1/series/${id}/points?${range()}&every=PT6H&fn=count,max`)).json();
    expect(every).toBe('PT6H');
    expect(items).toHaveLength(4);
    expect(items[1]).toEqual({
      from: new Date(day.getTime() + 6 * HOUR).toISOString(),
      to: new Date(day.getTime() + 12 * HOUR).toISOString(),
      count: 60,
      max: 119,
    });
    for (const [query, at] of [
      ['every=P1DT1H', 'every'],
      ['every=P1D&timeZone=Mars/Olympus', 'timeZone'],
      ['every=PT1S&from=2000-01-01T00:00:00Z', 'every'],
      ['timeZone=UTC', 'timeZone'],
      ['every=P1D&limit=5', 'limit'],
      ['maxPoints=10&order=asc', 'order'],
      ['from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', 'from'],
    ]) {
      const wrong = await get(`/v1/series/${id}/points?${query}`);
      expect({ query, at: wrong.json().errors?.[0]?.pointer }).toEqual({ query, at: `/query/${at}` });
    }
  });

  it('of a day of daylight saving fall into buckets of 23 and 25 hours', async () => {
    const id = await series('load');
    for (const [from, to, hours] of [
      ['2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z', 23],
      ['2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z', 25],
    ] as const) {
      const { items } = (
        await get(`/v1/series/${id}/points?from=${from}&to=${to}&every=P1D&timeZone=Europe/Stockholm&empty=true`)
      ).json();
      expect(items).toHaveLength(1);
      expect((Date.parse(items[0].to) - Date.parse(items[0].from)) / HOUR).toBe(hours);
    }
  });

  it('of a counter give what was used: days add up to the month, a reset counts from zero', async () => {
    const at = (text: string) => Date.parse(text);
    await commit('1', [
      ['meter', at('2026-05-01T12:00:00Z'), 100],
      // Midnight in Stockholm: closes one day and opens the next.
      ['meter', at('2026-05-01T22:00:00Z'), 130],
      ['meter', at('2026-05-02T10:00:00Z'), 150],
      ['meter', at('2026-05-04T10:00:00Z'), 8],
      ['meter', at('2026-05-31T22:00:00Z'), 20],
    ]);
    const id = await series('meter');
    const ask = async (every: string) =>
      (
        await get(
          `/v1/series/${id}/points?from=2026-04-30T22:00:00Z&to=2026-05-31T22:00:00Z&timeZone=Europe/Stockholm&every=${every}&fn=delta,increase`,
        )
      ).json().items as { from: string; to: string; delta: number; increase: number }[];
    const days = await ask('P1D');
    expect(days.map(({ from, to: _, ...amounts }) => [from.slice(0, 10), amounts])).toEqual([
      ['2026-04-30', { delta: 30, increase: 30 }],
      ['2026-05-01', { delta: 20, increase: 20 }],
      ['2026-05-03', { delta: -142, increase: 8 }],
      // No point lies in the last day; the one at its end closes it.
      ['2026-05-30', { delta: 12, increase: 12 }],
    ]);
    expect(await ask('P1M')).toMatchObject([{ delta: -80, increase: 70 }]);
  });

  it('are reduced for a plot without losing a peak', async () => {
    const { items } = (await get(`/v1/series/${await series('load')}/points?${range()}&maxPoints=20`)).json();
    expect(items.length).toBeLessThanOrEqual(20);
    expect(Math.max(...items.map((item: { value: number }) => item.value))).toBe(1_000);
  });

  it('are streamed whole as NDJSON and CSV', async () => {
    const ndjson = await get(`/v1/series/${await series('load')}/points?${range()}`, {
      accept: 'application/x-ndjson',
    });
    expect(ndjson.headers['content-type']).toMatch(/^application\/x-ndjson/);
    expect(
      ndjson.body
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).value),
    ).toHaveLength(240);
    const csv = await get(`/v1/series/${await series('mixed')}/points?${range()}`, { accept: 'text/csv' });
    const at = (ms: number) => new Date(day.getTime() + ms).toISOString();
    expect(csv.body).toBe(`ts,value\r\n${at(0)},"a,""b""\n"\r\n${at(1)},true\r\n${at(2)},"{""a"":1}"\r\n`);
    const buckets = await get(`/v1/series/${await series('load')}/points?${range()}&every=P1D&fn=count`, {
      accept: 'text/csv',
    });
    expect(buckets.body.split('\r\n')[0]).toBe('from,to,count');
  });
});
