import { randomUUID } from 'node:crypto';
import {
  type Adapter,
  type Checkpoint,
  makeConnectionKit,
  type Observation,
  type PointValue,
  type Poll,
} from '@tributary/adapter-kit';
import { type OpticloudOptions, type OpticloudSimulator, startOpticloud } from '@tributary/simulators';
import { Metrics, silentLogger, systemClock } from '@tributary/testing';
import { adapter } from '../src/adapter.ts';

export const never: AbortSignal = new AbortController().signal;

export interface Rig {
  simulator: OpticloudSimulator;
  adapter: Adapter;
  access: ReturnType<typeof makeConnectionKit>;
  /** Native ids of a finished discovery, also remembered by the kit. */
  discover(): Promise<string[]>;
  /** Another connection to the same simulator. */
  connect(settings?: Record<string, unknown>, credentials?: Record<string, string>): Connected;
  stop(): Promise<void>;
}

export interface Connected {
  adapter: Adapter;
  access: ReturnType<typeof makeConnectionKit>;
}

/** The adapter on a real kit, against a real simulator, in one process. */
export async function startRig(
  options: Partial<OpticloudOptions> = {},
  settings: Record<string, unknown> = {},
): Promise<Rig> {
  const simulator = await startOpticloud({
    devices: 3,
    otherDevices: 1,
    port: 0,
    mqttPort: 0,
    controlPort: 0,
    ...options,
  });
  const open: Connected[] = [];
  const connect: Rig['connect'] = (more = {}, credentials = simulator.demoConnection.credentials) => {
    const connected = connectTo({ ...simulator.demoConnection.settings, ...settings, ...more }, credentials);
    open.push(connected);
    return connected;
  };
  const { adapter: first, access } = connect();
  return {
    simulator,
    adapter: first,
    access,
    connect,
    discover: () => discover({ adapter: first, access }),
    stop: async () => {
      for (const connected of open) await connected.access.close();
      await simulator.stop();
    },
  };
}

function connectTo(settings: Record<string, unknown>, credentials: Record<string, string>): Connected {
  const access = makeConnectionKit({
    connectionId: `con_${randomUUID()}`,
    manifest: { ...adapter.manifest, budgets: { requests: { limit: 100_000, per: '1s', documented: false } } },
    log: silentLogger,
    metrics: new Metrics('test'),
    clock: systemClock,
    allowPrivateAddresses: true,
  });
  const config = {
    settings: adapter.settings.parse(ownOf(settings)),
    credentials: adapter.credentials.parse(credentials),
  };
  return { access, adapter: adapter.connect(config, access.kit) };
}

/** What every connection may have is the kit's to read; the rest is this adapter's. */
const ownOf = ({ schedules: _schedules, budgets: _budgets, ...own }: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));

export async function discover({ adapter, access }: Connected): Promise<string[]> {
  const pages = await collect(adapter.devices?.discover(never) ?? []);
  const ids = pages.flatMap((page) => page.items.map((device) => device.nativeId));
  access.rememberDevices(ids);
  return ids;
}

export async function collect<T>(source: AsyncIterable<T> | Iterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of source) all.push(item);
  return all;
}

/** One run of a poll to its end. */
export async function run(poll: Poll | undefined, from?: Checkpoint) {
  const pages = poll ? await collect(poll.run(from, never)) : [];
  const observations: Observation[] = pages.flatMap((page) => page.items);
  return { observations, checkpoint: pages.findLast((page) => page.checkpoint)?.checkpoint };
}

/** Points by device, signal and time; the last of an identity wins, as it does downstream. */
export function pointsBy(observations: readonly Observation[]): Map<string, PointValue['value']> {
  const points = new Map<string, PointValue['value']>();
  for (const observation of observations) {
    if (observation.type !== 'points') continue;
    for (const { signal, tsMs, value } of observation.points)
      points.set(`${observation.device}|${signal}|${tsMs}`, value);
  }
  return points;
}
