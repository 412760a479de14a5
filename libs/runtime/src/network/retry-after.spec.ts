import { describe, expect, it } from '@jest/globals';
import { retryAfterMs } from './retry-after.ts';

describe('Retry-After', () => {
  it.each([
    ['5', 5_000],
    ['0.5', 500],
    ['86400', 900_000],
    ['Thu, 01 Jan 1970 00:00:30 GMT', 20_000],
    ['Thu, 01 Jan 1970 00:00:05 GMT', 0],
    ['soon', undefined],
    ['', undefined],
  ])('%p is %p ms', (text, expected) => {
    expect(retryAfterMs({ 'retry-after': text }, 10_000)).toBe(expected);
  });
});
