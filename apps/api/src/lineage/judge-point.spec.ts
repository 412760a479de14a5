import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judgePoint, type KeptPoint, type KeptValue } from './judge-point.ts';

const TS = '2026-03-29T01:00:00.000Z';
const given = (rev: number, value: number) => ({ signal: 'power', ts: TS, value, rev: String(rev) });
const told = ({ rev, value }: KeptValue) => ({ rev, value });

/** What the store keeps of facts, in whatever order they came: the greatest rev stands, other values are revisions. */
function keptOf(facts: readonly { rev: number; value: number }[]): KeptPoint {
  const newest = new Map<number, number>();
  for (const { rev, value } of facts) newest.set(value, Math.max(rev, newest.get(value) ?? 0));
  const values = [...newest].map(([value, rev]) => ({ rev: String(rev), value, committedAt: new Date(rev) }));
  const [current, ...revisions] = values.toSorted((a, b) => Number(b.rev) - Number(a.rev));
  return { seriesId: 'ser_1', current, revisions };
}

const facts = fc
  .uniqueArray(fc.record({ rev: fc.integer({ min: 1, max: 50 }), value: fc.integer({ min: 0, max: 3 }) }), {
    minLength: 1,
    maxLength: 8,
    selector: ({ rev }) => rev,
  })
  .map((list) => list.toSorted((a, b) => a.rev - b.rev));

describe('what became of a point', () => {
  it('is what the history of its values says, whatever the order in which they came', () => {
    fc.assert(
      fc.property(facts, fc.nat(), (list, n) => {
        const asked = list[n % list.length] as (typeof list)[number];
        const kept = keptOf(list);
        const point = judgePoint(given(asked.rev, asked.value), kept);
        const last = list.at(-1) as (typeof list)[number];
        const others = new Set(list.filter(({ rev }) => rev < asked.rev).map(({ value }) => value));
        if (asked.rev === last.rev) {
          others.delete(asked.value);
          expect(point.state).toBe(others.size > 0 ? 'corrected' : 'stored');
          expect(new Set(point.replaced.map(({ value }) => value))).toEqual(others);
          expect(point.committedAt).toBe(new Date(asked.rev).toISOString());
        } else if (asked.value === last.value) {
          expect(point).toMatchObject({ state: 'duplicate', standsBy: String(last.rev) });
        } else {
          expect(point).toMatchObject({ state: 'superseded', supersededBy: told(kept.current as KeptValue) });
        }
        expect(point.replaced.every(({ rev }) => Number(rev) < asked.rev)).toBe(true);
      }),
    );
  });

  it('is absent as long as the store has nothing of it, or only what is older', () => {
    const nothing = { seriesId: undefined, current: undefined, revisions: [] };
    expect(judgePoint(given(5, 1), nothing)).toEqual({ ...given(5, 1), state: 'absent', replaced: [] });
    expect(judgePoint(given(5, 1), keptOf([{ rev: 4, value: 1 }]))).toMatchObject({ state: 'absent', replaced: [] });
  });

  it('compares values as the store keeps them', () => {
    const kept: KeptPoint = { seriesId: 'ser_1', current: { rev: '9', value: { b: 1, a: 0 } }, revisions: [] };
    expect(judgePoint({ signal: 's', ts: TS, rev: '3', value: { a: -0, b: 1 } }, kept).state).toBe('duplicate');
  });
});
