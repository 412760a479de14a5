import type { SilenceData, TributaryEvent } from '@tributary/contracts';
import { BusRecorder, dropTopology, eventually, FaultProxy, sharedBacking } from '@tributary/testing';
import { Stage } from '../src/stage.ts';
import { type Pace, type PlatformName, platforms, type Staged } from './platforms.ts';

export interface SilentHouseOptions {
  names: readonly PlatformName[];
  pace: Pace;
}

export interface KnownDevice {
  id: string;
  platform: string;
  stale: boolean;
  observedMs: number;
}

type Turn = 'device.stale' | 'device.recovered';
export type Silenced = TributaryEvent<'device.stale'> & { data: SilenceData };

/** The whole house around the platforms, with a wire to broker and database that can be cut. */
export class SilentHouse {
  readonly connections = new Map<string, string>();
  /** Those of which points come, as they were before anything was hurt. */
  devices: readonly KnownDevice[] = [];

  private constructor(
    readonly stage: Stage,
    readonly pace: Pace,
    readonly platforms: readonly Staged[],
    readonly wires: { broker: FaultProxy; database: FaultProxy },
    readonly bus: BusRecorder,
  ) {}

  static async start({ names, pace }: SilentHouseOptions): Promise<SilentHouse> {
    const broker = await FaultProxy.start(addressOf(sharedBacking.rabbitmqUrl, 5672));
    const database = await FaultProxy.start(addressOf(sharedBacking.databaseUrl, 5432));
    const staged = await Promise.all(names.map((name) => platforms[name](pace)));
    const apps = Object.fromEntries(names.map((name) => [name, `adapter-${name}`]));
    const stage = await Stage.start({
      simulator: (staged[0] as Staged).simulator,
      backing: {
        rabbitmqUrl: broker.through(sharedBacking.rabbitmqUrl),
        databaseUrl: database.through(sharedBacking.databaseUrl),
      },
      env: { BREAKER_PAUSE: '1s' },
      apps: { 'telemetry-ingest': 'telemetry-ingest', api: 'api', ...apps },
    });
    const bus = await BusRecorder.start(sharedBacking.rabbitmqUrl, `${stage.namespace}.events`);
    const house = new SilentHouse(stage, pace, staged, { broker, database }, bus);
    await house.#connect();
    return house;
  }

  get names(): string[] {
    return this.platforms.map(({ simulator }) => simulator.platform);
  }

  /** Until it is known of every device of which points come how often they do. */
  async untilKnown(timeoutMs: number): Promise<void> {
    await eventually(
      'it is known of all devices how often something comes',
      async () => {
        const { items } = await this.stage.api.get('/v1/devices', { query: { limit: 200 } });
        const sending = items.filter(({ observedAt }) => observedAt !== undefined);
        const counts = Map.groupBy(sending, ({ platform }) => platform);
        if (!this.names.every((name) => (counts.get(name)?.length ?? 0) >= 2)) return false;
        return sending.every(({ staleAfterMs }) => staleAfterMs !== undefined);
      },
      { timeoutMs, everyMs: 500 },
    );
    this.devices = await this.known();
  }

  /** Devices of which it is known how often something comes. */
  async known(): Promise<KnownDevice[]> {
    const { items } = await this.stage.api.get('/v1/devices', { query: { limit: 200, filter: 'stale pr' } });
    return items.map(({ id, platform, stale, observedAt }) => ({
      id,
      platform,
      stale: stale ?? false,
      observedMs: Date.parse(observedAt ?? ''),
    }));
  }

  /** Nothing is silent, and something has come of every device since then. */
  async untilFresh(sinceMs: number, timeoutMs: number): Promise<void> {
    await eventually(
      'something has come of every device',
      async () => (await this.known()).every(({ stale, observedMs }) => !stale && observedMs > sinceMs),
      { timeoutMs, everyMs: 250 },
    );
  }

  /** What was told of devices since the bus had so many events, with when it was heard; milliseconds since 1970. */
  told(name: Turn, after: number): { event: Silenced; heardMs: number }[] {
    return this.bus.events
      .slice(after)
      .filter((heard) => heard.name === name)
      .map(({ event, receivedMs }) => ({ event: event as Silenced, heardMs: receivedMs }));
  }

  allTold(name: Turn, after: number): boolean {
    const subjects = new Set(this.told(name, after).map(({ event }) => event.subject));
    return this.devices.every(({ id }) => subjects.has(id));
  }

  async allStale(): Promise<boolean> {
    return (await this.known()).every(({ stale }) => stale);
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
    await dropTopology(sharedBacking.rabbitmqUrl, this.stage.namespace, this.names);
    for (const wire of Object.values(this.wires)) await wire.stop();
  }
}

function addressOf(url: string, port: number): { host: string; port: number } {
  const { hostname, port: given } = new URL(url);
  return { host: hostname, port: given === '' ? port : Number(given) };
}
