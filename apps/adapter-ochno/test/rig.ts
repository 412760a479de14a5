import type { Observation, StreamItem } from '@tributary/adapter-kit';
import { type Connected, connectAdapter, discover, truthBy } from '@tributary/adapter-kit/testing';
import { type OchnoOptions, type OchnoSimulator, startOchno } from '@tributary/simulators';
import { eventually } from '@tributary/testing';
import { adapter } from '../src/adapter.ts';

export { type Connected, collect, never, run } from '@tributary/adapter-kit/testing';

export const PATIENCE = { timeoutMs: 45_000 };

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
    const all = { ...simulator.demoConnection.settings, ...settings, ...more };
    const connected = connectAdapter(adapter, { settings: all, credentials });
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

/** What was produced and has not come, or has come with another value last. */
export function missing(simulator: OchnoSimulator, observations: readonly (Observation | StreamItem)[]): string[] {
  const points = pointsBy(observations);
  return [...truthBy(simulator)].flatMap(([key, value]) => (points.get(key)?.at(-1) === value ? [] : [key]));
}

export const eventsNamed = (items: readonly (Observation | StreamItem)[], name: string) =>
  items.flatMap((item) => (item.type === 'platform-event' && item.event.name === name ? [item.event] : []));
