import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@tributary/testing';
import { type Fault, faults } from './faults.ts';
import { type Cell, cellsOf, matrixOf } from './matrix.ts';
import type { PlatformName } from './platforms.ts';
import { SilentHouse } from './silent-house.ts';

/** Whole rounds that last 1.75 cadences, the second that is ours, and what the word takes on its way are less than two. */
const PACE = { cadenceMs: 10_000, poll: '1100ms', limitedPoll: '2200ms' };
const NAMES: PlatformName[] = ['octomesh', 'exosense', 'ochno', 'opticloud', 'meshydb'];
/** Limits are for what hangs: how long it took is in the table that is printed. */
const PATIENCE = { timeoutMs: 120_000, everyMs: 250 };
/** What was seen so shortly before the last point counts as seen since. */
const APART_MS = 3_000;

let house: SilentHouse;
const cells: Cell[] = [];

beforeAll(async () => {
  house = await SilentHouse.start({ names: NAMES, pace: PACE });
  await house.untilKnown(240_000);
}, 300_000);

afterAll(async () => {
  if (!house) return;
  const about = `the link told, and cadences from the beginning of the fault (or the last point after it) to the word (a cadence is ${PACE.cadenceMs} ms)`;
  process.stdout.write(`${about}\n${matrixOf(cells, house.names)}\n`);
  await house.stop();
}, 120_000);

describe('what is silent, and why', () => {
  it.each(Object.keys(faults) as Fault[])(
    '%s: on all five platforms the devices are stale because of it, within two cadences, and come back',
    async (fault) => {
      const after = house.bus.events.length;
      const laidMs = Date.now();
      const lift = await faults[fault](house);
      try {
        // Nothing comes through the broker while it is away: it is read, and told afterwards.
        const noticed = () => (fault === 'broker' ? house.allStale() : house.allTold('device.stale', after));
        await eventually('all are stale', noticed, PATIENCE);
      } finally {
        await lift();
      }
      const liftedMs = Date.now();
      await eventually('all have come back', () => house.allTold('device.recovered', after), PATIENCE);
      await house.untilFresh(liftedMs + APART_MS, PATIENCE.timeoutMs);
      const found = cellsOf(house, fault, { after, laidMs });
      cells.push(...found);
      expect(found.map(({ platform, links }) => [platform, ...links])).toEqual(
        house.names.map((name) => [name, fault]),
      );
      expect(found.filter(({ cadences }) => cadences > 2)).toEqual([]);
      expectOnce(after);
    },
    480_000,
  );

  it('the record says what it was, also where it could only be told and not written', async () => {
    const { items } = await house.stage.api.get('/v1/freshness', { query: { state: 'over', limit: 1_000 } });
    for (const { id } of house.devices) {
      const links = items.filter(({ deviceId }) => deviceId === id).map(({ cause }) => cause.link);
      expect(links.toSorted()).toEqual(Object.keys(faults).toSorted());
    }
  });

  it('what a platform says of its own cadence goes before what was learned', async () => {
    for (const { id, platform } of house.devices) {
      const path = { deviceId: id };
      const freshness = await house.stage.api.get('/v1/devices/{deviceId}/freshness', { path });
      expect(freshness).toMatchObject({
        stale: false,
        cadenceFrom: platform === 'exosense' ? 'declared' : 'learned',
        silences: expect.any(Array),
      });
    }
  });

  it('a device that is merely slow, by half and with jitter, raises nothing', async () => {
    const optical = house.platforms.find(({ simulator }) => simulator.platform === 'opticloud')?.simulator;
    if (!optical) throw new Error('no such simulator');
    const [slow] = (await optical.actions.run('devices', {})) as { id: string }[];
    const before = house.bus.events.length;
    await optical.actions.run('set-online', { device: slow?.id, online: false });
    const send = (value: number) =>
      optical.actions.run('produce', { device: slow?.id, telemetry: { temperature: value } });
    await send(0);
    for (const jitter of [1, 0.92, 1.08]) {
      await optical.clock.sleep(PACE.cadenceMs * 1.5 * jitter);
      await send(jitter);
    }
    await optical.actions.run('set-online', { device: slow?.id, online: true });
    const ours = await house.stage.api.get('/v1/devices', { query: { filter: `nativeId eq "${slow?.id}"` } });
    expect(ours.items).toHaveLength(1);
    const told = house.told('device.stale', before).filter(({ event }) => event.subject === ours.items[0]?.id);
    expect(told).toEqual([]);
  }, 180_000);
});

/** Per device one of each, however often the wire broke. */
function expectOnce(after: number): void {
  for (const name of ['device.stale', 'device.recovered'] as const) {
    const subjects = house.told(name, after).map(({ event }) => event.subject);
    expect(subjects.toSorted()).toEqual(house.devices.map(({ id }) => id).toSorted());
  }
}
