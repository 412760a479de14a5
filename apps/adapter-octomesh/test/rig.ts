import type { Adapter, Checkpoint, Clock, Observation, PointValue } from '@tributary/adapter-kit';
import {
  type Connected as Connection,
  connectAdapter,
  discover,
  missingOf,
  never,
  pointsBy,
} from '@tributary/adapter-kit/testing';
import { type OctomeshOptions, type OctomeshSimulator, startOctomesh } from '@tributary/simulators';
import { eventually } from '@tributary/testing';
import { adapter } from '../src/adapter.ts';

export { collect, failureOf, missingOf, never, pointsBy, run, truthBy } from '@tributary/adapter-kit/testing';

export interface Connected extends Connection {
  /** Requests that the platform has not answered yet; counted where the clock is the simulator's. */
  underWay: () => number;
}

export interface ConnectOptions {
  settings?: Record<string, unknown>;
  credentials?: Record<string, string>;
  /** The manifest's own budgets, on the simulator's clock; otherwise there is no limit. */
  limited?: boolean;
}

export interface Rig extends Connected {
  simulator: OctomeshSimulator;
  /** Native ids of a finished discovery, also remembered by the kit. */
  discover(): Promise<string[]>;
  /** Another connection to the same simulator. */
  connect(options?: ConnectOptions): Connected;
  stop(): Promise<void>;
}

const NO_LIMITS = { queries: 1_000_000, mutations: 1_000_000, uploads: 1_000_000, windowMs: 1_000 };
/** On a clock that is moved by hand a slow machine is no slow platform. */
const PATIENT = { timeoutMs: 3_600_000 };

/** The adapter on a real kit, against a real simulator, in one process. */
export async function startRig(options: Partial<OctomeshOptions> = {}, first: ConnectOptions = {}): Promise<Rig> {
  const simulator = await startOctomesh({
    devices: 5,
    otherDevices: 0,
    identityPort: 0,
    port: 0,
    controlPort: 0,
    limits: NO_LIMITS,
    retentionMs: 0,
    ...options,
  });
  const open: Connected[] = [];
  const connect: Rig['connect'] = (more = {}) => {
    const connected = connectTo(simulator, { ...first, ...more, settings: { ...first.settings, ...more.settings } });
    open.push(connected);
    return connected;
  };
  const own = connect();
  return {
    ...own,
    simulator,
    connect,
    discover: () => discover(own),
    stop: async () => {
      for (const connected of open) await connected.access.close();
      await simulator.stop();
    },
  };
}

function connectTo(simulator: OctomeshSimulator, options: ConnectOptions): Connected {
  const { settings, credentials } = simulator.demoConnection;
  const { limited = false } = options;
  const underWay = { requests: 0 };
  const connection = connectAdapter(adapter, {
    settings: { ...settings, ...options.settings },
    credentials: options.credentials ?? credentials,
    ...(limited
      ? {
          budgets: adapter.manifest.budgets,
          clock: counting(simulator.clock, underWay),
          operationPolicy: { read: PATIENT, bulk: PATIENT, auth: PATIENT, command: PATIENT },
        }
      : {}),
  });
  return { ...connection, underWay: () => underWay.requests };
}

/** Each request on the wire has a deadline, which nothing else is as long as. */
function counting(clock: Clock, underWay: { requests: number }): Clock {
  return {
    now: () => clock.now(),
    monotonicMs: () => clock.monotonicMs(),
    every: (ms, fn) => clock.every(ms, fn),
    sleep: (ms, signal) => clock.sleep(ms, signal),
    after: (ms, fn) => {
      const cancel = clock.after(ms, fn);
      if (ms !== PATIENT.timeoutMs) return cancel;
      underWay.requests += 1;
      let open = true;
      return () => {
        if (open) underWay.requests -= 1;
        open = false;
        cancel();
      };
    },
  };
}

/** Runs an adapter's polls as a supervisor would: one after the other, each from its own last checkpoint. */
export class Poller {
  readonly checkpoints = new Map<string, Checkpoint>();
  readonly points = new Map<string, PointValue['value']>();
  readonly observations: Observation[] = [];

  constructor(
    private readonly adapter: Adapter,
    private readonly names: readonly string[] = ['telemetry', 'repair', 'backfill'],
  ) {}

  /** What came before a failure counts, as it does with a supervisor. */
  async round(...names: readonly string[]): Promise<void> {
    for (const name of names.length > 0 ? names : this.names) {
      for await (const page of this.adapter.polls?.[name]?.run(this.checkpoints.get(name), never) ?? []) {
        pointsBy(page.items, this.points);
        this.observations.push(...page.items.filter(({ type }) => type !== 'points'));
        if (page.checkpoint) this.checkpoints.set(name, page.checkpoint);
      }
    }
  }

  /** Until all of `expected`, and nothing else, has come; of one device where it is named. */
  async until(expected: () => Map<string, unknown>, device = ''): Promise<void> {
    await eventually(
      'every point has come',
      async () => {
        await this.round();
        return missingOf(expected(), this.points).length === 0;
      },
      { timeoutMs: 30_000, everyMs: 100 },
    );
    const own = [...this.points.keys()].filter((key) => key.startsWith(device));
    const made = expected();
    const strangers = own.filter((key) => !made.has(key));
    if (device !== '' && strangers.length > 0)
      throw new Error(`points that nobody made: ${strangers.slice(0, 3).join(' ')}`);
  }
}
