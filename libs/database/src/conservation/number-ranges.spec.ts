import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  common,
  formatRanges,
  leastMissing,
  minus,
  NO_NUMBERS,
  numbersIn,
  parseRanges,
  rangesOf,
  sizeOf,
  union,
} from './number-ranges.ts';

const ranges = fc
  .array(fc.tuple(fc.nat(40), fc.nat(8)), { maxLength: 8 })
  .map((list) => rangesOf(list.map(([from, size]) => [from, from + size])));
const setOf = (of: Parameters<typeof numbersIn>[0]) => new Set(numbersIn(of));
const sorted = (numbers: Iterable<number>) => [...numbers].toSorted((a, b) => a - b);

describe('sets of numbers as ranges', () => {
  it('behave like sets of numbers', () => {
    fc.assert(
      fc.property(ranges, ranges, (a, b) => {
        const [left, right] = [setOf(a), setOf(b)];
        expect([...numbersIn(union(a, b))]).toEqual(sorted(new Set([...left, ...right])));
        expect([...numbersIn(minus(a, b))]).toEqual(sorted([...left].filter((number) => !right.has(number))));
        expect([...numbersIn(common(a, b))]).toEqual(sorted([...left].filter((number) => right.has(number))));
        expect(sizeOf(a)).toBe(left.size);
        const least = leastMissing(a);
        expect(left.has(least)).toBe(false);
        expect(sorted(left).slice(0, least)).toEqual(Array.from({ length: least }, (_, i) => i));
      }),
    );
  });

  it('have one form, whatever they were made of, and survive being written', () => {
    fc.assert(
      fc.property(ranges, ranges, (a, b) => {
        expect(union(minus(a, b), common(a, b))).toEqual(a);
        expect(parseRanges(formatRanges(a))).toEqual(a);
      }),
    );
    expect(formatRanges(NO_NUMBERS)).toBe('{}');
    expect(
      rangesOf([
        [3, 5],
        [0, 3],
        [7, 7],
      ]),
    ).toEqual([[0, 5]]);
  });

  it.each(['', '[0,1)', '{(0,1)}', '{[a,b)}', '{[0,)}', '{[-1,2)}'])('are not read from %p', (text) => {
    expect(() => parseRanges(text)).toThrow(RangeError);
  });
});
