import { randomBytes } from 'node:crypto';
import { adapterNames, entryOf, simulatorsEntry } from './packages.ts';
import { type ReadyLine, ServiceProcess } from './service-process.ts';

export interface BackingServices {
  databaseUrl: string;
  rabbitmqUrl: string;
  redisUrl: string;
}

export interface HouseOptions {
  backing: BackingServices;
  namespace: string;
  /** `<id>:<base64>`; a random key where absent. */
  keys?: string;
  /** Extra environment, for all services or for one by name. */
  env?: Record<string, string>;
  envOf?: Record<string, Record<string, string>>;
  onLine?: (service: string, line: string) => void;
  /** Whether failpoints may be armed while services run. */
  failpoints?: boolean;
  /** Where the built services are; by default this repository. */
  root?: string;
}

export const newSealingKey = (): string => `k1:${randomBytes(32).toString('base64')}`;

/** What the simulators print when they are ready. */
export interface SimulatorAddress {
  platform: string;
  url: string;
  mqttUrl?: string;
  controlUrl: string;
  demoConnection: {
    platform: string;
    name: string;
    settings: Record<string, unknown>;
    credentials: Record<string, string>;
  };
}

/** All services of the house as real processes, one namespace and one database for all of them. */
export class House {
  readonly #options: HouseOptions;
  readonly #keys: string;
  readonly #services = new Map<string, ServiceProcess>();

  constructor(options: HouseOptions) {
    this.#options = options;
    this.#keys = options.keys ?? newSealingKey();
  }

  /** Starts one service under a name of its own; two replicas of an app have two names. Not ready yet when it returns. */
  spawn(name: string, entry: string, env: Record<string, string> = {}): ServiceProcess {
    const { backing, namespace, onLine } = this.#options;
    const service = ServiceProcess.spawn({
      name,
      entry,
      env: {
        DATABASE_URL: backing.databaseUrl,
        RABBITMQ_URL: backing.rabbitmqUrl,
        REDIS_URL: backing.redisUrl,
        TRIBUTARY_NAMESPACE: namespace,
        TRIBUTARY_KEYS: this.#keys,
        ALLOW_PRIVATE_ADDRESSES: 'true',
        ...this.#options.env,
        ...this.#options.envOf?.[name],
        ...env,
      },
      ...(onLine ? { onLine: (line: string) => onLine(name, line) } : {}),
      failpoints: this.#options.failpoints ?? false,
    });
    this.#services.set(name, service);
    return service;
  }

  spawnApp(app: string, env?: Record<string, string>, name = app): ServiceProcess {
    return this.spawn(name, entryOf(app, this.#options.root), env);
  }

  spawnSimulators(env?: Record<string, string>): ServiceProcess {
    return this.spawn('simulators', simulatorsEntry, env);
  }

  /** Every service of the repository, adapters found by folder. */
  spawnAll(): ServiceProcess[] {
    return [
      this.spawnSimulators(),
      this.spawnApp('telemetry-ingest'),
      this.spawnApp('api'),
      this.spawnApp('webhooks'),
      ...adapterNames().map((app) => this.spawnApp(app)),
    ];
  }

  get(name: string): ServiceProcess {
    const service = this.#services.get(name);
    if (!service) throw new Error(`no service is called ${name}`);
    return service;
  }

  get all(): ServiceProcess[] {
    return [...this.#services.values()];
  }

  async ready(timeoutMs?: number): Promise<Map<string, ReadyLine>> {
    const lines = await Promise.all(this.all.map(async (s) => [s.name, await s.ready(timeoutMs)] as const));
    return new Map(lines);
  }

  async simulators(): Promise<SimulatorAddress[]> {
    const line = await this.get('simulators').ready();
    return line.simulators as SimulatorAddress[];
  }

  /** Everything stops, what takes requests first. */
  async stop(): Promise<void> {
    await Promise.all(this.all.filter((s) => s.name !== 'simulators').map((s) => s.stop()));
    await this.#services.get('simulators')?.stop();
  }
}
