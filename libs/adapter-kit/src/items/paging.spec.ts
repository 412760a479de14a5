import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pagesOf, type WirePage } from './paging.ts';

const all = (count: number) => Array.from({ length: count }, (_, n) => n);

async function walk(limit: number, whole: boolean, ask: (page: number) => WirePage<number>) {
  const found: number[] = [];
  let asked = 0;
  for await (const page of pagesOf({ limit, whole }, async ({ page }) => {
    asked++;
    return ask(page);
  })) {
    found.push(...page);
  }
  return { found, asked };
}

const pageOf = (count: number, limit: number, page: number): WirePage<number> => {
  const items = all(count).slice(page * limit, (page + 1) * limit);
  return { items, rows: items.length };
};

describe('pagesOf', () => {
  it('finds every row once, with or without totals', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(60), fc.integer({ min: 1, max: 12 }), fc.boolean(), async (count, limit, totals) => {
        const { found } = await walk(limit, true, (page) => ({
          ...pageOf(count, limit, page),
          ...(totals ? { total: count, hasNext: (page + 1) * limit < count } : {}),
        }));
        expect(found).toEqual(all(count));
      }),
    );
  });

  it('takes more rows than asked for as everything', async () => {
    expect(await walk(10, true, () => ({ items: all(25), rows: 25 }))).toEqual({ found: all(25), asked: 1 });
  });

  it('is not held for ever by a platform that repeats a page or promises more', async () => {
    await expect(walk(2, false, () => ({ items: [1, 2], rows: 2 }))).rejects.toMatchObject({
      code: 'malformed-response',
    });
    expect((await walk(2, false, () => ({ items: [], rows: 0, hasNext: true }))).asked).toBe(1);
  });

  it('asks to be tried again when rows went away meanwhile', async () => {
    const shrinking = (page: number) => ({ ...pageOf(20, 10, page), total: page === 0 ? 20 : 19 });
    await expect(walk(10, true, shrinking)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(walk(10, true, () => ({ items: [1], rows: 1, total: 2 }))).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect((await walk(10, false, shrinking)).found).toHaveLength(20);
  });
});
