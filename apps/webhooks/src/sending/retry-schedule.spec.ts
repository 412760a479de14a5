import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { afterFailure, LEAST_ATTEMPTS, type RetryPolicy } from './retry-schedule.ts';

const HOUR = 3_600_000;
const usual: RetryPolicy = { firstMs: 5_000, mostMs: 6 * HOUR, suspendAfterMs: 24 * HOUR };
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** A receiver that never takes anything, until it is not tried any more. */
function history(policy: RetryPolicy, random: () => number, retryAfterMs?: number) {
  const pauses: number[] = [];
  for (let failures = 1, atMs = 0; ; failures += 1) {
    const failure = { outcome: 'refused' as const, failures, failingForMs: atMs, retryAfterMs };
    const verdict = afterFailure(failure, policy, random());
    if (verdict.suspend) return { attempts: failures, lastMs: atMs, pauses, reason: verdict.suspend };
    pauses.push(verdict.retryMs);
    atMs += verdict.retryMs;
  }
}

describe('the retry clock', () => {
  it('tries at least eight times over at least a day, whatever chance adds', () => {
    fc.assert(
      fc.property(fc.array(chance, { minLength: 30, maxLength: 30 }), (jitter) => {
        let n = 0;
        const told = history(usual, () => jitter[n++] ?? 0);
        expect(told.reason).toBe('failing');
        expect(told.attempts).toBeGreaterThanOrEqual(LEAST_ATTEMPTS);
        expect(told.attempts).toBeLessThan(15);
        expect(told.lastMs).toBeGreaterThanOrEqual(24 * HOUR);
        // The last attempt may come one longest pause later, never more.
        expect(told.lastMs).toBeLessThan(24 * HOUR + 1.2 * 6 * HOUR);
        expect(told.pauses[0]).toBeLessThanOrEqual(6_000);
      }),
    );
  });

  it('waits longer each time, up to a limit', () => {
    const { pauses } = history(usual, () => 0);
    expect(pauses.slice(0, 4)).toEqual([5_000, 20_000, 80_000, 320_000]);
    expect(pauses.toSorted((a, b) => a - b)).toEqual(pauses);
    expect(pauses.at(-1)).toBe(6 * HOUR);
  });

  it('never asks sooner than the receiver said, and never gives up before eight attempts', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 24 * HOUR }), fc.integer({ min: 0, max: 1_000 }), (askedMs, suspendMs) => {
        const told = history({ ...usual, suspendAfterMs: suspendMs }, () => 0, askedMs);
        expect(Math.min(...told.pauses)).toBeGreaterThanOrEqual(askedMs);
        expect(told.attempts).toBe(LEAST_ATTEMPTS);
      }),
    );
  });

  it('ends at once with the answer 410', () => {
    const first = { outcome: 'gone' as const, failures: 1, failingForMs: 0 };
    expect(afterFailure(first, usual, 0)).toMatchObject({ suspend: 'gone' });
  });
});
