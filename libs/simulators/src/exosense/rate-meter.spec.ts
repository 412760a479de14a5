import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ScenarioClock } from '../kit/scenario-clock.ts';
import { defaultOptions } from './options.ts';
import { isRefusal, RateMeter } from './rate-meter.ts';

describe('RateMeter', () => {
  it('never lets more into any window than the limit, and never refuses when there is room', async () => {
    const pauses = fc.array(fc.integer({ min: 0, max: 4_000 }), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(pauses, async (steps) => {
        const clock = new ScenarioClock({ startAt: 0, speed: 0 });
        const meter = new RateMeter(clock, defaultOptions.limits);
        const taken: number[] = [];
        for (const step of steps) {
          await clock.advance(step);
          const at = clock.monotonicMs();
          const inWindow = taken.filter((one) => at - one <= 10_000).length;
          const outcome = meter.admit('t');
          expect(isRefusal(outcome)).toBe(inWindow >= 10);
          if (!isRefusal(outcome)) taken.push(at);
          else expect(outcome.waitMs).toBe((taken.find((one) => at - one <= 10_000) ?? at) + 10_000 - at);
        }
      }),
      { numRuns: 50 },
    );
  });
});
