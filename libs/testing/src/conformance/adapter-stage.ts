import { randomBytes } from 'node:crypto';
import { type CommandOrder, commandOrder, deviceId } from '@tributary/contracts';
import {
  CommandLedger,
  Connections,
  type CredentialVault,
  type Database,
  migrate,
  openDatabase,
} from '@tributary/database';
import { Broker, topologyNames } from '@tributary/messaging';
import { Metrics, silentLogger, systemClock } from '@tributary/runtime';
import type { Simulator } from '@tributary/simulators';
import { eventually } from '../conditions.ts';
import { FaultProxy } from '../fault-proxy.ts';
import { dropTopology } from '../harness/drop-topology.ts';
import { type BackingServices, House, newSealingKey } from '../harness/house.ts';
import type { ServiceProcess } from '../harness/service-process.ts';
import { sharedBacking } from '../harness/shared-backing.ts';
import { storeConnection, vaultOf } from '../harness/store-connection.ts';
import { BusRecorder, pointKey } from './bus-recorder.ts';

const WORKSPACE = 'default';
const LEASE_TTL = '3s';
/** A platform that was away is tried again soon, so that its return need not be waited for. */
const BREAKER_PAUSE = '2s';

export interface StageSettings {
  simulator: Simulator;
  /** Settings that make the connection quick enough for a test. */
  settings: Record<string, unknown>;
  /**
   * The platform replays nothing: a point that was sent in a time that is told as a gap need not come. Points are sent
   * up to so many milliseconds after their own time.
   */
  gapsExcuse?: { lateMs: number };
}

/** One adapter as a real process before a simulator, the broker reached through a wire that can be spoiled. */
export class AdapterStage {
  readonly simulator: Simulator;
  readonly #settings: Record<string, unknown>;
  readonly #gapsExcuse: StageSettings['gapsExcuse'];
  readonly #backing: BackingServices;
  readonly #house: House;
  readonly #vault: CredentialVault;
  readonly #namespace: string;
  readonly wire: FaultProxy;
  readonly bus: BusRecorder;
  readonly database: Database;
  readonly #broker: Broker;

  private constructor(parts: {
    options: StageSettings;
    backing: BackingServices;
    namespace: string;
    keys: string;
    wire: FaultProxy;
    bus: BusRecorder;
    broker: Broker;
  }) {
    this.simulator = parts.options.simulator;
    this.#settings = parts.options.settings;
    this.#gapsExcuse = parts.options.gapsExcuse;
    this.#backing = parts.backing;
    this.#namespace = parts.namespace;
    this.wire = parts.wire;
    this.bus = parts.bus;
    this.#broker = parts.broker;
    this.#vault = vaultOf(parts.keys);
    this.database = openDatabase({ url: parts.backing.databaseUrl, log: silentLogger, applicationName: 'conformance' });
    this.#house = new House({
      backing: { ...parts.backing, rabbitmqUrl: parts.wire.through(parts.backing.rabbitmqUrl) },
      namespace: parts.namespace,
      keys: parts.keys,
      env: { LEASE_TTL, BREAKER_PAUSE },
    });
  }

  static async start(options: StageSettings): Promise<AdapterStage> {
    const namespace = `conf-${randomBytes(5).toString('hex')}`;
    const database = new URL(sharedBacking.databaseUrl);
    database.pathname = `/${namespace.replace('-', '_')}`;
    const backing = { ...sharedBacking, databaseUrl: database.href };
    await migrate({ url: backing.databaseUrl, log: silentLogger });
    const broker = Broker.connect({
      url: backing.rabbitmqUrl,
      namespace,
      name: 'conformance',
      log: silentLogger,
      metrics: new Metrics('conformance'),
      clock: systemClock,
    });
    await broker.ready();
    const bus = await BusRecorder.start(backing.rabbitmqUrl, topologyNames(namespace).events);
    const { hostname, port } = new URL(backing.rabbitmqUrl);
    const wire = await FaultProxy.start({ host: hostname, port: Number(port) });
    const stage = new AdapterStage({ options, backing, namespace, keys: newSealingKey(), wire, bus, broker });
    // What an adapter knows after a restart is what ingest has stored of it.
    await stage.#house.spawnApp('telemetry-ingest', { RABBITMQ_URL: backing.rabbitmqUrl }).ready();
    return stage;
  }

  /** Starts the adapter's process; a second call after it left starts it again. */
  async startAdapter(env: Record<string, string> = {}): Promise<ServiceProcess> {
    const service = this.#house.spawnApp(`adapter-${this.simulator.platform}`, env, 'adapter');
    await service.ready();
    return service;
  }

  get adapter(): ServiceProcess {
    return this.#house.get('adapter');
  }

  /** A connection to the simulator's demonstration account, as the api would store it. */
  async connect(credentials = this.simulator.demoConnection.credentials): Promise<string> {
    const { platform, name, settings } = this.simulator.demoConnection;
    const all = { ...settings, ...this.#settings };
    return storeConnection(this.database, this.#vault, { platform, name, settings: all, credentials });
  }

  async disconnect(connectionId: string): Promise<void> {
    await new Connections(this.database).remove(WORKSPACE, connectionId, undefined);
  }

  /**
   * Points that were produced so far, are not yet on the bus with the value the platform would answer, and are not told
   * to be missing.
   */
  missing(): string[] {
    const missing: string[] = [];
    const excused = this.#gapsExcuse ? this.#excuse(this.#gapsExcuse) : () => false;
    for (const { device, signal, ts, value } of this.simulator.truth.points()) {
      const key = pointKey(device, signal, ts);
      const seen = this.bus.points.get(key);
      if ((!seen || !sameValue(seen.value, value)) && !excused(device, ts)) missing.push(key);
    }
    return missing;
  }

  #excuse({ lateMs }: { lateMs: number }): (device: string, ts: number) => boolean {
    const gaps = this.bus.gaps();
    const spaces = new Map<string, string[]>();
    const isIn = (device: string, space: string) => {
      const known = spaces.get(device) ?? this.bus.spacesOf(device);
      spaces.set(device, known);
      return known.includes(space);
    };
    return (device, ts) =>
      gaps.some(
        (gap) =>
          ts >= gap.fromMs - lateMs &&
          ts < gap.toMs &&
          (gap.device ?? device) === device &&
          (gap.space === undefined || isIn(device, gap.space)),
      );
  }

  /** Production stops, and everything that was produced must come; then production goes on. */
  async complete(timeoutMs = 60_000): Promise<void> {
    this.simulator.production.pause();
    try {
      await eventually('everything produced is on the bus', () => this.missing().length === 0, {
        timeoutMs,
        everyMs: 200,
      });
    } catch (error) {
      const missing = this.missing();
      throw new Error(`${missing.length} points never came, such as ${missing.slice(0, 3).join('  ')}`, {
        cause: error,
      });
    } finally {
      this.simulator.production.resume();
    }
  }

  /** Stores an order and hands it to the adapter, as the api's outbox would; `copies` is how often it is delivered. */
  async order(
    connectionId: string,
    command: { nativeId: string; name: string; params: Record<string, unknown>; expiresInMs: number },
    copies = 1,
  ): Promise<string> {
    const { platform } = this.simulator;
    const names = topologyNames(this.#namespace);
    const queue = names.adapterCommands(platform);
    const ledger = new CommandLedger(this.database, { clock: systemClock, commandQueue: () => queue });
    const device = deviceId(connectionId, command.nativeId);
    const expiresAt = new Date(Date.now() + command.expiresInMs);
    const stored = await ledger.accept({
      workspace: WORKSPACE,
      platform,
      connectionId,
      deviceId: device,
      nativeId: command.nativeId,
      name: command.name,
      params: command.params as never,
      expiresAt,
      caller: 'conformance',
    });
    const order: CommandOrder = commandOrder.parse({
      commandId: stored.id,
      workspace: WORKSPACE,
      connectionId,
      deviceId: device,
      nativeId: command.nativeId,
      name: command.name,
      params: command.params,
      expiresAt: expiresAt.toISOString(),
    });
    const publisher = this.#broker.publisher();
    for (let copy = 0; copy < copies; copy += 1) await publisher.send(queue, order, { messageId: stored.id });
    await publisher.close();
    return stored.id;
  }

  async rows<T extends Record<string, unknown>>(sql: string, params: unknown[] = []): Promise<T[]> {
    return (await this.database.pool.query<T>(sql, params)).rows;
  }

  async stop(): Promise<void> {
    await this.#house.stop();
    await this.bus.stop();
    await this.#broker.close();
    await dropTopology(this.#backing.rabbitmqUrl, this.#namespace, [this.simulator.platform]);
    await this.wire.stop();
    await this.database.close();
    await this.simulator.stop();
    await this.#dropDatabase();
  }

  async #dropDatabase(): Promise<void> {
    const maintenance = openDatabase({
      url: withPath(this.#backing.databaseUrl, '/postgres'),
      log: silentLogger,
      applicationName: 'conformance',
    });
    await maintenance.pool.query(`drop database if exists "${this.#namespace.replace('-', '_')}" with (force)`);
    await maintenance.close();
  }
}

function withPath(url: string, path: string): string {
  const changed = new URL(url);
  changed.pathname = path;
  return changed.href;
}

/** Keys of an object in any order; numbers by value. */
function sameValue(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b);
  const [left, right] = [Object.entries(a), b as Record<string, unknown>];
  return left.length === Object.keys(right).length && left.every(([key, value]) => sameValue(value, right[key]));
}
