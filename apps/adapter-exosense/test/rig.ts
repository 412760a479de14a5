import { randomUUID } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  type Adapter,
  type Checkpoint,
  type Manifest,
  makeConnectionKit,
  type Observation,
  type PointValue,
  type Poll,
} from '@tributary/adapter-kit';
import { type ExosenseOptions, type ExosenseSimulator, startExosense } from '@tributary/simulators';
import { Metrics, silentLogger } from '@tributary/testing';
import type { Redis } from 'ioredis';
import { adapter } from '../src/adapter.ts';

export const never: AbortSignal = new AbortController().signal;

export interface Connected {
  adapter: Adapter;
  access: ReturnType<typeof makeConnectionKit>;
}

export interface ConnectOptions {
  settings?: Record<string, unknown>;
  token?: string;
  /** Counts budgets there, together with all who name the same token. */
  redis?: Redis;
  namespace?: string;
  budgets?: Manifest['budgets'];
}

export interface Rig extends Connected {
  simulator: ExosenseSimulator;
  /** Another connection to the same simulator. */
  connect(options?: ConnectOptions): Connected;
  /** Time goes on by so much in small steps, each when no request is on its way: nothing takes any time but waiting. */
  pass(ms: number): Promise<void>;
  /** Time goes on until the work is done. */
  through<T>(work: Promise<T>, mostMs?: number): Promise<T>;
  stop(): Promise<void>;
}

const STEP_MS = 200;

/** The adapter on a real kit, against a real simulator, in one process and on one clock that a test moves. */
export async function startRig(options: ExosenseOptions = {}, settings: Record<string, unknown> = {}): Promise<Rig> {
  const simulator = await startExosense({ port: 0, controlPort: 0, devices: 3, clock: { speed: 0 }, ...options });
  const traffic = new Traffic();
  const open: Connected[] = [];
  const connect = ({
    settings: more,
    token,
    redis,
    namespace = 'test',
    budgets = adapter.manifest.budgets,
  }: ConnectOptions = {}) => {
    const access = makeConnectionKit({
      connectionId: `con_${randomUUID()}`,
      manifest: { ...adapter.manifest, budgets },
      log: silentLogger,
      metrics: new Metrics('test'),
      clock: simulator.clock,
      allowPrivateAddresses: true,
      ...(redis ? { redis, namespace, budgetKey: 'token', replicas: () => 2 } : {}),
    });
    const given = { ...simulator.demoConnection.settings, ...settings, ...more };
    const config = {
      settings: adapter.settings.parse(ownOf(given)),
      credentials: adapter.credentials.parse({ ...simulator.demoConnection.credentials, ...(token ? { token } : {}) }),
    };
    const connected = { access, adapter: adapter.connect(config, access.kit) };
    open.push(connected);
    return connected;
  };
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= STEP_MS) {
      await traffic.quiet();
      await simulator.clock.advance(Math.min(left, STEP_MS));
    }
    await traffic.quiet();
  };
  return {
    ...connect(),
    simulator,
    connect,
    pass,
    through: async (work, mostMs = 600_000) => {
      let done = false;
      const ended = () => {
        done = true;
      };
      work.then(ended, ended);
      for (let passed = 0; !done && passed < mostMs; passed += STEP_MS) {
        await traffic.quiet();
        if (!done) await simulator.clock.advance(STEP_MS);
      }
      if (!done) throw new Error(`not done after ${mostMs} ms`);
      return work;
    },
    stop: async () => {
      for (const { access } of open) await access.close();
      await simulator.stop();
      traffic.close();
    },
  };
}

/** What every connection may have is the kit's to read; the rest is this adapter's. */
const ownOf = ({ schedules: _schedules, budgets: _budgets, tls: _tls, ...own }: Record<string, unknown>) => own;

/** Knows whether a request of this process is on its way: while one is, time stands still. */
class Traffic {
  readonly #underWay = new Set<unknown>();
  readonly #stop: (() => void)[] = [];

  constructor() {
    this.#listen('undici:request:create', (request) => this.#underWay.add(request));
    for (const end of ['undici:request:trailers', 'undici:request:error']) {
      this.#listen(end, (request) => this.#underWay.delete(request));
    }
  }

  async quiet(): Promise<void> {
    for (let still = 0; still < 6; still += 1) {
      await new Promise(setImmediate);
      if (this.#underWay.size > 0) still = -1;
    }
  }

  close(): void {
    for (const stop of this.#stop) stop();
  }

  #listen(name: string, heard: (request: unknown) => void): void {
    const listener = (message: unknown) => heard((message as { request: unknown }).request);
    subscribe(name, listener);
    this.#stop.push(() => unsubscribe(name, listener));
  }
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

/** Discovery to its end, remembered as the process would. */
export async function discover({ adapter, access }: Connected) {
  const pages = await collect(adapter.devices?.discover(never) ?? []);
  const devices = pages.flatMap((page) => page.items);
  access.rememberDevices(devices.map(({ nativeId }) => nativeId));
  return devices;
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

export const truthOf = ({ truth }: ExosenseSimulator): Map<string, unknown> =>
  new Map([...truth.points()].map(({ device, signal, ts, value }) => [`${device}|${signal}|${ts}`, value]));

/** Requests that the platform refused because of a limit. */
export const refused = ({ journal }: ExosenseSimulator): number =>
  journal.entries({ detail: 'ExceededRateLimit*' }).length;
