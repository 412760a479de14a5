import { describe, expect, it } from '@jest/globals';
import { MOST_READS, turnOf } from './repair-rest.ts';

const MINUTE = 60_000;
const part = { subject: 'dev_a', fromMs: 100, toMs: 200 };
const ended = (endedMs: number, more: object = {}) => ({ ...part, endedMs, ...more });

describe('a range that is still missing after a repair', () => {
  it('is read at once where nothing of it was, whatever else was', () => {
    const others = [
      ended(0, { subject: 'dev_b' }),
      ended(0, { fromMs: 200, toMs: 300 }),
      ended(0, { toMs: 100, fromMs: 0 }),
    ];
    expect(turnOf(part, [], 0)).toBe('now');
    expect(turnOf(part, others, 0)).toBe('now');
  });

  it('is left alone for longer each time, up to an hour', () => {
    for (const [reads, pauseMs] of [
      [1, MINUTE],
      [2, 2 * MINUTE],
      [5, 16 * MINUTE],
    ] as const) {
      const lately = Array.from({ length: reads }, (_, n) => ended(-n));
      expect([turnOf(part, lately, pauseMs - 1), turnOf(part, lately, pauseMs)]).toEqual(['later', 'now']);
    }
  });

  it('is given up in the end', () => {
    const lately = Array.from({ length: MOST_READS }, () => ended(0, { fromMs: 150, toMs: 160 }));
    expect(turnOf(part, lately, 1e12)).toBe('never');
  });
});
