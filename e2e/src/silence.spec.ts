import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@tributary/testing';
import { type Fault, faults } from '../silence/faults.ts';
import { cellsOf } from '../silence/matrix.ts';
import { SilentHouse } from '../silence/silent-house.ts';

/** Quick, so that it is short: here it is asked which link is named, not how soon (`pnpm silence`). */
const PACE = { cadenceMs: 1_000, poll: '500ms', limitedPoll: '2s' };
/** One that an adapter sees, and one that nobody can write down. */
const LAID: Fault[] = ['vendor', 'database'];
const PATIENCE = { timeoutMs: 60_000, everyMs: 100 };
/** What was seen so shortly before the last point counts as seen since. */
const APART_MS = 2_000;

let house: SilentHouse;
beforeAll(async () => {
  house = await SilentHouse.start({ names: ['meshydb'], pace: PACE });
  await house.untilKnown(PATIENCE.timeoutMs);
}, 120_000);
afterAll(() => house?.stop(), 60_000);

describe('silence', () => {
  it.each(LAID)(
    '%s: is told once of each device, with the link that is broken, and so is its end',
    async (fault) => {
      const after = house.bus.events.length;
      const laidMs = Date.now();
      const lift = await faults[fault](house);
      await eventually('all are stale', () => house.allTold('device.stale', after), PATIENCE).finally(lift);
      const liftedMs = Date.now();
      await eventually('all have come back', () => house.allTold('device.recovered', after), PATIENCE);
      await house.untilFresh(liftedMs + APART_MS, PATIENCE.timeoutMs);
      expect(cellsOf(house, fault, { after, laidMs })).toMatchObject([{ links: [fault] }]);
      expect(house.told('device.stale', after)).toHaveLength(house.devices.length);
    },
    180_000,
  );
});
