import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Reading, SignalTrack } from './signal-track.ts';

const LOOK_BACK = 60_000;
const START = Date.UTC(2026, 2, 1);
const at = (...seconds: number[]): Reading[] => seconds.map((s) => ({ tsMs: START + s * 1000, value: s }));
const answer = (readings: Reading[], limit: number, nowMs = START + 1_000_000) => ({
  readings,
  rows: readings.length,
  limit,
  nowMs,
});
const seconds = (readings: readonly Reading[]) => readings.map(({ tsMs }) => (tsMs - START) / 1000);
const tracked = (...before: number[]) => {
  const track = new SignalTrack(undefined, LOOK_BACK);
  track.advance(answer(at(...before), 10));
  return track;
};

describe('how far a signal has been handed on', () => {
  it('hands on what is new, in the order of time, and what came late within the look-back', () => {
    const track = tracked(100, 110, 120);
    expect(seconds(track.look(answer(at(130, 120, 115, 110), 10)).fresh)).toEqual([115, 130]);
    expect(seconds(track.look(answer(at(120, 61, 60, 40), 10)).fresh)).toEqual([61]);
  });

  it('measures the look-back from the last deep look, however many shallow ones came since', () => {
    const track = tracked(100, 110);
    const shallow = answer(at(150, 140, 130, 120, 110), 5);
    expect(track.look(shallow)).toMatchObject({ shallow: true });
    track.advance(shallow);
    // Late by less than the look-back when it came, right after the deep look.
    const deep = answer(at(150, 140, 130, 120, 110, 100, 51, 50), 8);
    expect(seconds(track.look(deep).fresh)).toEqual([51]);
    expect(track.look(deep).shallow).toBe(false);
    expect(track.look(answer(at(150, 140, 130, 120, 110, 100, 51), 7)).shallow).toBe(true);
    track.advance(deep);
    expect(seconds(track.look(answer(at(150, 95, 90), 10)).fresh)).toEqual([95]);
  });

  it('says what is hidden when more is not to be had, and goes on from there', () => {
    const track = tracked(100, 110);
    const most = answer(at(150, 140), 2);
    expect(track.look(most)).toMatchObject({
      gap: { fromMs: START + 110_000, toMs: START + 140_000 },
      hidden: { fromMs: START + 50_000, toMs: START + 110_000 },
    });
    track.advance(most, true);
    expect(track.look(answer(at(160, 90), 2)).shallow).toBe(false);
  });

  it('hands on a value again when it has been corrected', () => {
    const track = tracked(100, 110);
    const corrected = [{ tsMs: START + 100_000, value: 'other' }, ...at(110)];
    expect(track.look(answer(corrected, 10)).fresh).toEqual([corrected[0]]);
  });

  it('sees a gap when a full answer is wholly newer than the watermark, and only then', () => {
    const track = tracked(100);
    expect(track.look(answer(at(130, 120), 2)).gap).toEqual({ fromMs: START + 100_000, toMs: START + 120_000 });
    expect(track.look(answer(at(130, 120), 3)).gap).toBeUndefined();
    expect(track.look(answer(at(130, 100), 2)).gap).toBeUndefined();
    // Rows that could not be read count: they may have been the ones that overlap.
    expect(track.look({ ...answer(at(130, 120), 3), rows: 3 }).gap).toBeDefined();
  });

  it('changes nothing by looking', () => {
    const track = tracked(100);
    track.look(answer(at(130, 120), 2));
    expect(track.watermarkMs).toBe(START + 100_000);
    expect(seconds(track.look(answer(at(130, 120), 3)).fresh)).toEqual([120, 130]);
  });

  it('measures a gap from where everything was handed on, when it remembers nothing of its own', () => {
    const track = new SignalTrack(START + 170_000, LOOK_BACK);
    expect(track.look(answer(at(130, 120), 2)).gap).toEqual({ fromMs: START + 110_000, toMs: START + 120_000 });
    // A device's clock may be behind: what the answer holds is handed on, however old.
    expect(seconds(track.look(answer(at(20, 10), 3)).fresh)).toEqual([10, 20]);
    expect(new SignalTrack(undefined, LOOK_BACK).look(answer(at(130, 120), 2)).gap).toBeUndefined();
  });

  it('says that a full answer may hide what came late', () => {
    expect(tracked(100).look(answer(at(130, 100), 2)).shallow).toBe(true);
    expect(tracked(100).look(answer(at(130, 40), 2)).shallow).toBe(false);
  });

  it('is not led astray by points dated far ahead', () => {
    const nowMs = START + 130_000;
    const track = tracked(100);
    track.advance(answer(at(110, 900_000), 10, nowMs));
    expect(track.watermarkMs).toBe(START + 110_000);
    // Where the device's clock is ahead altogether its points are all there is; set right, it is heard again.
    track.advance(answer(at(900_000, 900_010), 10, nowMs));
    expect(seconds(track.look(answer(at(140), 10, nowMs + 10_000)).fresh)).toEqual([140]);
    track.advance(answer(at(140), 10, nowMs + 10_000));
    expect(track.watermarkMs).toBe(START + 140_000);
  });

  it('loses nothing and repeats nothing, as long as it says that there is no gap', () => {
    const steps = fc.array(
      fc.record({ points: fc.nat(12), late: fc.nat(50), limit: fc.integer({ min: 1, max: 12 }) }),
      {
        maxLength: 30,
      },
    );
    fc.assert(
      fc.property(steps, (list) => {
        const all = new Map<number, Reading>();
        const handed = new Set<number>();
        const track = new SignalTrack(START - 1, LOOK_BACK);
        let second = 0;
        for (const { points, late, limit } of list) {
          for (let n = 0; n < points; n++) {
            second += 3;
            const reading: Reading = { tsMs: START + second * 1000, value: second };
            all.set(reading.tsMs, reading);
          }
          const lateMs = START + (second - late) * 1000 + 500;
          const hidden = points === 0 && lateMs >= START ? lateMs : undefined;
          if (hidden !== undefined) all.set(hidden, { tsMs: hidden, value: 'late' });
          for (let ask = limit; ; ask *= 4) {
            const newest = [...all.values()].toSorted((a, b) => b.tsMs - a.tsMs).slice(0, ask);
            const asked = { readings: newest, rows: newest.length, limit: ask, nowMs: START + second * 1000 };
            const found = track.look(asked);
            if (found.gap || found.shallow) continue;
            for (const { tsMs } of found.fresh) {
              expect(handed.has(tsMs)).toBe(false);
              handed.add(tsMs);
            }
            track.advance(asked);
            break;
          }
          expect([...all.keys()].filter((tsMs) => !handed.has(tsMs))).toEqual([]);
        }
      }),
    );
  });

  it('loses nothing that is late by the look-back at most, whatever the mix of shallow and deep looks', () => {
    const late = fc.array(fc.nat(59), { maxLength: 3 });
    const step = fc.record({ points: fc.nat(8), late, limit: fc.integer({ min: 1, max: 12 }), deep: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (list) => {
        const platform = new Map<number, Reading>();
        const handed = new Set<number>();
        const track = new SignalTrack(START - 1, LOOK_BACK);
        let second = 0;
        const arrive = (tsMs: number) => platform.set(tsMs, platform.get(tsMs) ?? { tsMs, value: second });
        for (const { points, late: lates, limit, deep } of list) {
          for (let n = 0; n < points; n += 1) {
            second += 3;
            arrive(START + second * 1000);
          }
          for (const by of lates) arrive(START + Math.max(0, second - by) * 1000 - (second > by ? 500 : 0));
          const whole = lookAt(track, platform, { limit, deep, nowMs: START + second * 1000 }, handed);
          if (whole) expect([...platform.keys()].filter((tsMs) => !handed.has(tsMs))).toEqual([]);
        }
      }),
    );
  });
});

/** Asks for more until there is no gap, and for a deep look until it reaches back; says whether it did. */
function lookAt(
  track: SignalTrack,
  platform: ReadonlyMap<number, Reading>,
  { limit, deep, nowMs }: { limit: number; deep: boolean; nowMs: number },
  handed: Set<number>,
): boolean {
  const sorted = [...platform.values()].toSorted((a, b) => b.tsMs - a.tsMs);
  for (let ask = limit; ; ask *= 4) {
    const readings = sorted.slice(0, ask);
    const asked = { readings, rows: readings.length, limit: ask, nowMs };
    const { fresh, gap, shallow } = track.look(asked);
    if (gap || (deep && shallow)) continue;
    for (const { tsMs } of fresh) {
      expect(handed.has(tsMs)).toBe(false);
      handed.add(tsMs);
    }
    track.advance(asked);
    return !shallow;
  }
}
