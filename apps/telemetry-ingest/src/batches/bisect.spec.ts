import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { storeOrFindGuilty } from './bisect.ts';
import { RefusedByDatabase } from './storage-gate.ts';

describe('storeOrFindGuilty', () => {
  it('refuses exactly the guilty and stores all others once, however they are mixed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 200 }), async (guilty) => {
        const stored: number[] = [];
        let attempts = 0;
        const refused = await storeOrFindGuilty([...guilty.keys()], async (items) => {
          attempts += 1;
          if (items.some((i) => guilty[i]))
            throw new RefusedByDatabase(Object.assign(new Error('x'), { code: '22003' }));
          stored.push(...items);
        });
        const bad = guilty.flatMap((is, i) => (is ? [i] : []));
        expect(refused.map((r) => r.item)).toEqual(bad);
        expect(refused.every((r) => r.sqlState === '22003')).toBe(true);
        expect(stored).toEqual(guilty.flatMap((is, i) => (is ? [] : [i])));
        const perGuilty = 2 * Math.ceil(Math.log2(Math.max(2, guilty.length))) + 1;
        expect(attempts).toBeLessThanOrEqual(1 + bad.length * perGuilty);
      }),
    );
  });

  it('passes on what is nobody’s fault', async () => {
    const away = new Error('aborted');
    await expect(storeOrFindGuilty([1, 2], () => Promise.reject(away))).rejects.toBe(away);
  });
});
