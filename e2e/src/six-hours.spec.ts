import { describe, expect, it } from '@jest/globals';
import { listenedUntil, madeUntil, tailAndRepair } from '../hours/checkpoints.ts';
import { fetchedTwice } from '../hours/fetched-twice.ts';

const MINUTE = 60_000;
/** Minutes of `device` that were handed over at that minute, which is the number in the journal too. */
const read = (at: number, from: number, to: number, device = 'a') => ({
  ...{ seq: at, at: at * MINUTE, device },
  ...{ fromMs: from * MINUTE, toMs: to * MINUTE, points: to - from },
});
const stands = (seq: number, until: number, ...open: [number, number][]) => ({
  ...{ seq, untilMs: until * MINUTE },
  open: open.map(([from, to]) => ({ fromMs: from * MINUTE, toMs: to * MINUTE })),
});

describe('what was fetched twice', () => {
  const minutes = (reads: ReturnType<typeof read>[], positions: ReturnType<typeof stands>[]) =>
    fetchedTwice(reads, { positions, again: (untilMs) => untilMs - 10 * MINUTE }).map(
      ({ device, minuteMs }) => `${device}${minuteMs / MINUTE}`,
    );
  const known = [stands(90, 89), stands(95, 90)];

  it('is nothing within the look-back before what was committed, nor where each part was read once', () => {
    expect(minutes([read(98, 80, 98), read(100, 79, 100), read(101, 79, 101)], known)).toEqual([]);
    expect(minutes([read(100, 50, 60), read(101, 60, 70), read(101, 50, 60, 'b')], known)).toEqual([]);
  });

  it('is every minute that was committed long ago and was handed over again', () => {
    expect(minutes([read(100, 50, 53), read(105, 51, 54)], known)).toEqual(['a51', 'a52']);
    expect(minutes([read(100, 70, 100), read(101, 77, 101)], known)).toEqual(['a77', 'a78']);
  });

  it('is nothing that was not committed when it was asked for again, and was read by somebody who was killed', () => {
    expect(minutes([read(100, 85, 100), read(130, 80, 130)], known)).toEqual([]);
    expect(minutes([read(100, 85, 100), read(130, 80, 130)], [...known, stands(101, 99), stands(102, 100)])).toEqual([
      ...['a85', 'a86', 'a87', 'a88'],
    ]);
  });

  it('is nothing in a gap that was on record, while it was', () => {
    const gap = [stands(90, 89), stands(95, 90, [50, 60])];
    expect(minutes([read(100, 50, 60), read(101, 50, 60)], gap)).toEqual([]);
    expect(minutes([read(100, 50, 53), read(110, 50, 52)], [...gap, stands(105, 91), stands(106, 92)])).toEqual([
      ...['a50', 'a51'],
    ]);
  });

  it('counts as of the checkpoint before the last, with which a look that is under way began', () => {
    const moved = [stands(90, 70), stands(99, 98)];
    expect(minutes([read(98, 60, 98), read(100, 60, 100)], moved)).toEqual([]);
    expect(minutes([read(98, 60, 98), read(101, 60, 100)], [...moved, stands(100, 100)])).toHaveLength(28);
  });
});

describe('how far checkpoints say that a platform was read', () => {
  it('is the earlier of tail and repair, with the gaps that the backfill has not gone through', () => {
    const tail = { cycle: 900, 'gap0.from': 100, 'gap0.to': 200, 'gap1.from': 300, 'gap1.to': 400, 'gap1.stream': 's' };
    const backfill = { 'until.100-200-': 150, 'until.300-400-s': 300 };
    const rows = new Map<string, Record<string, string | number>>([
      ['telemetry', tail],
      ['repair', { repairedUntil: 800 }],
      ['backfill', backfill],
    ]);
    expect(tailAndRepair(rows)).toEqual({ untilMs: 800, open: [{ fromMs: 100, toMs: 150 }] });
    expect(tailAndRepair(new Map([['telemetry', tail]]))).toBeUndefined();
  });

  it('is the time in the last id of each collection, and of each part of a stream, whole hours of its gaps open', () => {
    const id = (seconds: number) => `${seconds.toString(16).padStart(8, '0')}0000000000000000`;
    const rows = new Map([
      ['documents.a', { after: id(70) }],
      ['documents.b', { after: id(60) }],
    ]);
    expect(madeUntil(rows)).toEqual({ untilMs: 60_000, open: [] });
    const hour = 60 * MINUTE;
    const stream = { seenMs: 5 * hour, gaps: `${2 * hour + 7}-${3 * hour}` };
    expect(listenedUntil(new Map([['stream/x', stream]]))).toEqual({
      untilMs: 5 * hour,
      open: [{ fromMs: 2 * hour, toMs: 3 * hour }],
    });
  });
});
