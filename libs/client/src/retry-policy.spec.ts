import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { retryAfterMs } from './retry-after.ts';
import { defaultRetries, waitMs } from './retry-policy.ts';
import { TributaryError } from './tributary-error.ts';

const failure = (retryAfter: number | undefined) =>
  new TributaryError(
    { method: 'GET', path: '/v1/devices' },
    { code: 'x', detail: 'x', ...(retryAfter === undefined ? {} : { retryAfterMs: retryAfter }) },
  );

describe('the wait before another attempt', () => {
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const asked = fc.option(fc.nat({ max: 100_000 }), { nil: undefined });
  it('is never shorter than was asked for, and never longer by more than the cap', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), asked, chance, (failed, retryAfter, random) => {
        const wait = waitMs(failed, failure(retryAfter), defaultRetries, () => random);
        expect(wait).toBeGreaterThanOrEqual(retryAfter ?? 0);
        expect(wait).toBeLessThanOrEqual((retryAfter ?? 0) + defaultRetries.capMs);
        expect(wait).toBeLessThanOrEqual((retryAfter ?? 0) + defaultRetries.baseMs * 2 ** (failed - 1));
      }),
    );
  });
});

describe('Retry-After', () => {
  const now = Date.UTC(2026, 0, 1);
  const read = (headers: Record<string, string>) => retryAfterMs(new Headers(headers), now);
  it.each<[Record<string, string>, number | undefined]>([
    [{ 'retry-after': '3' }, 3_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT' }, 9_000],
    // By the service's own clock, which is ten hours ahead of ours.
    [{ 'retry-after': 'Thu, 01 Jan 2026 10:00:09 GMT', date: 'Thu, 01 Jan 2026 10:00:00 GMT' }, 9_000],
    [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:00 GMT', date: 'Thu, 01 Jan 2026 10:00:00 GMT' }, 0],
    [{ 'retry-after': 'soon' }, undefined],
    [{}, undefined],
  ])('%j is %p', (headers, ms) => {
    expect(read(headers)).toBe(ms);
  });
});
