import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { HybridClock, RevsUsedUp, reservation, revAt } from './hybrid-clock.ts';

const START = Date.UTC(2026, 2, 1);

/** Moves of the wall clock between stamps, in milliseconds: mostly small, sometimes a jump of days either way. */
const steps = fc.array(
  fc.oneof(fc.integer({ min: -5, max: 20 }), fc.integer({ min: -172_800_000, max: 172_800_000 })),
  {
    minLength: 1,
    maxLength: 200,
  },
);

describe('HybridClock', () => {
  it('gives strictly increasing revs whatever the wall clock does', () => {
    fc.assert(
      fc.property(steps, (moves) => {
        let now = START;
        const clock = new HybridClock({ now: () => now, floor: 0n, ceiling: revAt(START + 60_000), epoch: 7 });
        let last = 0n;
        for (const move of moves) {
          now += move;
          const rev = clock.next();
          expect(rev).toBeGreaterThan(last);
          last = rev;
        }
      }),
    );
  });

  it('never goes back and never repeats across owners, also when the old one goes on stamping', () => {
    fc.assert(
      fc.property(
        fc.array(steps, { minLength: 2, maxLength: 6 }),
        fc.integer({ min: 1, max: 5_000 }),
        (owners, skew) => {
          const seen = new Set<bigint>();
          const clocks: HybridClock[] = [];
          let floor = 0n;
          let now = START;
          for (const [index, moves] of owners.entries()) {
            const ceiling = reservation({ nowMs: now, floor, aheadMs: 60_000 });
            const local = { now: now + index * skew };
            const clock = new HybridClock({ now: () => local.now, floor, ceiling, epoch: index + 1 });
            for (const move of moves) {
              local.now += move;
              const rev = clock.next();
              expect(rev).toBeGreaterThan(floor);
              expect(seen.has(rev)).toBe(false);
              seen.add(rev);
            }
            // Zombies stamp too: below what the present owner may use.
            for (const zombie of clocks) {
              const rev = zombie.next();
              expect(rev).toBeLessThanOrEqual(floor);
              expect(seen.has(rev)).toBe(false);
              seen.add(rev);
            }
            clocks.push(clock);
            floor = ceiling;
            now += 1_000;
          }
        },
      ),
    );
  });

  it('stays near the wall clock, and goes on from the floor when that is ahead', () => {
    const clock = new HybridClock({ now: () => START, floor: 0n, ceiling: revAt(START + 60_000), epoch: 1 });
    expect(clock.next() >> 21n).toBe(BigInt(START));
    const ahead = new HybridClock({
      now: () => START,
      floor: revAt(START + 500),
      ceiling: revAt(START + 60_000),
      epoch: 1,
    });
    expect(ahead.next()).toBeGreaterThan(revAt(START + 500));
  });

  it('refuses to stamp above its ceiling until more is reserved', () => {
    const ceiling = revAt(START) + 200n;
    const clock = new HybridClock({ now: () => START, floor: revAt(START), ceiling, epoch: 1 });
    const stampAll = () => {
      for (let i = 0; i < 1_000; i++) clock.next();
    };
    expect(stampAll).toThrow(RevsUsedUp);
    clock.reserve(revAt(START + 1_000));
    expect(clock.next()).toBeGreaterThan(revAt(START));
  });

  it('fits what the contract and the database take', () => {
    const far = Date.UTC(2100, 0, 1);
    const rev = new HybridClock({ now: () => far, floor: 0n, ceiling: revAt(far + 60_000), epoch: 2 ** 31 }).next();
    expect(rev.toString()).toMatch(/^[1-9]\d{0,18}$/);
    expect(rev).toBeLessThan(2n ** 63n);
  });
});
