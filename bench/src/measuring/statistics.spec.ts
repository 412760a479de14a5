import { describe, expect, it } from '@jest/globals';
import { pairedRatios, percentile, spreadOf } from './statistics.ts';

describe('statistics of rounds', () => {
  it('takes the middle of an odd number and the mean of the middle two of an even number', () => {
    expect(spreadOf([5, 1, 3])).toEqual({ median: 3, least: 1, most: 5 });
    expect(percentile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(() => spreadOf([])).toThrow(RangeError);
  });

  it('divides round by round', () => {
    expect(pairedRatios([2, 9], [4, 3])).toEqual([0.5, 3]);
  });
});
