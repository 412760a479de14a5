import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cutGap, usualCost } from './cut-parts.ts';

const gap = fc
  .record({ fromMs: fc.integer({ min: 0, max: 1e12 }), lengthMs: fc.integer({ min: 1, max: 1e10 }) })
  .map(({ fromMs, lengthMs }) => ({ fromMs, toMs: fromMs + lengthMs }));

const platform = fc.record({
  msPerCall: fc.integer({ min: 1, max: 1e9 }),
  stepMs: fc.option(fc.oneof(fc.integer({ min: 1, max: 1e8 }), fc.double({ min: 0, max: 10, noNaN: true })), {
    nil: undefined,
  }),
});

const costs =
  ({ msPerCall, stepMs }: { msPerCall: number; stepMs: number | undefined }) =>
  ({ fromMs, toMs }: { fromMs: number; toMs: number }) => ({
    calls: Math.ceil((toMs - fromMs) / msPerCall),
    ...(stepMs === undefined ? {} : { stepMs }),
  });

describe('cutting a gap', () => {
  it('tiles it, in the order of time, with parts of whole milliseconds that overlap nowhere', () => {
    fc.assert(
      fc.property(gap, platform, (range, costly) => {
        const parts = cutGap(range, costs(costly));
        expect(parts[0]?.fromMs).toBe(range.fromMs);
        expect(parts.at(-1)?.toMs).toBe(range.toMs);
        for (const [at, part] of parts.entries()) {
          expect(part.toMs).toBeGreaterThan(part.fromMs);
          expect(Number.isInteger(part.toMs)).toBe(true);
          expect(part.calls).toBeGreaterThanOrEqual(1);
          if (at > 0) expect(part.fromMs).toBe(parts[at - 1]?.toMs);
        }
      }),
    );
  });

  it('makes few parts, each of a bounded number of calls unless the gap is enormous', () => {
    fc.assert(
      fc.property(gap, fc.integer({ min: 1, max: 1e9 }), (range, msPerCall) => {
        const parts = cutGap(range, costs({ msPerCall, stepMs: undefined }));
        expect(parts.length).toBeLessThanOrEqual(200);
        const calls = Math.ceil((range.toMs - range.fromMs) / msPerCall);
        if (calls <= 4_000) for (const part of parts) expect(part.calls).toBeLessThanOrEqual(21);
      }),
    );
  });

  it('cuts at multiples of what one call reads, so that none is wasted', () => {
    fc.assert(
      fc.property(gap, fc.integer({ min: 1_000, max: 1e8 }), (range, stepMs) => {
        const parts = cutGap(range, costs({ msPerCall: stepMs, stepMs }));
        const calls = parts.reduce((sum, part) => sum + part.calls, 0);
        expect(calls).toBe(Math.ceil((range.toMs - range.fromMs) / stepMs));
      }),
    );
  });

  it('makes nothing of an empty gap', () => {
    expect(cutGap({ fromMs: 5, toMs: 5 }, usualCost)).toEqual([]);
  });
});
