import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Manifest } from '@tributary/adapter-kit';
import { type Connected, collect, connectAdapter, never } from '@tributary/adapter-kit/testing';
import { type ExosenseOptions, type ExosenseSimulator, startExosense } from '@tributary/simulators';
import type { Redis } from 'ioredis';
import { adapter } from '../src/adapter.ts';

export { type Connected, never, pointsBy, run, truthBy } from '@tributary/adapter-kit/testing';

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
    const connected = connectAdapter(adapter, {
      settings: { ...simulator.demoConnection.settings, ...settings, ...more },
      credentials: { ...simulator.demoConnection.credentials, ...(token ? { token } : {}) },
      budgets,
      clock: simulator.clock,
      ...(redis ? { redis, namespace, budgetKey: 'token', replicas: () => 2 } : {}),
    });
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

/** Discovery to its end, remembered as the process would. */
export async function discover({ adapter, access }: Connected) {
  const pages = await collect(adapter.devices?.discover(never) ?? []);
  const devices = pages.flatMap((page) => page.items);
  access.rememberDevices(devices.map(({ nativeId }) => nativeId));
  return devices;
}

/** Requests that the platform refused because of a limit. */
export const refused = ({ journal }: ExosenseSimulator): number =>
  journal.entries({ detail: 'ExceededRateLimit*' }).length;
