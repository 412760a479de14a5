import { describe, expect, it } from '@jest/globals';
import type { DueDevice, SilenceNews, ToldSilence } from '@tributary/database';
import { ManualClock, silentLogger } from '@tributary/runtime';
import { HouseLinks } from './house-links.ts';
import { KnownDevices } from './known-devices.ts';
import { UnstoredSilences } from './unstored-silences.ts';

const START = 1_700_000_000_000;
const verdict = (dueMs: number) => ({
  sinceMs: dueMs - 3_000,
  everyMs: 1_000,
  staleAfterMs: 3_000,
  source: 'learned' as const,
  silent: false,
  dueMs,
});
const device = (deviceId: string, more: Partial<DueDevice> = {}): DueDevice => ({
  deviceId,
  nativeId: deviceId,
  workspace: 'default',
  connectionId: 'con_a',
  platform: 'acme',
  series: [],
  notBeforeMs: 0,
  silences: 4,
  silentSinceMs: undefined,
  silentLink: undefined,
  expected: true,
  firstSeenMs: 0,
  adapter: undefined,
  ...more,
});

function setUp() {
  const clock = new ManualClock(START);
  const house = new HouseLinks(clock);
  const known = new KnownDevices();
  const told: SilenceNews[] = [];
  const written: { silence: ToldSilence }[] = [];
  const unstored = new UnstoredSilences({
    known,
    book: { writeTold: async (silences) => void written.push(...silences) },
    publish: async (news) => void told.push(news),
    log: silentLogger,
  });
  const round = async () => {
    const away = house.databaseAway(clock.now());
    if (away) await unstored.tell(away, clock.now());
  };
  return { clock, house, known, told, written, unstored, round };
}

describe('silences while the database is away', () => {
  it('are told once each, when nothing can have come since it went, and written down afterwards', async () => {
    const { clock, house, known, told, written, unstored, round } = setUp();
    known.remember([
      { device: device('d1'), verdict: verdict(START + 500) },
      { device: device('d2'), verdict: undefined },
      { device: device('d3', { expected: false }), verdict: verdict(START) },
    ]);
    // A round while all is well forgets nobody.
    await unstored.write();
    house.lost('database', 'away');
    await clock.advance(2_900);
    await round();
    expect(told).toEqual([]);
    await clock.advance(200);
    await round();
    await round();
    expect(told.map(({ event }) => [event.subject, event.type])).toEqual([['d1', 'io.tributary.device.stale.v1']]);
    expect(told[0]?.event.data).toMatchObject({ since: new Date(START).toISOString(), cause: { link: 'database' } });
    await unstored.write();
    await unstored.write();
    expect(written.map(({ silence }) => [silence.deviceId, silence.number])).toEqual([['d1', 5]]);
  });
});

describe('the links of the house', () => {
  it('are evidence while they are lost and of that time; what is back begins the clock anew', async () => {
    const { clock, house } = setUp();
    house.lost('broker', 'away');
    await clock.advance(4_000);
    expect(house.facts(clock.now())).toMatchObject([{ link: 'broker', firstMs: START, lastMs: START + 4_000 }]);
    house.returned('broker');
    await clock.advance(4_000);
    expect(house.facts(clock.now())).toMatchObject([{ link: 'broker', lastMs: START + 4_000 }]);
    expect(house.wellSinceMs).toBe(START + 4_000);
    // What is over at once has made nobody late.
    house.lost('database', 'away');
    await clock.advance(500);
    house.returned('database');
    expect(house.wellSinceMs).toBe(START + 4_000);
    expect(house.databaseAway(clock.now())).toBeUndefined();
  });

  it('count from when the database was last known to be well, by an answer or by what it took', async () => {
    const clock = new ManualClock(START);
    let storedMs = START - 700;
    const house = new HouseLinks(clock, () => storedMs);
    house.lost('database', 'away');
    expect(house.databaseAway(clock.now())).toMatchObject({ fact: { firstMs: START }, wellMs: START - 700 });
    house.returned('database');
    storedMs = START + 300;
    await clock.advance(2_000);
    house.lost('database', 'away');
    expect(house.databaseAway(clock.now())).toMatchObject({ fact: { firstMs: START + 2_000 }, wellMs: START + 300 });
  });

  it('say that what takes nothing is the database, also where it answers', () => {
    const clock = new ManualClock(START);
    const house = new HouseLinks(clock);
    house.lost('broker', 'away');
    house.returned('broker');
    house.lost('storage', 'code and schema do not fit');
    expect(house.facts(clock.now())).toMatchObject([{ link: 'broker' }, { link: 'database' }]);
  });
});
