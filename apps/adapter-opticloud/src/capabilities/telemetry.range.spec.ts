import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { OpticloudClient } from '../client.ts';
import type { SeriesRow } from '../wire.ts';
import { readRange } from './telemetry.range.ts';

const call = { lane: 'live' as const, signal: new AbortController().signal };
type Range = OpticloudClient['range'];

const clientOf = (range: Range) => ({ range }) as unknown as OpticloudClient;

/** A platform that holds these times of each signal, and counts both ends in. */
const platform =
  (held: Record<string, number[]>): Range =>
  async (_device, { keys, fromMs, toMs, limit }) => {
    const rows: SeriesRow[] = [];
    const full: string[] = [];
    for (const key of keys) {
      const inside = (held[key] ?? []).filter((ts) => ts >= fromMs && ts <= toMs).slice(0, limit);
      rows.push(...inside.map((ts) => ({ key, ts, value: ts })));
      if (inside.length >= limit) full.push(key);
    }
    return { rows, full };
  };

async function read(range: Range, keys: string[], { fromMs = 0, toMs = 1000, pageSize = 3 } = {}) {
  const found: string[] = [];
  for await (const rows of readRange(clientOf(range), 'd', { keys, fromMs, toMs, pageSize }, call)) {
    found.push(...rows.map(({ key, ts }) => `${key}@${ts}`));
  }
  return found;
}

describe('readRange', () => {
  it('finds every row exactly once, whatever the densities and the page', async () => {
    const times = fc.uniqueArray(fc.nat(200), { maxLength: 60 }).map((list) => list.sort((a, b) => a - b));
    await fc.assert(
      fc.asyncProperty(times, times, times, fc.integer({ min: 1, max: 20 }), async (a, b, c, pageSize) => {
        const found = await read(platform({ a, b, c }), ['a', 'b', 'c'], { pageSize });
        const expected = Object.entries({ a, b, c }).flatMap(([key, list]) => list.map((ts) => `${key}@${ts}`));
        expect(found.sort()).toEqual(expected.sort());
      }),
    );
  });

  it('asks for many signals in several calls, and never for one with a comma', async () => {
    const asked: string[][] = [];
    const keys = [...Array.from({ length: 300 }, (_, n) => `signal ${n} über alles`), 'a,b'];
    await read(async (_device, { keys }) => {
      asked.push([...keys]);
      return { rows: [], full: [] };
    }, keys);
    expect(asked.length).toBeGreaterThan(1);
    expect(asked.flat()).toEqual(keys.slice(0, -1));
    for (const group of asked) expect(encodeURIComponent(group.join(',')).length).toBeLessThan(4_000);
  });

  it('refuses rows in another order, which could hide others', async () => {
    const descending: Range = async () => ({
      rows: [5, 4, 3].map((ts) => ({ key: 'a', ts, value: 1 })),
      full: ['a'],
    });
    await expect(read(descending, ['a'])).rejects.toMatchObject({ code: 'malformed-response' });
  });

  it('refuses a full page that goes nowhere', async () => {
    const stuck: Range = async () => ({ rows: [{ key: 'a', ts: -7, value: 1 }], full: ['a'] });
    await expect(read(stuck, ['a'])).rejects.toMatchObject({ code: 'malformed-response' });
  });
});
