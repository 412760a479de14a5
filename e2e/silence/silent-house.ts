import {
  type Simulator,
  startExosense,
  startMeshydb,
  startOchno,
  startOctomesh,
  startOpticloud,
} from '@tributary/simulators';
import { BusRecorder, dropTopology, eventually, FaultProxy, sharedBacking } from '@tributary/testing';
import { Stage } from '../src/stage.ts';

/** How often every device sends. */
export const CADENCE_MS = 2_000;
const irregular = { late: 0, duplicate: 0, swapped: 0, corrected: 0 };
const QUIET = { port: 0, controlPort: 0, historyMs: 0, retentionMs: 0, cadenceMs: CADENCE_MS, irregular } as const;

interface Staged {
  simulator: Simulator;
  settings: Record<string, unknown>;
  /** The operation that brings points, and the member of a point without which it is none. */
  points?: { operation: string; time: string };
}

/** All five, with few devices, read often. */
async function startPlatforms(): Promise<Staged[]> {
  const octomesh = await startOctomesh({ ...QUIET, identityPort: 0, devices: 2, otherDevices: 0, signalsPerDevice: 2 });
  const exosense = await startExosense({ ...QUIET, devices: 2, signalsPerDevice: 2, oddSignals: [], rates: [1] });
  const ochno = await startOchno({ ...QUIET, mqttPort: 0, devices: 2, otherDevices: 0, plugEveryMs: 1e9 });
  const opticloud = await startOpticloud({ ...QUIET, mqttPort: 0, devices: 3, otherDevices: 0, signalsPerDevice: 2 });
  const meshydb = await startMeshydb({ ...QUIET, authPort: 0, devices: 2, signalsPerDevice: 2, workOrders: 1 });
  return [
    {
      simulator: octomesh,
      settings: {
        schedules: { telemetry: '3s', backfill: '1h', repair: '1h', entities: '1h' },
        telemetry: { visibility: '0s', lookBack: '5s', repairWindow: '1m', longestRest: '1s', outage: '5m' },
      },
      points: { operation: 'OCTO-10', time: 'timestamp' },
    },
    {
      simulator: exosense,
      settings: {
        schedules: { telemetry: '2s', follow: '1h', attributes: '1h', statuses: '1h', logs: '1h' },
        telemetry: { lookBack: '1m', lateEvery: '1m' },
      },
      points: { operation: 'EXO-*', time: 'timestamp' },
    },
    { simulator: ochno, settings: { schedules: { presence: '2s', follow: '1h', reconcile: '1h' } } },
    {
      simulator: opticloud,
      settings: {
        schedules: { telemetry: '1s', follow: '1h', communication: '1h' },
        telemetry: { lookBack: '1m', lateEvery: '1m', longestRest: '1s' },
      },
      points: { operation: 'OPTI-11', time: 'ts' },
    },
    {
      simulator: meshydb,
      settings: {
        schedules: { documents: '1s', entities: '1h' },
        telemetry: { longestRest: '1s', lateEvery: '1m' },
      },
      points: { operation: 'MESHY-08', time: 'ts' },
    },
  ];
}

/** The whole house around all five platforms, with a wire to broker and database that can be cut. */
export class SilentHouse {
  readonly connections = new Map<string, string>();

  private constructor(
    readonly stage: Stage,
    readonly platforms: readonly Staged[],
    readonly wires: { broker: FaultProxy; database: FaultProxy },
    readonly bus: BusRecorder,
  ) {}

  static async start(): Promise<SilentHouse> {
    const broker = await FaultProxy.start(addressOf(sharedBacking.rabbitmqUrl, 5672));
    const database = await FaultProxy.start(addressOf(sharedBacking.databaseUrl, 5432));
    const platforms = await startPlatforms();
    const apps = Object.fromEntries(platforms.map(({ simulator: { platform } }) => [platform, `adapter-${platform}`]));
    const stage = await Stage.start({
      simulator: (platforms[0] as Staged).simulator,
      backing: {
        rabbitmqUrl: broker.through(sharedBacking.rabbitmqUrl),
        databaseUrl: database.through(sharedBacking.databaseUrl),
      },
      env: { FRESHNESS_EVERY: '500ms', BREAKER_PAUSE: '1s' },
      apps: { 'telemetry-ingest': 'telemetry-ingest', api: 'api', ...apps },
    });
    const bus = await BusRecorder.start(sharedBacking.rabbitmqUrl, `${stage.namespace}.events`);
    const house = new SilentHouse(stage, platforms, { broker, database }, bus);
    await house.#connect();
    return house;
  }

  async #connect(): Promise<void> {
    for (const { simulator, settings } of this.platforms) {
      const { platform, name, settings: demo, credentials } = simulator.demoConnection;
      await eventually('the platform is announced', async () =>
        (await this.stage.api.get('/v1/platforms')).items.some(({ id }) => id === platform),
      );
      const body = { platform, name, settings: { ...demo, ...settings } as Record<string, never>, credentials };
      this.connections.set(platform, (await this.stage.api.post('/v1/connections', { body })).id);
    }
  }

  /** Devices of which it is known how often something comes, by platform. */
  async devices(): Promise<{ id: string; platform: string; nativeId: string; stale: boolean }[]> {
    const { items } = await this.stage.api.get('/v1/devices', { query: { limit: 200, filter: 'stale pr' } });
    return items.map(({ id, platform, nativeId, stale }) => ({ id, platform, nativeId, stale: stale ?? false }));
  }

  /** Somebody asks whether a connection works again, as one who has mended it would. */
  async test(platform: string): Promise<boolean> {
    const connectionId = this.connections.get(platform) ?? '';
    const { ok } = await this.stage.api.post('/v1/connections/{connectionId}:test', { path: { connectionId } });
    return ok;
  }

  async stop(): Promise<void> {
    for (const wire of Object.values(this.wires)) wire.heal();
    await this.bus.stop();
    await this.stage.stop();
    for (const { simulator } of this.platforms) await simulator.stop();
    const names = this.platforms.map(({ simulator }) => simulator.platform);
    await dropTopology(sharedBacking.rabbitmqUrl, this.stage.namespace, names);
    for (const wire of Object.values(this.wires)) await wire.stop();
  }
}

function addressOf(url: string, port: number): { host: string; port: number } {
  const { hostname, port: given } = new URL(url);
  return { host: hostname, port: given === '' ? port : Number(given) };
}
