import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Link, SilenceData, TributaryEvent } from '@tributary/contracts';
import { eventually } from '@tributary/testing';
import { CADENCE_MS, SilentHouse } from './silent-house.ts';

/** Limits are for what hangs: how long it took is in the table that is printed. */
const PATIENCE = { timeoutMs: 60_000, everyMs: 250 };

type Fault = Exclude<Link, 'adapter'>;
type Silenced = TributaryEvent<'device.stale'>;

let house: SilentHouse;
/** Devices by platform, as they were before anything was hurt. */
let devices: { id: string; platform: string; nativeId: string }[];
const table: { fault: Fault; cells: Map<string, string> }[] = [];

const told = (name: 'device.stale' | 'device.recovered', after: number) =>
  house.bus.events
    .slice(after)
    .filter((event) => event.name === name)
    .map(({ event }) => event as Silenced);
const linksOf = (events: readonly Silenced[], platform: string) =>
  events.filter((event) => event.platform === platform).map(({ data }) => (data as SilenceData).cause.link);

/** How each fault is laid on all platforms at once, and taken away. */
const faults: Record<Fault, () => (() => Promise<void> | void) | Promise<() => Promise<void> | void>> = {
  credential: () => atPlatforms((simulator) => simulator.faults.add({ kind: 'status', status: 401 })),
  budget: () => atPlatforms((simulator) => simulator.faults.add({ kind: 'rate-limit', retryAfterSeconds: 1 })),
  vendor: () => atPlatforms((simulator) => simulator.faults.add({ kind: 'status', status: 503 })),
  network: () => atPlatforms((simulator) => simulator.faults.outage('refuse')),
  mapping: () => layMisfits(),
  broker: () => {
    house.wires.broker.down();
    return () => house.wires.broker.up();
  },
  database: () => {
    house.wires.database.down();
    return () => house.wires.database.up();
  },
  device: () => everyPlatform((simulator) => silenceDevices(simulator)),
};

type Simulator = SilentHouse['platforms'][number]['simulator'];

/** Whatever is asked of a platform meets the fault, streams as well: they have to be opened anew. */
const atPlatforms = (lay: (simulator: Simulator) => string) =>
  everyPlatform((simulator) => {
    const id = lay(simulator);
    simulator.faults.cutStreams();
    return async () => {
      simulator.faults.clear(id);
      await simulator.faults.settled();
      await eventually('it works again', () => house.test(simulator.platform), PATIENCE);
    };
  });

async function everyPlatform(
  lay: (simulator: Simulator) => (() => Promise<void> | void) | Promise<() => Promise<void> | void>,
): Promise<() => Promise<void>> {
  const lifts = await Promise.all(house.platforms.map(({ simulator }) => lay(simulator)));
  return async () => {
    await Promise.all(lifts.map((lift) => lift()));
  };
}

async function silenceDevices({ actions }: Simulator): Promise<() => Promise<void>> {
  const all = (await actions.run('devices', {})) as { id: string }[];
  const set = async (online: boolean) => {
    for (const { id: device } of all) await actions.run('set-online', { device, online });
  };
  await set(false);
  return () => set(true);
}

/** What platforms give is still JSON, and no point any more; of the one that sends, each message is something else. */
async function layMisfits(): Promise<() => Promise<void>> {
  const lifts = await Promise.all(
    house.platforms.map(async ({ simulator, points }) => {
      if (points) {
        const { operation, time } = points;
        const id = simulator.faults.add({ kind: 'garble', members: [time], value: 'tomorrow' }, { operation });
        return async () => void simulator.faults.clear(id);
      }
      const online = await silenceDevices(simulator);
      const send = () => {
        for (const device of [0, 1]) void simulator.actions.run('send-raw', { device, payload: 'no message' });
      };
      const sending = setInterval(send, CADENCE_MS / 2);
      return async () => {
        clearInterval(sending);
        await online();
      };
    }),
  );
  return async () => {
    for (const lift of lifts) await lift();
  };
}

const names = () => house.platforms.map(({ simulator }) => simulator.platform);
const silent = (after: number, name: 'device.stale' | 'device.recovered') =>
  devices.every(({ id }) => told(name, after).some(({ subject }) => subject === id));

/** Per device one of each, however often the wire broke. */
function expectOnce(after: number): void {
  for (const name of ['device.stale', 'device.recovered'] as const) {
    const subjects = told(name, after).map(({ subject }) => subject);
    expect(subjects.toSorted()).toEqual(devices.map(({ id }) => id).toSorted());
  }
}

function cellOf(events: readonly Silenced[], platform: string, noticedMs: number): string {
  const links = [...new Set(linksOf(events, platform))];
  return `${links.join('/')} (${(noticedMs / CADENCE_MS).toFixed(1)})`;
}

/** From the last point to the word of it, the longest of a platform. */
const delayOf = (events: readonly Silenced[], platform: string): number =>
  Math.max(
    ...events
      .filter((event) => event.platform === platform)
      .map(({ time, data }) => Date.parse(time) - Date.parse((data as SilenceData).since)),
  );

beforeAll(async () => {
  house = await SilentHouse.start();
  await eventually(
    'it is known of devices of all platforms how often something comes',
    async () => {
      const known = await house.devices();
      const counts = Map.groupBy(known, ({ platform }) => platform);
      devices = known;
      return names().every((name) => (counts.get(name)?.length ?? 0) >= 2);
    },
    { timeoutMs: 120_000, everyMs: 500 },
  );
}, 240_000);

afterAll(async () => {
  if (!house) return;
  const rows = table.map(({ fault, cells }) => [fault, ...names().map((name) => cells.get(name) ?? '-')]);
  const lines = [['fault', ...names()], ...rows].map((row) => row.map((cell) => cell.padEnd(18)).join(''));
  process.stdout.write(`first broken link told (cadences from the last point to the word)\n${lines.join('\n')}\n`);
  await house.stop();
}, 120_000);

describe('what is silent, and why', () => {
  it('a device that is merely slow, by 1.6 and with jitter, raises nothing', async () => {
    const optical = house.platforms.find(({ simulator }) => simulator.platform === 'opticloud')?.simulator as Simulator;
    const [slow] = (await optical.actions.run('devices', {})) as { id: string }[];
    const trial = async (): Promise<boolean> => {
      const before = house.bus.events.length;
      await optical.actions.run('set-online', { device: slow?.id, online: false });
      for (const jitter of [1, 0.95, 1.05, 0.92, 1.08]) {
        await optical.clock.sleep(CADENCE_MS * 1.6 * jitter);
        await optical.actions.run('produce', { device: slow?.id, telemetry: { temperature: jitter } });
      }
      await optical.actions.run('set-online', { device: slow?.id, online: true });
      return told('device.stale', before).length === 0;
    };
    // A machine that stands still for seconds makes any device slower than that.
    await eventually('it raises nothing', trial, { timeoutMs: 90_000 });
  }, 120_000);

  it.each(Object.keys(faults) as Fault[])(
    '%s: on all five platforms the devices are stale because of it, and come back',
    async (fault) => {
      await eventually('nothing is silent', async () => (await house.devices()).every(({ stale }) => !stale), PATIENCE);
      const before = house.bus.events.length;
      const lift = await faults[fault]();
      try {
        // Nothing comes through the broker while it is away: it is read, and told afterwards.
        if (fault === 'broker') await eventually('all are stale', () => allStaleByApi('broker'), PATIENCE);
        else await eventually('all are stale', () => silent(before, 'device.stale'), PATIENCE);
      } finally {
        await lift();
      }
      await eventually('all have come back', () => silent(before, 'device.recovered'), PATIENCE);
      const events = told('device.stale', before);
      const cells = new Map(names().map((name) => [name, cellOf(events, name, delayOf(events, name))]));
      table.push({ fault, cells });
      for (const name of names()) expect([name, ...new Set(linksOf(events, name))]).toEqual([name, fault]);
      expectOnce(before);
    },
    180_000,
  );

  it('the record says what it was, also where it could only be told and not written', async () => {
    const { items } = await house.stage.api.get('/v1/freshness', { query: { state: 'over', limit: 1_000 } });
    for (const { id } of devices) {
      const links = items.filter(({ deviceId }) => deviceId === id).map(({ cause }) => cause.link);
      expect(links.toSorted()).toEqual(Object.keys(faults).toSorted());
    }
    const [one] = devices;
    const freshness = await house.stage.api.get('/v1/devices/{deviceId}/freshness', {
      path: { deviceId: one?.id ?? '' },
    });
    expect(freshness).toMatchObject({ stale: false, cadenceFrom: 'learned', silences: expect.any(Array) });
  });
});

async function allStaleByApi(link: Link): Promise<boolean> {
  const { items, counts } = await house.stage.api.get('/v1/freshness', { query: { link, limit: 200 } });
  return items.length === devices.length && counts[link] === devices.length;
}
