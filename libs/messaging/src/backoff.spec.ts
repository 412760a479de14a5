import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fullJitterMs } from './backoff.ts';

describe('full jitter', () => {
  it('stays between 0 and the cap, and grows by doubling', () => {
    fc.assert(
      fc.property(fc.nat(1_000), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, chance) => {
        const ms = fullJitterMs(attempt, { baseMs: 250, capMs: 10_000 }, () => chance);
        expect(ms).toBeGreaterThanOrEqual(0);
        expect(ms).toBeLessThan(Math.min(10_000, 250 * 2 ** attempt) + 1e-9);
      }),
    );
    const half = (attempt: number) => fullJitterMs(attempt, { baseMs: 100, capMs: 1_000 }, () => 0.5);
    expect([0, 1, 2, 3, 4].map(half)).toEqual([50, 100, 200, 400, 500]);
  });
});
