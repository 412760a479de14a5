import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createClient, type Schemas, type TributaryClient } from '@tributary/client';
import { migrate } from '@tributary/database';
import { silentLogger } from '@tributary/runtime';
import type { Simulator } from '@tributary/simulators';
import {
  type BackingServices,
  dropTopology,
  eventually,
  House,
  repositoryRoot,
  sharedBacking,
} from '@tributary/testing';
import { Redis } from 'ioredis';
import pg from 'pg';
import { compareWithTruth, type Difference } from './stored-points.ts';

const run = promisify(execFile);

export interface StageOptions {
  simulator: Simulator;
  /** Services of the test's own, where it will hurt them. */
  backing?: Partial<BackingServices>;
  env?: Record<string, string>;
  envOf?: Record<string, Record<string, string>>;
  /** Settings of the connection that differ from the simulator's demonstration. */
  settings?: Record<string, unknown>;
  /** Names and apps to start; by default one of each that the platform needs. */
  apps?: Record<string, string>;
  /** Whether failpoints may be armed in them. */
  failpoints?: boolean;
}

/** The whole house around one simulator, in a namespace and a database of its own. */
export class Stage {
  readonly namespace: string;
  readonly simulator: Simulator;
  readonly house: House;
  readonly backing: BackingServices;
  /** The API as a user's program calls it. */
  api!: TributaryClient;
  apiUrl = '';
  connectionId = '';

  private constructor(readonly options: StageOptions) {
    this.namespace = `e2e-${randomBytes(5).toString('hex')}`;
    this.simulator = options.simulator;
    const backing = { ...sharedBacking, ...options.backing };
    const database = new URL(backing.databaseUrl);
    database.pathname = `/${this.namespace.replace('-', '_')}`;
    this.backing = { ...backing, databaseUrl: database.href };
    this.house = new House({
      backing: this.backing,
      namespace: this.namespace,
      env: { LOG_LEVEL: 'info', CONSERVATION_EVERY: '1s', ...options.env },
      ...(options.envOf ? { envOf: options.envOf } : {}),
      failpoints: options.failpoints ?? false,
    });
  }

  static async start(options: StageOptions): Promise<Stage> {
    const stage = new Stage(options);
    try {
      await stage.#begin(options);
      return stage;
    } catch (error) {
      await stage.stop();
      throw error;
    }
  }

  async #begin(options: StageOptions): Promise<void> {
    await migrate({ url: this.backing.databaseUrl, log: silentLogger });
    const platform = options.simulator.platform;
    const apps = options.apps ?? { 'telemetry-ingest': 'telemetry-ingest', api: 'api', adapter: `adapter-${platform}` };
    for (const [name, app] of Object.entries(apps)) this.house.spawnApp(app, {}, name);
    await this.house.ready();
    const { port } = await this.house.get('api').ready();
    this.apiUrl = `http://127.0.0.1:${port}`;
    this.api = createClient({ url: this.apiUrl, key: await this.createKey() });
    await eventually('the platform is announced', async () =>
      (await this.api.get('/v1/platforms')).items.some((p) => p.id === platform),
    );
  }

  /** A key as an operator makes one. */
  async createKey(): Promise<string> {
    const entry = join(repositoryRoot, 'apps', 'api', 'dist', 'create-key-main.js');
    const env = { ...process.env, DATABASE_URL: this.backing.databaseUrl, KEY_NAME: 'test' };
    return (await run(process.execPath, [entry], { env })).stdout.trim();
  }

  /** Connects the simulator's demonstration account; returns the connection's id. */
  async connect(
    overrides: { name?: string; settings?: Record<string, unknown>; credentials?: Record<string, string> } = {},
  ) {
    const demo = this.simulator.demoConnection;
    const body = {
      platform: demo.platform,
      name: overrides.name ?? demo.name,
      settings: {
        ...demo.settings,
        ...this.options.settings,
        ...overrides.settings,
      } as Schemas['Connection']['settings'],
      credentials: overrides.credentials ?? demo.credentials,
    };
    const created = await this.api.post('/v1/connections', { body });
    this.connectionId ||= created.id;
    return created.id;
  }

  query<T extends pg.QueryResultRow>(sql: string, params: unknown[] = []): Promise<T[]> {
    return withClient(this.backing.databaseUrl, async (client) => (await client.query<T>(sql, params)).rows);
  }

  /** Stored against produced, up to a moment of the scenario. */
  difference(untilMs: number): Promise<Difference> {
    return compareWithTruth(this.backing.databaseUrl, this.simulator, untilMs);
  }

  /** Production stops; then everything that was ever produced must be stored, nothing else, and the account balance. */
  async settled(timeoutMs = 60_000): Promise<Difference> {
    this.simulator.production.pause();
    const until = Number.MAX_SAFE_INTEGER;
    try {
      await eventually(
        'everything produced is stored',
        async () => (await this.difference(until)).missing.length === 0,
        {
          timeoutMs,
          everyMs: 500,
        },
      );
    } catch (error) {
      const { missing, expected } = await this.difference(until);
      throw new Error(
        `${missing.length} of ${expected} points are missing, such as ${missing.slice(0, 3).join('  ')}`,
        { cause: error },
      );
    }
    await this.balanced(timeoutMs);
    return this.difference(until);
  }

  /** Until everything that was received has its place in the account; returns the sums. */
  async balanced(timeoutMs = 60_000): Promise<Schemas['ConservationCounts']> {
    const read = () => this.api.get('/v1/conservation', { query: { limit: 1_000 } });
    try {
      await eventually('the account balances', async () => (await read()).state === 'balanced', { timeoutMs });
    } catch (error) {
      const { items } = await read();
      const open = items.filter(({ state }) => state !== 'balanced');
      throw new Error(`the account does not balance: ${JSON.stringify(open.slice(0, 5))}`, { cause: error });
    }
    return (await read()).totals;
  }

  async stop(): Promise<void> {
    await this.house.stop();
    await this.simulator.stop();
    await this.#dropDatabase();
    await dropTopology(this.backing.rabbitmqUrl, this.namespace, [this.simulator.platform]);
    await this.#dropRedisKeys();
  }

  async #dropDatabase(): Promise<void> {
    const maintenance = new URL(this.backing.databaseUrl);
    const name = maintenance.pathname.slice(1);
    maintenance.pathname = '/postgres';
    await withClient(maintenance.href, (client) => client.query(`drop database if exists "${name}" with (force)`));
  }

  async #dropRedisKeys(): Promise<void> {
    const redis = new Redis(this.backing.redisUrl);
    for await (const keys of redis.scanStream({ match: `*${this.namespace}*`, count: 500 })) {
      if ((keys as string[]).length > 0) await redis.del(...(keys as string[]));
    }
    redis.disconnect();
  }
}

async function withClient<T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
