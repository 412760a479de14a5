import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SeriesLog, type TrueValue } from './series-log.ts';

const value: fc.Arbitrary<TrueValue> = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
  fc.boolean(),
  fc.constantFrom('läuft', '停止', ''),
  fc.record({ a: fc.integer({ min: 0, max: 1 }), b: fc.array(fc.boolean(), { maxLength: 2 }) }),
);
const writes = fc.array(fc.record({ ts: fc.integer({ min: 0, max: 30 }), value }), { maxLength: 80 });

/** The plainest thing that could be right. */
function model(list: ReadonlyArray<{ ts: number; value: TrueValue }>): Array<[number, TrueValue]> {
  return [...new Map(list.map((one) => [one.ts, one.value]))].sort(([a], [b]) => a - b);
}

const written = (list: ReadonlyArray<{ ts: number; value: TrueValue }>) => {
  const log = new SeriesLog();
  const outcomes = list.map((one, i) => log.append(one.ts, one.value, i + 1));
  return { log, outcomes };
};

const everything = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
const pairs = (rows: ReadonlyArray<{ ts: number; value: TrueValue }>) => rows.map((row) => [row.ts, row.value]);

describe('SeriesLog', () => {
  it('answers the last write of each time, in whatever order writes came', () => {
    fc.assert(
      fc.property(writes, (list) => {
        const { log } = written(list);
        expect(pairs(log.range(everything))).toEqual(model(list));
        expect(log.points).toBe(model(list).length);
        expect(log.latest()?.value).toEqual(model(list).at(-1)?.[1]);
      }),
    );
  });

  it('answers half-open ranges, from either end, up to a limit', () => {
    const bound = fc.integer({ min: -1, max: 31 });
    fc.assert(
      fc.property(
        writes,
        bound,
        bound,
        fc.integer({ min: 1, max: 5 }),
        fc.boolean(),
        (list, from, to, limit, newestFirst) => {
          const { log } = written(list);
          const inside = model(list).filter(([ts]) => ts >= from && ts < to);
          const expected = (newestFirst ? inside.toReversed() : inside).slice(0, limit);
          expect(pairs(log.range({ from, to, limit, newestFirst }))).toEqual(expected);
        },
      ),
    );
  });

  it('tells new, duplicate and corrected values apart, and keeps every write', () => {
    fc.assert(
      fc.property(writes, (list) => {
        const { log, outcomes } = written(list);
        const seen = new Map<number, TrueValue>();
        list.forEach(({ ts, value: now }, i) => {
          const before = JSON.stringify(seen.get(ts));
          const expected = !seen.has(ts) ? 'new' : before === JSON.stringify(now) ? 'duplicate' : 'correction';
          expect(outcomes[i]).toBe(expected);
          seen.set(ts, now);
        });
        for (const ts of seen.keys()) {
          expect(log.writesAt(ts).map((one) => one.value)).toEqual(
            list.filter((one) => one.ts === ts).map((one) => one.value),
          );
        }
      }),
    );
  });

  it('forgets what is older and nothing else', () => {
    fc.assert(
      fc.property(writes, fc.integer({ min: -1, max: 31 }), writes, (list, cutoff, later) => {
        const { log } = written(list);
        const forgotten = log.forgetBefore(cutoff);
        expect(forgotten).toBe(model(list).filter(([ts]) => ts < cutoff).length);
        const kept = list.filter((one) => one.ts >= cutoff);
        for (const one of later) log.append(one.ts, one.value, log.writes + list.length + 1);
        expect(pairs(log.range(everything))).toEqual(model([...kept, ...later]));
      }),
    );
  });

  it('remembers the note of the write that counts', () => {
    const log = new SeriesLog();
    log.append(1, 42, 1, 1);
    log.append(2, 42, 2, 0);
    expect(log.range(everything).map((row) => row.note)).toEqual([1, 0]);
  });
});
