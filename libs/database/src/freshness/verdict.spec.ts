import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { staleAfterMs } from './cadence.ts';
import { judge } from './verdict.ts';

const NOW = 1_700_000_000_000;
const cadence = (everyMs: number) => ({ everyMs, slowMs: everyMs, samples: 20 });
const one = (everyMs: number, ageMs: number, id = 1) => ({ id, observedMs: NOW - ageMs, cadence: cadence(everyMs) });

describe('judging a device', () => {
  it('is silent from the moment it is due, and not before', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000, max: 86_400_000 }), fc.integer({ min: 0, max: 9 }), (everyMs, tenths) => {
        const due = staleAfterMs(cadence(everyMs));
        const device = { series: [one(everyMs, 0)], notBeforeMs: 0 };
        expect(judge(device, NOW + Math.floor((due * tenths) / 10))?.silent).toBe(false);
        expect(judge(device, NOW + due)).toMatchObject({ silent: true, dueMs: NOW + due, sinceMs: NOW });
      }),
    );
  });

  it('expects what the fastest living series did; one that ended long ago makes nobody late', () => {
    const fast = one(1_000, 0, 1);
    const slow = one(600_000, 0, 2);
    expect(judge({ series: [slow, fast], notBeforeMs: 0 }, NOW)?.everyMs).toBe(1_000);
    const ended = one(1_000, 300_000, 1);
    expect(judge({ series: [slow, ended], notBeforeMs: 0 }, NOW + 60_000)).toMatchObject({
      everyMs: 600_000,
      silent: false,
    });
  });

  it('blames nobody for what was before the watch began', () => {
    const device = { series: [one(1_000, 60_000)], notBeforeMs: NOW };
    expect(judge(device, NOW + 1_000)?.silent).toBe(false);
    expect(judge(device, NOW + 10_000)?.silent).toBe(true);
  });

  it('takes the platform’s word before what was learned, and a setting before both', () => {
    const device = { series: [one(1_000, 30_000)], notBeforeMs: 0, declaredMs: 60_000 };
    expect(judge(device, NOW)).toMatchObject({ source: 'declared', everyMs: 60_000, silent: false });
    expect(judge({ ...device, settingMs: 20_000 }, NOW)).toMatchObject({ source: 'setting', silent: true });
  });

  it('says nothing while nothing is known', () => {
    expect(judge({ series: [], notBeforeMs: 0 }, NOW)).toBeUndefined();
    expect(judge({ series: [{ id: 1, observedMs: NOW }], notBeforeMs: 0 }, NOW)).toBeUndefined();
  });
});
