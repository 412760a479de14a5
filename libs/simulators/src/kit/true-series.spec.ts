import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ComputedPast } from './computed-past.ts';
import { GroundTruth } from './ground-truth.ts';

/** Ten values of one series, at 0, 10, … 90; the third is missing. */
function past(): ComputedPast {
  let from = 0;
  const all = Array.from({ length: 10 }, (_, i) => ({ ts: i * 10, value: i })).filter(({ value }) => value !== 3);
  const known = () => all.filter(({ ts }) => ts >= from);
  return {
    devices: () => ['d'],
    signals: () => ['s'],
    values: (_device, _signal, first, end) => known().filter(({ ts }) => ts >= first && ts < end),
    valueAt: (_device, _signal, at) => known().find(({ ts }) => ts === at)?.value,
    latest: () => known().at(-1),
    count: () => known().length,
    forgetBefore: (ts) => {
      from = Math.max(from, ts);
    },
  };
}

const points = (truth: GroundTruth) => [...truth.points()].map(({ ts, value }) => [ts, value]);

describe('a ground truth with a computed past', () => {
  it('has its values in their order, although nothing was written', () => {
    const truth = new GroundTruth();
    truth.beginWith(past());
    expect(truth.counts()).toMatchObject({ writes: 9, points: 9, series: 1, devices: 1 });
    expect(points(truth)).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 9].map((i) => [i * 10, i]));
    expect(truth.latest()).toMatchObject([{ ts: 90, value: 9 }]);
    expect(truth.revisions('d', 's', 20)).toEqual([{ value: 2, order: 0 }]);
  });

  it('knows a write over a computed value as a correction, or as a repetition, and a gap as a gap', () => {
    const truth = new GroundTruth();
    truth.beginWith(past());
    expect(truth.record('d', 's', 20, 99)).toBe('correction');
    expect(truth.record('d', 's', 40, 4)).toBe('duplicate');
    expect(truth.record('d', 's', 30, 7)).toBe('new');
    const counts = truth.counts();
    expect(counts).toMatchObject({ points: 10, duplicates: 1, corrections: 1, outOfOrder: 3, writes: 12 });
    expect(counts.writes).toBe(counts.points + counts.duplicates + counts.corrections);
    expect(truth.revisions('d', 's', 20).map(({ value }) => value)).toEqual([2, 99]);
    expect([...truth.corrected()].map(({ ts }) => ts)).toEqual([20]);
  });

  it('agrees with a truth that was told everything, whatever is written and forgotten', () => {
    const write = fc.tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 0, max: 3 }));
    fc.assert(
      fc.property(fc.array(write), fc.integer({ min: 0, max: 150 }), fc.array(write), (early, forget, later) => {
        const [computed, told] = [new GroundTruth(), new GroundTruth()];
        computed.beginWith(past());
        for (const { ts, value } of past().values('d', 's', 0, 1_000)) told.record('d', 's', ts, value);
        for (const truth of [computed, told]) {
          for (const [at, value] of early) truth.record('d', 's', at * 10, value);
          truth.forgetBefore(forget);
          for (const [at, value] of later) truth.record('d', 's', at * 10, value);
        }
        expect(points(computed)).toEqual(points(told));
        const { points: count, forgotten, duplicates, corrections } = told.counts();
        expect(computed.counts()).toMatchObject({ points: count, forgotten, duplicates, corrections });
      }),
    );
  });
});
