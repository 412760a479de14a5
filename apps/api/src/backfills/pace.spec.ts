import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isoDuration, paceOf } from './pace.ts';

const budget = {
  name: 'requests',
  unit: 'requests',
  limit: 10,
  windowMs: 10_000,
  spent: 3,
  left: 7,
  byLane: { live: 3 },
  reserved: { command: 2, auth: 1 },
  documented: true,
};

describe('how long a backfill takes', () => {
  it('is what is left of each window once others have theirs', () => {
    // 10 in 10 s, 3 reserved and 3 spent by polls: 4 a window; the first four go at once.
    expect(paceOf(40, [budget], undefined)).toMatchObject({ ms: 90_000 });
  });

  it('counts what a reserved lane spends instead of its share, where that is more', () => {
    const busy = { ...budget, byLane: { live: 3, command: 4, backfill: 5 } };
    expect(paceOf(40, [busy], undefined).ms).toBe((40 / 2 - 1) * 10_000);
  });

  it('stands still for nobody: where others take everything, a twentieth is counted on', () => {
    const full = { ...budget, byLane: { live: 10 } };
    expect(paceOf(10, [full], undefined).ms).toBe((10 / 0.5 - 1) * 10_000);
  });

  it('is that of the budget that the calls spend, and of the slowest one where that is not said', () => {
    const uploads = { ...budget, name: 'uploads', unit: 'uploads', limit: 1_000 };
    const slow = { ...budget, name: 'slow', windowMs: 60_000 };
    expect(paceOf(40, [budget, uploads, slow], undefined).ms).toBe(540_000);
    expect(paceOf(40, [budget, uploads, slow], 'requests').ms).toBe(90_000);
    expect(paceOf(40, [], undefined).ms).toBe(10_000);
  });

  it('is written as ISO 8601, and can be read back to the second', () => {
    expect([0, 999, 61_000, 3_600_000, 90_061_000].map(isoDuration)).toEqual([
      'PT0S',
      'PT1S',
      'PT1M1S',
      'PT1H',
      'P1DT1H1M1S',
    ]);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e7 }), (seconds) => {
        const text = isoDuration(seconds * 1_000);
        const unit = (of: string, letter: string) => Number(new RegExp(`(\\d+)${letter}`).exec(of)?.[1] ?? 0);
        const [days = '', time = ''] = text.split('T');
        const read = ((unit(days, 'D') * 24 + unit(time, 'H')) * 60 + unit(time, 'M')) * 60 + unit(time, 'S');
        expect(read).toBe(seconds);
      }),
    );
  });
});
