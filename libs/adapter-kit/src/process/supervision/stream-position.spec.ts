import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readIntervals, writeIntervals } from './stream-intervals.ts';
import { StreamPosition } from './stream-position.ts';

describe('StreamPosition', () => {
  it('never passes an item that is not confirmed, in whatever order confirms come', () => {
    const orders = fc.integer({ min: 1, max: 40 }).chain((count) => {
      const all = Array.from({ length: count }, (_, n) => n);
      return fc.tuple(fc.shuffledSubarray(all, { minLength: 0, maxLength: count }), fc.constant(count));
    });
    fc.assert(
      fc.property(orders, ([confirmed, count]) => {
        const position = new StreamPosition();
        position.begin(0);
        const confirms = Array.from({ length: count }, (_, n) => position.received((n + 1) * 10));
        for (const n of confirmed) confirms[n]?.();
        const done = new Set(confirmed);
        const firstOpen = Array.from({ length: count }, (_, n) => n).find((n) => !done.has(n)) ?? count;
        expect(position.seenMs).toBe(firstOpen * 10);
      }),
    );
  });

  it('moves on in silence only where nothing waits, and only as far as silence is proven', () => {
    const position = new StreamPosition();
    position.begin(0);
    position.quiet(100_000);
    expect(position.seenMs).toBe(40_000);
    const confirmed = position.received(110_000);
    position.quiet(1_000_000);
    expect(position.seenMs).toBe(40_000);
    confirmed();
    expect(position.seenMs).toBe(110_000);
  });

  it('gives up what waited when the stream is opened again', () => {
    const position = new StreamPosition();
    position.resume(5);
    expect(position.begin(100)).toBe(5);
    const late = position.received(110);
    expect(position.begin(200)).toBe(100);
    late();
    expect(position.seenMs).toBe(200);
  });
});

describe('intervals on record', () => {
  const interval = fc
    .tuple(fc.nat(1_000_000), fc.integer({ min: 1, max: 5_000 }))
    .map(([fromMs, length]) => ({ fromMs, toMs: fromMs + length }));

  it('cover what they were, are few, and do not overlap', () => {
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 60 }), (given) => {
        const read = readIntervals(writeIntervals(given));
        expect(read.length).toBeLessThanOrEqual(16);
        for (const { fromMs, toMs } of given) {
          expect(read.some((found) => found.fromMs <= fromMs && toMs <= found.toMs)).toBe(true);
        }
        for (const [at, next] of read.slice(1).entries()) expect(next.fromMs).toBeGreaterThan(read[at]?.toMs ?? 0);
      }),
    );
  });

  it('pass over what is not one', () => {
    expect(readIntervals('1-2 x 3-  9-12')).toEqual([
      { fromMs: 1, toMs: 2 },
      { fromMs: 9, toMs: 12 },
    ]);
    expect(readIntervals(undefined)).toEqual([]);
  });
});
