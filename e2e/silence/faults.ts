import type { Link } from '@tributary/contracts';
import { eventually } from '@tributary/testing';
import type { SilentHouse } from './silent-house.ts';

export type Fault = Exclude<Link, 'adapter'>;
type Lift = () => Promise<void> | void;
type Simulator = SilentHouse['platforms'][number]['simulator'];

const WORKS_AGAIN = { timeoutMs: 60_000, everyMs: 250 };

/**
 * How each fault is laid on all platforms at once; what is returned takes it away. `budget` is the last: after a 429 an
 * adapter goes at half its pace for a while, as it should.
 */
export const faults: Record<Fault, (house: SilentHouse) => Lift | Promise<Lift>> = {
  credential: atPlatforms((simulator) => simulator.faults.add({ kind: 'status', status: 401 })),
  vendor: atPlatforms((simulator) => simulator.faults.add({ kind: 'status', status: 503 })),
  network: atPlatforms((simulator) => simulator.faults.outage('refuse')),
  mapping: layMisfits,
  device: (house) => everywhere(house, silenceDevices),
  broker: ({ wires: { broker } }) => {
    broker.down();
    return () => broker.up();
  },
  database: ({ wires: { database } }) => {
    database.down();
    return () => database.up();
  },
  budget: atPlatforms((simulator) => simulator.faults.add({ kind: 'rate-limit', retryAfterSeconds: 1 })),
};

/** Whatever is asked of a platform meets the fault, streams as well: they have to be opened anew. */
function atPlatforms(lay: (simulator: Simulator) => string): (house: SilentHouse) => Promise<Lift> {
  return (house) =>
    everywhere(house, (simulator) => {
      const id = lay(simulator);
      simulator.faults.cutStreams();
      return async () => {
        simulator.faults.clear(id);
        await simulator.faults.settled();
        await eventually('it works again', () => house.test(simulator.platform), WORKS_AGAIN);
      };
    });
}

async function everywhere(house: SilentHouse, lay: (simulator: Simulator) => Lift | Promise<Lift>): Promise<Lift> {
  const lifts = await Promise.all(house.platforms.map(({ simulator }) => lay(simulator)));
  return async () => {
    await Promise.all(lifts.map((lift) => lift()));
  };
}

async function silenceDevices({ actions }: Simulator): Promise<Lift> {
  const all = (await actions.run('devices', {})) as { id: string }[];
  const set = async (online: boolean) => {
    for (const { id: device } of all) await actions.run('set-online', { device, online });
  };
  await set(false);
  return () => set(true);
}

/** What platforms give is still JSON, and no point any more; of the one that sends, each message is something else. */
async function layMisfits(house: SilentHouse): Promise<Lift> {
  const lifts = await Promise.all(
    house.platforms.map(async ({ simulator, points }): Promise<Lift> => {
      if (!points) return sendMisfits(simulator, house.pace.cadenceMs);
      const { operation, time } = points;
      const id = simulator.faults.add({ kind: 'garble', members: [time], value: 'tomorrow' }, { operation });
      return () => void simulator.faults.clear(id);
    }),
  );
  return async () => {
    for (const lift of lifts) await lift();
  };
}

async function sendMisfits(simulator: Simulator, cadenceMs: number): Promise<Lift> {
  const online = await silenceDevices(simulator);
  const send = () => {
    for (const device of [0, 1]) void simulator.actions.run('send-raw', { device, payload: 'no message' });
  };
  const sending = setInterval(send, cadenceMs / 2);
  return async () => {
    clearInterval(sending);
    await online();
  };
}
