import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Gaps } from './telemetry.gaps.ts';
import { type Gap, gapKey, merged, readTailState, writeTailState } from './telemetry.state.ts';

const anyGap = fc
  .record({
    fromMs: fc.integer({ min: 1, max: 1e12 }),
    lengthMs: fc.integer({ min: 1, max: 1e9 }),
    stream: fc.option(fc.constantFrom('A', 'B')),
  })
  .map(({ fromMs, lengthMs, stream }): Gap => ({ fromMs, toMs: fromMs + lengthMs, ...(stream ? { stream } : {}) }));

const covers = (gap: Gap, other: Gap) =>
  gap.fromMs <= other.fromMs && gap.toMs >= other.toMs && (gap.stream === undefined || gap.stream === other.stream);

describe('the state of the tail', () => {
  it('comes back from its checkpoint as it was', () => {
    const marks = fc.dictionary(fc.stringMatching(/^[A-Za-z]{1,9}$/), fc.integer());
    fc.assert(
      fc.property(marks, fc.array(anyGap, { maxLength: 8 }), fc.integer(), (watermarks, gaps, cycleMs) => {
        const state = { cycleMs, watermarks: new Map(Object.entries(watermarks)), gaps: merged(gaps) };
        expect(readTailState(writeTailState(state))).toEqual(state);
      }),
    );
  });

  it('forgets no missed time, however many gaps there are', () => {
    fc.assert(
      fc.property(fc.array(anyGap, { maxLength: 30 }), (gaps) => {
        const kept = merged(gaps);
        expect(kept.length).toBeLessThanOrEqual(8);
        for (const gap of gaps) expect(kept.some((one) => covers(one, gap))).toBe(true);
      }),
    );
  });

  it('reads nothing out of what is no state', () => {
    expect(readTailState({ 'gap0.from': 5, 'gap0.to': 4, 'w.A': 'x', cycle: 'y' })).toEqual({
      watermarks: new Map(),
      gaps: [],
    });
  });
});

describe('gaps', () => {
  const [old, recent] = [
    { fromMs: 10, toMs: 20 },
    { fromMs: 30, toMs: 40 },
  ];

  it('are worked on from the newest, and held until the tail has let them go', () => {
    const gaps = new Gaps();
    expect(gaps.hold([old, recent])).toEqual([old, recent]);
    expect(gaps.next()).toEqual(recent);
    gaps.close(gapKey(recent));
    expect(gaps.next()).toEqual(old);
    expect(gaps.isHeld(gapKey(recent))).toBe(true);
    expect(gaps.hold([old, recent])).toEqual([old]);
    expect(gaps.hold([old])).toEqual([old]);
    expect(gaps.isHeld(gapKey(recent))).toBe(false);
  });

  it('that nobody holds are not closed ahead', () => {
    const gaps = new Gaps();
    gaps.close(gapKey(old));
    expect(gaps.hold([old])).toEqual([old]);
  });
});
