import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CoverageInterval } from '../coverage/judge.ts';
import { gapsIn } from './gaps.ts';

const interval = fc.record({
  length: fc.integer({ min: 1, max: 5 }),
  state: fc.constantFrom('complete', 'partial', 'missing', 'pending', 'unrecoverable'),
  source: fc.constantFrom('points', 'backfill'),
});

/** Intervals that tile a frame, as they come from coverage. */
const tiles = fc.array(interval, { maxLength: 30 }).map((list) => {
  let at = 0;
  return list.map(({ length, ...rest }) => {
    const fromMs = at;
    at += length;
    return { ...rest, fromMs, toMs: at } as CoverageInterval;
  });
});

describe('gaps', () => {
  it('are, instant by instant, what is neither complete, nor pending, nor given up', () => {
    fc.assert(
      fc.property(tiles, (intervals) => {
        const { toRead, lost } = gapsIn(intervals);
        const within = (list: readonly { fromMs: number; toMs: number }[], ms: number) =>
          list.filter(({ fromMs, toMs }) => fromMs <= ms && ms < toMs).length;
        for (let ms = 0; ms < (intervals.at(-1)?.toMs ?? 0); ms += 1) {
          const { state, source } = intervals.find(({ fromMs, toMs }) => fromMs <= ms && ms < toMs) as CoverageInterval;
          const gap = state === 'missing' || (state === 'partial' && source !== 'backfill');
          const gone = state === 'unrecoverable' || (state === 'partial' && source === 'backfill');
          expect([within(toRead, ms), within(lost, ms)]).toEqual([gap ? 1 : 0, gone ? 1 : 0]);
        }
      }),
    );
  });

  it('do not touch each other', () => {
    fc.assert(
      fc.property(tiles, (intervals) => {
        const { toRead } = gapsIn(intervals);
        for (const [at, gap] of toRead.slice(1).entries()) expect(gap.fromMs).toBeGreaterThan(toRead[at]?.toMs ?? 0);
      }),
    );
  });
});
