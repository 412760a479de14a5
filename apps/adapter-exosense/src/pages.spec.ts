import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { overlappingPages } from './pages.ts';

async function read(list: string[], limit: number, between: (list: string[]) => void = () => {}) {
  const found: string[] = [];
  let requests = 0;
  const ask = async (page: { limit: number; offset: number }) => {
    if (requests++ > 0) between(list);
    const items = list.slice(page.offset, page.offset + page.limit);
    return { rows: items.length, items };
  };
  for await (const page of overlappingPages(limit, ask, (id) => id)) found.push(...page);
  return { found, requests };
}

describe('overlapping pages', () => {
  it('bring everything once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 100 }), async (count, limit) => {
        const list = Array.from({ length: count }, (_, n) => `a${n}`);
        expect((await read([...list], limit)).found).toEqual(list);
      }),
    );
  });

  it('miss nothing that is there throughout while a tenth of a page is deleted between two of them', async () => {
    const list = Array.from({ length: 400 }, (_, n) => `a${n}`);
    const { found } = await read([...list], 100, (now) => now.splice(0, 10));
    expect(list.slice(40).filter((id) => !found.includes(id))).toEqual([]);
    expect(new Set(found).size).toBe(found.length);
  });
});
