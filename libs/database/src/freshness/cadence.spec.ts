import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Arrival, type Interruption, LEAST_SAMPLES, learnCadence, staleAfterMs } from './cadence.ts';

const START = 1_700_000_000_000;
const HOUR = 3_600_000;

/** Points at these times, each in a message of its own. */
const live = (times: readonly number[]): Arrival[] => times.map((tsMs, message) => ({ tsMs, message }));
const steady = (everyMs: number, count: number, from = START): number[] =>
  Array.from({ length: count }, (_, i) => from + i * everyMs);
const every = fc.integer({ min: 500, max: HOUR });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const learned = (arrivals: readonly Arrival[], interruptions: readonly Interruption[] = []) => {
  const cadence = learnCadence(arrivals, interruptions);
  if (!cadence) throw new Error('nothing was learned');
  return cadence;
};

describe('learning how often something comes', () => {
  it('steady: exactly that, in whatever order the points are given', () => {
    fc.assert(
      fc.property(every, fc.integer({ min: LEAST_SAMPLES + 1, max: 48 }), (everyMs, count) => {
        const arrivals = live(steady(everyMs, count));
        expect(learned(arrivals)).toEqual({ everyMs, slowMs: everyMs, samples: count - 1 });
        expect(learned(arrivals.toReversed())).toEqual(learned(arrivals));
      }),
    );
  });

  it('jittered: within the jitter, and a source that is slower by half with jitter of its own is not late', () => {
    const jitters = fc.array(share, { minLength: 40, maxLength: 48 });
    fc.assert(
      fc.property(every, jitters, share, (everyMs, moves, worst) => {
        const times = steady(everyMs, moves.length).map((ts, i) => ts + (moves[i] ?? 0) * 0.2 * everyMs);
        const cadence = learned(live(times));
        expect(cadence.everyMs).toBeGreaterThan(everyMs * 0.79);
        expect(cadence.slowMs).toBeLessThan(everyMs * 1.21);
        const slow = everyMs * 1.5 * (1 + (worst - 0.5) * 0.2);
        expect(staleAfterMs(cadence)).toBeGreaterThan(slow);
      }),
    );
  });

  it('bursty: a source that sends a pile now and then is not late between two piles', () => {
    const piles = fc.record({
      size: fc.integer({ min: 2, max: 8 }),
      betweenMs: fc.integer({ min: 60_000, max: HOUR }),
    });
    fc.assert(
      fc.property(piles, ({ size, betweenMs }) => {
        const arrivals = Array.from({ length: 48 }, (_, i) => {
          const pile = Math.floor(i / size);
          const sentMs = START + pile * betweenMs;
          return { tsMs: sentMs - (size - (i % size)) * 1_000, message: pile };
        });
        expect(staleAfterMs(learned(arrivals))).toBeGreaterThan(betweenMs);
      }),
    );
  });

  it('day and night: a few nights do not make the day slow', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000, max: 600_000 }), fc.integer({ min: 1, max: 2 }), (everyMs, nights) => {
        const times = steady(everyMs, 48).map((ts, i) => ts + Math.floor((i * (nights + 1)) / 48) * 10 * HOUR);
        expect(learned(live(times)).everyMs).toBe(everyMs);
        expect(learned(live(times)).slowMs).toBe(everyMs);
      }),
    );
  });

  it('what was noticed as an interruption is nobody’s habit, however often it happened', () => {
    fc.assert(
      fc.property(every, fc.integer({ min: 3, max: 12 }), (everyMs, pause) => {
        const times = steady(everyMs, 40).map((ts, i) => ts + Math.floor(i / 5) * pause * everyMs);
        const interruptions = Array.from({ length: 7 }, (_, i) => ({
          fromMs: (times[i * 5 + 4] ?? 0) + 100,
          toMs: (times[i * 5 + 5] ?? 0) + 100,
        }));
        expect(learned(live(times), interruptions)).toMatchObject({ everyMs, slowMs: everyMs });
        expect(learned(live(times)).slowMs).toBeGreaterThan(everyMs);
      }),
    );
  });

  it('sparse and irregular: what is common is not late', () => {
    const gaps = fc.array(fc.integer({ min: 60_000, max: 6 * HOUR }), { minLength: 20, maxLength: 47 });
    fc.assert(
      fc.property(gaps, (list) => {
        let at = START;
        const times = [at, ...list.map((gap) => (at += gap))];
        const late = list.filter((gap) => gap >= staleAfterMs(learned(live(times)))).length;
        expect(late).toBeLessThanOrEqual(Math.floor(list.length * 0.05));
      }),
    );
  });

  it('what came late, and what a repair has filled in behind, teaches nothing', () => {
    fc.assert(
      fc.property(every, fc.array(share, { maxLength: 20 }), (everyMs, places) => {
        const arrivals = live(steady(everyMs, 28));
        const filled = places.map((place) => ({
          tsMs: START + Math.floor(place * 26 * everyMs) + 1,
          message: 100,
        }));
        expect(learned([...filled, ...arrivals])).toEqual(learned(arrivals));
      }),
    );
  });

  it('a range that was read again after a restart, all in one message, changes nothing', () => {
    fc.assert(
      fc.property(every, fc.integer({ min: 2, max: 30 }), (everyMs, again) => {
        const arrivals = live(steady(everyMs, 48)).map(({ tsMs, message }) => ({
          tsMs,
          message: message >= 10 && message < 10 + again ? 10 + again : message,
        }));
        expect(learned(arrivals)).toMatchObject({ everyMs, slowMs: everyMs });
      }),
    );
  });

  it('history that was read in one go says nothing by itself, nor do too few points', () => {
    expect(learnCadence(steady(60_000, 40).map((tsMs) => ({ tsMs, message: 1 })))).toBeUndefined();
    expect(learnCadence(live(steady(60_000, LEAST_SAMPLES)))).toBeUndefined();
    expect(learnCadence([])).toBeUndefined();
  });
});

describe('how long silence may last', () => {
  const regular = (everyMs: number) => ({ everyMs, slowMs: everyMs });

  it('never expects less than the poll can bring', () => {
    expect(staleAfterMs(regular(1_000), 60_000)).toBe(121_000);
    expect(staleAfterMs(regular(60_000), 10_000)).toBe(111_000);
    expect(staleAfterMs({ everyMs: 10_000, slowMs: 30_000 })).toBe(46_000);
  });

  it('one that is slower by half, with jitter, is never silent, however its sending and the poll fall together', () => {
    const jitters = fc.array(share, { minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(every, share, share, jitters, (everyMs, pollShare, phase, moves) => {
        // Polled at anything from hardly ever to all the time; 0 is a stream.
        const pollMs = pollShare < 0.1 ? 0 : Math.round(pollShare * 2 * everyMs);
        const arrives = (sentMs: number) =>
          pollMs === 0 ? sentMs : (Math.ceil(sentMs / pollMs - phase) + phase) * pollMs;
        let sentMs = START;
        const arrivals = moves.map((move) => {
          sentMs += everyMs * (1.5 + (move - 0.5) * 0.2);
          return arrives(sentMs);
        });
        const longest = Math.max(...arrivals.slice(1).map((ms, i) => ms - (arrivals[i] ?? ms)));
        expect(longest).toBeLessThan(staleAfterMs(regular(everyMs), pollMs));
      }),
    );
  });

  it('is over within two intervals where a quarter of one holds a round of the poll and our own second', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4_000, max: 86_400_000 }), share, (everyMs, room) => {
        const pollMs = Math.floor(room * (everyMs / 4 - 1_000));
        expect(staleAfterMs(regular(everyMs), pollMs)).toBeLessThanOrEqual(2 * everyMs + 1);
      }),
    );
  });
});
