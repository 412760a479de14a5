import { describe, expect, it } from '@jest/globals';
import { ManualClock, Metrics, silentLogger } from '@tributary/runtime';
import { FreshnessSchedule } from './freshness-schedule.ts';
import { HouseLinks } from './house-links.ts';
import { KnownDevices } from './known-devices.ts';
import { UnstoredSilences } from './unstored-silences.ts';

const EVERY_MS = 5_000;

function setUp() {
  const clock = new ManualClock();
  const house = new HouseLinks(clock);
  const state = { rounds: 0, restMs: EVERY_MS, away: false };
  const schedule = new FreshnessSchedule({
    watch: {
      round: async () => {
        state.rounds += 1;
        return { restMs: state.restMs };
      },
      leave: async () => {},
    },
    counts: async () => {
      if (state.away) throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
      return new Map();
    },
    book: { dropBefore: async () => 0 },
    unstored: new UnstoredSilences({
      known: new KnownDevices(),
      book: { writeTold: async () => {} },
      publish: async () => {},
      log: silentLogger,
    }),
    house,
    everyMs: EVERY_MS,
    keepMs: 1,
    clock,
    log: silentLogger,
    metrics: new Metrics('test'),
  });
  const roundsIn = async (ms: number) => {
    const before = state.rounds;
    for (let passed = 0; passed < ms; passed += 50) await clock.advance(50);
    return state.rounds - before;
  };
  return { schedule, house, state, clock, roundsIn };
}

describe('the rounds of the watch', () => {
  it('come when a device is due, together where many are, and now and then where none is', async () => {
    const { schedule, state, roundsIn } = setUp();
    schedule.start();
    await roundsIn(50);
    expect(state.rounds).toBe(1);
    expect(await roundsIn(4_000)).toBe(0);
    state.restMs = 1_500;
    expect(await roundsIn(1_000)).toBe(1);
    expect(await roundsIn(3_000)).toBe(2);
    state.restMs = -7;
    expect(await roundsIn(3_000)).toBeGreaterThan(5);
    expect(await roundsIn(1_000)).toBeLessThanOrEqual(4);
    await schedule.stop();
  });

  it('come often while the database is away, so that what falls silent then is told in time', async () => {
    const { schedule, house, state, clock, roundsIn } = setUp();
    schedule.start();
    await roundsIn(50);
    state.away = true;
    await roundsIn(EVERY_MS);
    expect(house.databaseAway(clock.now())).toMatchObject({ fact: { link: 'database' } });
    state.away = false;
    expect(await roundsIn(300)).toBe(1);
    expect(house.databaseAway(clock.now())).toBeUndefined();
    await schedule.stop();
  });
});
