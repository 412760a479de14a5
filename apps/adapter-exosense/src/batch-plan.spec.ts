import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BatchPlan, LARGEST_GROUP, type Sized } from './batch-plan.ts';

const assets = (count: number, points = 40): Sized[] =>
  Array.from({ length: count }, (_, n) => ({ id: `a${n}`, points }));
const ids = (group: readonly Sized[]) => group.map(({ id }) => id);
const sizes = (plan: BatchPlan, all: readonly Sized[]) => plan.groups(all).map((group) => group.length);

/** Asks for everything once, as the sweep does; `tooMuch` is the platform's verdict on a group. Returns every request. */
function sweep(
  plan: BatchPlan,
  all: readonly Sized[],
  tooMuch: (ids: string[]) => boolean,
  tookMs = 2_000,
): string[][] {
  const asked: string[][] = [];
  const visit = (group: Sized[]): boolean => {
    asked.push(ids(group));
    if (!tooMuch(ids(group))) {
      plan.took(ids(group), tookMs, 0);
      return true;
    }
    const halves = plan.split(group, 0);
    if (!halves) return false;
    const [left, right] = halves;
    const [wellLeft, wellRight] = [visit(left), visit(right)];
    if (wellLeft && !wellRight) plan.absolve(ids(left), ids(right));
    if (wellRight && !wellLeft) plan.absolve(ids(right), ids(left));
    return wellLeft && wellRight;
  };
  for (const group of plan.groups(all)) visit(group);
  return asked;
}

const verdicts = fc.array(
  fc.record({ tookMs: fc.nat(9_000), tooMuch: fc.boolean(), pick: fc.nat(100), afterMs: fc.nat(3_600_000) }),
  { maxLength: 60 },
);

describe('the plan of requests', () => {
  it('holds every asset once, in groups of one to fifty, whatever was reported', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 180 }),
        verdicts,
        fc.integer({ min: 1, max: 30_000 }),
        (count, list, points) => {
          const plan = new BatchPlan();
          const all = assets(count, points);
          let nowMs = 0;
          for (const { tookMs, tooMuch, pick, afterMs } of list) {
            nowMs += afterMs;
            const groups = plan.groups(all);
            const group = groups[pick % groups.length] ?? [];
            if (tooMuch) {
              const halves = plan.split(group, nowMs);
              expect(halves === undefined).toBe(group.length === 1);
              if (halves) expect(halves.flat()).toEqual(group);
            } else plan.took(ids(group), tookMs, nowMs);
          }
          const groups = plan.groups(all);
          expect(
            groups
              .flat()
              .map(({ id }) => id)
              .toSorted(),
          ).toEqual(ids(all).toSorted());
          for (const group of groups) {
            expect(group.length).toBeGreaterThanOrEqual(1);
            expect(group.length).toBeLessThanOrEqual(LARGEST_GROUP);
            expect(group.length === 1 || group.length * points <= 20_000).toBe(true);
          }
        },
      ),
    );
  });

  it('begins with fifty, halves above five seconds, stays between, grows by a quarter below one', () => {
    const plan = new BatchPlan();
    const all = assets(50);
    expect(sizes(plan, all)).toEqual([50]);
    plan.took(ids(all), 5_001, 0);
    expect(sizes(plan, all)).toEqual([25, 25]);
    for (const group of plan.groups(all)) plan.took(ids(group), 3_000, 0);
    expect(sizes(plan, all)).toEqual([25, 25]);
    for (const group of plan.groups(all)) plan.took(ids(group), 900, 0);
    expect(sizes(plan, all)).toEqual([31, 19]);
  });

  it('stays below what was too much for an hour, however quick the rest is', () => {
    const plan = new BatchPlan();
    const all = assets(50);
    const limit = (group: string[]) => group.length > 30;
    expect(sweep(plan, all, limit, 500).filter(limit)).toHaveLength(1);
    const later = Array.from({ length: 30 }, () => sweep(plan, all, limit, 500));
    // Each size that fails is tried once: it goes up to the limit and no further.
    expect(later.flat().filter(limit).length).toBeLessThanOrEqual(5);
    expect(later.slice(10).flat().filter(limit)).toEqual([]);
  });

  it('never asks again for an asset among as many as were too much', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 120 }), (most, count) => {
        const plan = new BatchPlan();
        const all = assets(count);
        const tooMuch = (group: string[]) => group.length > most;
        const smallest = new Map<string, number>();
        for (let round = 0; round < 30; round++) {
          for (const group of sweep(plan, all, tooMuch, 500).filter(tooMuch)) {
            for (const id of group) {
              expect(group.length).toBeLessThan(smallest.get(id) ?? LARGEST_GROUP + 1);
              smallest.set(id, group.length);
            }
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it('singles out one slow asset, and lets the others go on together', () => {
    const plan = new BatchPlan();
    const all = assets(50);
    const slow = (group: string[]) => group.includes('a17');
    sweep(plan, all, slow, 500);
    for (let round = 0; round < 30; round++) sweep(plan, all, slow, 500);
    const requests = sweep(plan, all, slow, 500);
    expect(requests.filter(slow)).toEqual([['a17']]);
    expect(requests.length).toBeLessThanOrEqual(6);
  });

  it('forgets assets that are gone, and what was too much after an hour', () => {
    const plan = new BatchPlan();
    const all = assets(50);
    plan.split(all, 0);
    plan.keep(new Set());
    expect(sizes(plan, all)).toEqual([50]);
    plan.split(all, 0);
    for (let n = 0; n < 20; n++) for (const g of plan.groups(all)) plan.took(ids(g), 10 * g.length, 3_600_001);
    expect(sizes(plan, all)).toEqual([50]);
  });
});
