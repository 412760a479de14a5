import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@tributary/runtime';
import fc from 'fast-check';
import { HouseClock } from './house-clock.ts';

const SECOND = 1_000;

/** A wall clock that can be set wrong beside a database whose clock is right and answers after a while. */
function setUp() {
  const wall = new ManualClock();
  const startMs = wall.now();
  const house = new HouseClock(wall);
  const rightMs = () => startMs + wall.monotonicMs();
  const compare = async ({ there = 0, back = 0 } = {}) => {
    const compared = house.compare(async () => {
      await wall.sleep(there);
      const ms = rightMs();
      await wall.sleep(back);
      return ms;
    });
    await wall.advance(there + back);
    return compared;
  };
  return { wall, house, rightMs, compare };
}

describe('HouseClock', () => {
  it('is the wall clock while that is right', async () => {
    const { wall, house, compare } = setUp();
    expect(house.now()).toBe(wall.now());
    for (const there of [0, 700, 5]) {
      expect(await compare({ there, back: 300 })).toBe(0);
      await wall.advance(10 * SECOND);
      expect(house.now()).toBe(wall.now());
    }
  });

  it('is the database’s while the wall clock is ahead, from the start or later, and says by how much', async () => {
    const { wall, house, rightMs, compare } = setUp();
    wall.jump(240 * SECOND);
    expect(await compare()).toBe(240 * SECOND);
    expect(house.now()).toBe(rightMs());
    wall.jump(-240 * SECOND);
    await wall.advance(SECOND);
    expect(house.now()).toBe(rightMs());
    wall.jump(60 * SECOND);
    await wall.advance(SECOND);
    expect(house.now()).toBe(rightMs());
    // The way of the question is not known; what was answered fastest counts.
    await compare({ there: 900 });
    expect(house.now()).toBe(rightMs());
  });

  it('does not go back in the middle of a process', async () => {
    const { wall, house, rightMs, compare } = setUp();
    expect(house.now()).toBe(rightMs());
    wall.jump(-600 * SECOND);
    await wall.advance(SECOND);
    expect(house.now()).toBe(rightMs());
    await compare();
    expect(house.now()).toBe(rightMs());
  });

  it('goes on with a wall clock that is behind from the start', async () => {
    const { wall, house, compare } = setUp();
    wall.jump(-3_600 * SECOND);
    await compare();
    expect(house.now()).toBe(wall.now());
    wall.jump(300 * SECOND);
    expect(house.now()).toBe(wall.now());
  });

  it('follows when more time has passed than this process has counted', async () => {
    const { wall, house } = setUp();
    const databaseMs = wall.now();
    await house.compare(async () => databaseMs);
    wall.jump(3_600 * SECOND);
    expect(house.now()).toBe(databaseMs);
    await house.compare(async () => wall.now());
    expect(house.now()).toBe(wall.now());
  });

  it('is never ahead of the database by more than the fastest question took on its way', async () => {
    const step = fc.record({
      jump: fc.integer({ min: -600, max: 600 }).map((seconds) => seconds * SECOND),
      there: fc.integer({ min: 0, max: 3_000 }),
      back: fc.integer({ min: 0, max: 3_000 }),
      pass: fc.integer({ min: 0, max: 3_000 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
        const { wall, house, rightMs, compare } = setUp();
        await compare({ there: 20 });
        let lastMs = house.now();
        for (const { jump, pass, ...way } of steps) {
          wall.jump(jump);
          await compare(way);
          await wall.advance(pass);
          const nowMs = house.now();
          expect(nowMs - rightMs()).toBeLessThanOrEqual(20);
          expect(nowMs).toBeGreaterThanOrEqual(lastMs - 20);
          lastMs = nowMs;
        }
      }),
      { numRuns: 50 },
    );
  });
});
