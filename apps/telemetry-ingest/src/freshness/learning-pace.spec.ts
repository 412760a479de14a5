import { describe, expect, it } from '@jest/globals';
import type { DueDevice } from '@tributary/database';
import { LearningPace } from './learning-pace.ts';

const EVERY_MS = 10_000;
const device = { firstSeenMs: 0 } as DueDevice;
const known = (samples: number) => ({
  id: 1,
  observedMs: 10_000_000,
  cadence: { everyMs: EVERY_MS, slowMs: EVERY_MS, samples },
  learnedMs: 1_000_000,
});

describe('how often a habit is learned', () => {
  it('soon while it is a first guess, and once in 120 intervals when it is known', () => {
    const pace = new LearningPace(1_000);
    const isDue = (samples: number, afterMs: number) => pace.isDue(known(samples), device, 1_000_000 + afterMs);
    expect([isDue(5, 5 * EVERY_MS - 1), isDue(5, 5 * EVERY_MS)]).toEqual([false, true]);
    expect([isDue(47, 119 * EVERY_MS), isDue(47, 120 * EVERY_MS)]).toEqual([false, true]);
  });

  it('not at all while nothing new has come', () => {
    const pace = new LearningPace(1_000);
    expect(pace.isDue({ ...known(47), observedMs: 1_000_000 }, device, 10_000_000)).toBe(false);
  });
});
