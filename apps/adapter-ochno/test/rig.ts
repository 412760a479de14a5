import { randomUUID } from 'node:crypto';
import {
  type Adapter,
  type Checkpoint,
  makeConnectionKit,
  type Observation,
  type Poll,
  type StreamItem,
} from '@tributary/adapter-kit';
import { type OchnoOptions, type OchnoSimulator, startOchno } from '@tributary/simulators';
import { eventually, Metrics, silentLogger, systemClock } from '@tributary/testing';
import { adapter } from '../src/adapter.ts';

export const never: AbortSignal = new AbortController().signal;
export const PATIENCE = { timeoutMs: 45_000 };

export interface Connected {
  adapter: Adapter;
  access: ReturnType<typeof makeConnectionKit>;
}

export interface Rig extends Connected {
  simulator: OchnoSimulator;
  /** Native ids of a finished discovery, also remembered by the kit. */
  discover(): Promise<string[]>;
  /** Another connection to the same simulator. */
  connect(settings?: Record<string, unknown>, credentials?: Record<string, string>): Connected;
  stop(): Promise<void>;
}

/** The adapter on a real kit, against a real simulator, in one process. */
export async function startRig(
  options: Partial<OchnoOptions> = {},
  settings: Record<string, unknown> = {},
): Promise<Rig> {
  const simulator = await startOchno({
    devices: 8,
    otherDevices: 2,
    port: 0,
    mqttPort: 0,
    controlPort: 0,
    historyMs: 0,
    retentionMs: 0,
    producing: false,
    plugEveryMs: 1e9,
    ...options,
  });
  const open: Connected[] = [];
  const connect: Rig['connect'] = (more = {}, credentials = simulator.demoConnection.credentials) => {
    const connected = connectTo({ ...simulator.demoConnection.settings, ...settings, ...more }, credentials);
    open.push(connected);
    return connected;
  };
  const first = connect();
  return {
    ...first,
    simulator,
    connect,
    discover: () => discover(first),
    stop: async () => {
      for (const connected of open) {
        await connected.adapter.close?.('stopping');
        await connected.access.close();
      }
      await simulator.stop();
    },
  };
}

function connectTo(settings: Record<string, unknown>, credentials: Record<string, string>): Connected {
  const { tls, schedules: _schedules, budgets: _budgets, ...own } = settings;
  const access = makeConnectionKit({
    connectionId: `con_${randomUUID()}`,
    manifest: { ...adapter.manifest, budgets: { requests: { limit: 100_000, per: '1s', documented: false } } },
    log: silentLogger,
    metrics: new Metrics('test'),
    clock: systemClock,
    allowPrivateAddresses: true,
    ca: (tls as { ca?: string } | undefined)?.ca,
  });
  const config = { settings: adapter.settings.parse(own), credentials: adapter.credentials.parse(credentials) };
  return { access, adapter: adapter.connect(config, access.kit) };
}

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

export interface Listener {
  items: StreamItem[];
  /** How it ended, once it has. */
  readonly failure: unknown;
  ended: Promise<void>;
  stop(): Promise<void>;
}

/** Reads a company's stream until it ends, confirming everything after `confirmAfterMs`. Resolves when it stands. */
export async function listen(
  { adapter }: Connected,
  company: string,
  confirmAfterMs: () => number = () => 0,
): Promise<Listener> {
  const stop = new AbortController();
  const items: StreamItem[] = [];
  let failure: unknown;
  const read = async () => {
    try {
      for await (const item of adapter.stream?.open(stop.signal, company) ?? []) {
        items.push(item);
        const { done } = item.type === 'opened' ? {} : item;
        const waitMs = confirmAfterMs();
        if (waitMs === 0) done?.();
        else setTimeout(() => done?.(), waitMs);
      }
    } catch (error) {
      failure = error;
    }
  };
  const ended = read();
  const listener: Listener = {
    items,
    get failure() {
      return failure;
    },
    ended,
    stop: async () => {
      stop.abort(new Error('the test has heard enough'));
      await ended;
    },
  };
  await eventually('the stream stands', () => items.length > 0 || failure !== undefined, PATIENCE);
  return listener;
}

/** Every point by device, signal and time, with each value it came with, in the order in which they came. */
export function pointsBy(observations: readonly (Observation | StreamItem)[]): Map<string, unknown[]> {
  const points = new Map<string, unknown[]>();
  for (const observation of observations) {
    if (observation.type !== 'points') continue;
    for (const { signal, tsMs, value } of observation.points) {
      const key = `${observation.device}|${signal}|${tsMs}`;
      points.set(key, [...(points.get(key) ?? []), value]);
    }
  }
  return points;
}

/** As `pointsBy`, of everything that the simulator has streamed. */
export const truthOf = (simulator: OchnoSimulator): Map<string, unknown> =>
  new Map([...simulator.truth.points()].map(({ device, signal, ts, value }) => [`${device}|${signal}|${ts}`, value]));

/** What was produced and has not come, or has come with another value last. */
export function missing(simulator: OchnoSimulator, observations: readonly (Observation | StreamItem)[]): string[] {
  const points = pointsBy(observations);
  return [...truthOf(simulator)].flatMap(([key, value]) => (points.get(key)?.at(-1) === value ? [] : [key]));
}

export const eventsNamed = (items: readonly (Observation | StreamItem)[], name: string) =>
  items.flatMap((item) => (item.type === 'platform-event' && item.event.name === name ? [item.event] : []));
