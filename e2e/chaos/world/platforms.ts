import {
  type ExosenseSimulator,
  type OchnoSimulator,
  type OpticloudSimulator,
  type Simulator,
  startExosense,
  startMeshydb,
  startOchno,
  startOctomesh,
  startOpticloud,
} from '@tributary/simulators';
import type { PlatformTarget } from '../plan/catalogue.ts';

/** An order that can be recognised among all others by what it did at the platform. */
export interface Order {
  nativeId: string;
  name: string;
  params: Record<string, string | number>;
}

export interface Orders {
  /** How many of a hundred orders are for this platform, beside the others: some bear few. */
  share: number;
  /** Another one for each number; the same number is the same order. */
  make(number: number): Order | undefined;
  /** How often the platform has done it. */
  effects(order: Order): number;
}

/** A platform as the campaign uses it. */
export interface StagedPlatform extends PlatformTarget {
  simulator: Simulator;
  /** Settings of its connections that differ from the simulator's demonstration. */
  settings: Record<string, unknown>;
  /** What is missing may be told as a gap, because the platform keeps nothing; points are this late at most. */
  replaysNothing?: { lateMs: number };
  /** Says what still holds, at the time of the device's newest message, when it is asked and not listened to. */
  tellsWhatHolds?: boolean;
  /** Answered requests that the platform refused by a limit of its own. */
  refusedByLimit(): number;
  orders?: Orders;
}

const ANY_PORT = { port: 0, controlPort: 0 } as const;
const KEPT = { historyMs: 2_000, retentionMs: 0, cadenceMs: 1_000, journalCapacity: 200_000 } as const;
const irregular = { late: 0.02, duplicate: 0.02, swapped: 0.02, corrected: 0.02 };
const count429 = (simulator: Simulator) => () =>
  simulator.journal.entries({ status: 429 }).filter(({ faults = [] }) => faults.length === 0).length;

/** All five, small, each with production of its own; `seed` decides what they produce. */
export async function startPlatforms(seed: number): Promise<StagedPlatform[]> {
  const started: StagedPlatform[] = [];
  try {
    for (const start of [octomesh, exosense, ochno, opticloud, meshydb]) started.push(await start(seed));
    return started;
  } catch (error) {
    await Promise.all(started.map(({ simulator }) => simulator.stop()));
    throw error;
  }
}

async function octomesh(seed: number): Promise<StagedPlatform> {
  const simulator = await startOctomesh({
    ...ANY_PORT,
    ...KEPT,
    identityPort: 0,
    devices: 8,
    otherDevices: 0,
    signalsPerDevice: 4,
    irregular,
    seed,
  });
  return {
    platform: 'octomesh',
    lies: [
      { kind: 'garble', members: ['hasNextPage'], value: true },
      { kind: 'garble', members: ['endCursor'], value: 'nowhere' },
      { kind: 'rewrite', changes: [{ pointer: '/data' }] },
    ],
    graphql: true,
    renewsTokens: true,
    streams: false,
    simulator,
    // Within what the platform allows in a minute, also while half of it is left after a 429.
    settings: {
      schedules: { discover: '30s', telemetry: '2500ms', repair: '20s', backfill: '2s', entities: '1m' },
      telemetry: { visibility: '500ms', lookBack: '10s', repairWindow: '3m', longestRest: '2s', outage: '10m' },
    },
    refusedByLimit: count429(simulator),
  };
}

async function exosense(seed: number): Promise<StagedPlatform> {
  const simulator = await startExosense({
    ...ANY_PORT,
    ...KEPT,
    devices: 6,
    signalsPerDevice: 8,
    oddSignals: [],
    irregular,
    seed,
  });
  return {
    platform: 'exosense',
    lies: [{ kind: 'rewrite', changes: [{ pointer: '/data' }] }],
    graphql: true,
    renewsTokens: false,
    streams: false,
    simulator,
    settings: {
      schedules: { discover: '30s', telemetry: '3s', follow: '2s', attributes: '2m', statuses: '1m', logs: '1m' },
      telemetry: { lookBack: '3m', lateEvery: '10s' },
    },
    refusedByLimit: () =>
      simulator.journal
        .entries()
        .filter(({ detail = '', faults = [] }) => detail.startsWith('Exceeded') && faults.length === 0).length,
    orders: exosenseOrders(simulator),
  };
}

/** A set-point that no other order asks for. */
function exosenseOrders(simulator: ExosenseSimulator): Orders {
  return {
    // Ten requests in ten seconds are all that the platform allows, for everything.
    share: 12,
    make: (number) => {
      const able = simulator.state
        .assets()
        .flatMap((asset) =>
          asset.signals
            .filter(({ control, type }) => control && type.primitive_type === 'NUMERIC')
            .map((signal) => ({ asset, signal })),
        );
      const found = able[number % Math.max(1, able.length)];
      if (!found) return undefined;
      const { min = 0 } = found.signal.control?.range ?? {};
      return {
        nativeId: found.asset.id,
        name: 'set-signal',
        params: { signal: found.signal.id, value: min + 1 + number / 100 },
      };
    },
    effects: ({ params }) =>
      simulator.state.orders.filter(({ signal, value }) => signal === params.signal && value === params.value).length,
  };
}

async function ochno(seed: number): Promise<StagedPlatform> {
  const simulator = await startOchno({
    ...ANY_PORT,
    ...KEPT,
    mqttPort: 0,
    historyMs: 0,
    devices: 16,
    otherDevices: 0,
    producing: false,
    plugEveryMs: 1e9,
    portQos: 1,
    // What comes late into a gap is lost long after its own time: the gap is told in times of sending.
    irregular: { late: 0, duplicate: 0.03, swapped: 0, corrected: 0 },
    seed,
  });
  return {
    platform: 'ochno',
    lies: [],
    graphql: false,
    renewsTokens: true,
    streams: true,
    simulator,
    settings: { schedules: { discover: '30s', follow: '1s', presence: '10s' } },
    replaysNothing: { lateMs: 500 },
    tellsWhatHolds: true,
    refusedByLimit: count429(simulator),
    orders: ochnoOrders(simulator),
  };
}

/** A level that no other order gives the same lamp. */
function ochnoOrders(simulator: OchnoSimulator): Orders {
  return {
    share: 44,
    make: (number) => {
      const lamps = simulator.scenario.ports.filter(({ kind }) => kind === 'lamp');
      const lamp = lamps[number % Math.max(1, lamps.length)];
      const level = Math.floor(number / Math.max(1, lamps.length)) + 1;
      return lamp && level <= 100 ? { nativeId: lamp.port.id, name: 'lamp.level', params: { level } } : undefined;
    },
    effects: ({ nativeId, params }) =>
      simulator.journal.count({
        operation: 'OCHNO-11',
        detail: [`${nativeId} lamp.level=${params.level}`, `${nativeId} lamp.level=${params.level},*`],
      }),
  };
}

async function opticloud(seed: number): Promise<StagedPlatform> {
  const simulator = await startOpticloud({
    ...ANY_PORT,
    ...KEPT,
    mqttPort: 0,
    devices: 8,
    otherDevices: 0,
    signalsPerDevice: 5,
    heartbeatMs: 2_000,
    irregular,
    seed,
  });
  return {
    platform: 'opticloud',
    lies: [
      { kind: 'garble', members: ['hasNext'], value: true },
      { kind: 'garble', members: ['totalElements'], value: 1e6 },
      { kind: 'rewrite', changes: [{ pointer: '/data' }] },
    ],
    graphql: false,
    renewsTokens: true,
    streams: false,
    simulator,
    settings: {
      schedules: { discover: '15s', telemetry: '2s', follow: '1s', communication: '5s' },
      telemetry: { lookBack: '3m', lateEvery: '4s', longestRest: '5s' },
    },
    refusedByLimit: count429(simulator),
    orders: opticloudOrders(simulator),
  };
}

/** A list under a tag of its own. */
function opticloudOrders(simulator: OpticloudSimulator): Orders {
  return {
    share: 44,
    make: (number) => {
      const devices = simulator.state.devices();
      const device = devices[number % Math.max(1, devices.length)];
      return (
        device && {
          nativeId: device.id,
          name: 'list-files',
          params: { from: '2026-01-01T00:00:00.000Z', to: '2026-12-31T00:00:00.000Z', tag: `order-${number}` },
        }
      );
    },
    effects: ({ nativeId, params }) =>
      simulator.state.device(nativeId)?.queue.tasks.filter(({ fileTag }) => fileTag === params.tag).length ?? 0,
  };
}

async function meshydb(seed: number): Promise<StagedPlatform> {
  const simulator = await startMeshydb({
    ...ANY_PORT,
    ...KEPT,
    authPort: 0,
    devices: 8,
    signalsPerDevice: 4,
    workOrders: 10,
    irregular,
    seed,
  });
  return {
    platform: 'meshydb',
    lies: [
      { kind: 'garble', members: ['totalRecords'], value: 1e6 },
      { kind: 'rewrite', changes: [{ pointer: '/results' }] },
    ],
    graphql: false,
    renewsTokens: true,
    streams: false,
    simulator,
    settings: {
      schedules: { discover: '30s', documents: '2s', entities: '20s' },
      telemetry: { longestRest: '2s', lateEvery: '5s' },
    },
    refusedByLimit: count429(simulator),
  };
}
