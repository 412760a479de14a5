import { randomUUID } from 'node:crypto';
import {
  type Adapter,
  type Checkpoint,
  type Clock,
  type ConnectionAccess,
  makeConnectionKit,
  type Observation,
  type PointValue,
  type Poll,
} from '@tributary/adapter-kit';
import { type OctomeshOptions, type OctomeshSimulator, startOctomesh } from '@tributary/simulators';
import { eventually, Metrics, silentLogger, systemClock } from '@tributary/testing';
import { adapter } from '../src/adapter.ts';

export const never: AbortSignal = new AbortController().signal;

export interface Connected {
  adapter: Adapter;
  access: ConnectionAccess;
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
const LARGE = { limit: 100_000, per: '1s', documented: false };
const noBudgets = { queries: LARGE, mutations: LARGE, uploads: LARGE };

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
  const access = makeConnectionKit({
    connectionId: `con_${randomUUID()}`,
    manifest: limited ? adapter.manifest : { ...adapter.manifest, budgets: noBudgets },
    log: silentLogger,
    metrics: new Metrics('test'),
    clock: limited ? counting(simulator.clock, underWay) : systemClock,
    allowPrivateAddresses: true,
    ...(limited ? { operationPolicy: { read: PATIENT, bulk: PATIENT, auth: PATIENT, command: PATIENT } } : {}),
  });
  const config = {
    settings: adapter.settings.parse(ownOf({ ...settings, ...options.settings })),
    credentials: adapter.credentials.parse(options.credentials ?? credentials),
  };
  return { access, adapter: adapter.connect(config, access.kit), underWay: () => underWay.requests };
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

/** What is undefined is not given. */
const ownOf = (settings: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));

export async function discover({ adapter: connected, access }: Connected): Promise<string[]> {
  const pages = await collect(connected.devices?.discover(never) ?? []);
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
  return { observations, checkpoint: pages.findLast((page) => page.checkpoint)?.checkpoint ?? from };
}

/** Points by device, signal and time; the last of an identity wins, as it does downstream. */
export function pointsBy(
  observations: readonly Observation[],
  points = new Map<string, PointValue['value']>(),
): Map<string, PointValue['value']> {
  for (const observation of observations) {
    if (observation.type !== 'points') continue;
    for (const { signal, tsMs, value } of observation.points)
      points.set(`${observation.device}|${signal}|${tsMs}`, value);
  }
  return points;
}

/** What the platform would answer, in the same form. */
export function truthBy(
  { truth }: Pick<OctomeshSimulator, 'truth'>,
  filter: Parameters<OctomeshSimulator['truth']['points']>[0] = {},
): Map<string, unknown> {
  return new Map(
    [...truth.points(filter)].map(({ device, signal, ts, value }) => [`${device}|${signal}|${ts}`, value]),
  );
}

export const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

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

/** Points that have not come, or with another value. */
export const missingOf = (expected: ReadonlyMap<string, unknown>, found: ReadonlyMap<string, unknown>): string[] =>
  [...expected].filter(([key, value]) => JSON.stringify(found.get(key)) !== JSON.stringify(value)).map(([key]) => key);
