import { describe, expect, it } from '@jest/globals';
import { planRanges } from './telemetry.ts';

const row = (key: string, ts: number) => ({ key, ts, value: 1 });
const starts = { deep: true, fromMs: 1000, deepFromMs: 700 };

describe('planRanges', () => {
  it('reads the look-back of signals that speak, and nothing of those that are silent', () => {
    const before = new Map([
      ['steady', 1100],
      ['silent', 200],
    ]);
    expect(planRanges([row('steady', 1200), row('silent', 200)], before, starts)).toEqual([
      { keys: ['steady'], fromMs: 1000 },
    ]);
  });

  it('reads a signal that returns from where it fell silent', () => {
    const before = new Map([
      ['steady', 1100],
      ['back', 300],
      ['back too', 500],
    ]);
    const latest = [row('steady', 1200), row('back', 1200), row('back too', 1300)];
    expect(planRanges(latest, before, starts)).toEqual([
      { keys: ['steady'], fromMs: 1000 },
      { keys: ['back', 'back too'], fromMs: 301 },
    ]);
  });

  it('reads a signal that is new with the whole look-back', () => {
    const before = new Map([['steady', 1100]]);
    expect(planRanges([row('new', 800)], before, starts)).toEqual([{ keys: ['new'], fromMs: 700 }]);
    expect(planRanges([row('new', 600)], before, starts)).toEqual([]);
  });

  it('asks for nothing between deep looks when nothing is newer', () => {
    const before = new Map([
      ['a', 1100],
      ['b', 1100],
    ]);
    const shallow = { ...starts, deep: false };
    expect(planRanges([row('a', 1100), row('b', 1100)], before, shallow)).toEqual([]);
    expect(planRanges([row('a', 1100), row('b', 1200)], before, shallow)).toEqual([{ keys: ['b'], fromMs: 1000 }]);
  });

  it('reads everything recent at a first look', () => {
    const first = { deep: true, fromMs: 700, deepFromMs: 700 };
    expect(planRanges([row('a', 800), row('b', 100)], undefined, first)).toEqual([{ keys: ['a'], fromMs: 700 }]);
  });
});
