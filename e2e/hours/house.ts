import { randomBytes } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoverageReader, type Database, migrate, openDatabase } from '@tributary/database';
import { silentLogger } from '@tributary/runtime';
import {
  type BackingServices,
  dropTopology,
  entryOf,
  House,
  newSealingKey,
  type ServiceProcess,
  sharedBacking,
  storeConnection,
  vaultOf,
} from '@tributary/testing/harness';
import type { Checkpoint } from './checkpoints.ts';
import type { HurriedPlatform } from './platforms.ts';

const SETTINGS = {
  LOG_LEVEL: 'info',
  LEASE_TTL: '3s',
  BREAKER_PAUSE: '1s',
  CONSERVATION_EVERY: '1s',
  REPAIR_AFTER: '1s',
};
const INGEST = 'telemetry-ingest';

/** The intake and one adapter for each platform, as real processes whose wall clocks are set from here. */
export class HurriedHouse {
  readonly database: Database;
  readonly coverage: CoverageReader;
  /** Ids of the connections, by platform. */
  readonly connections = new Map<string, string>();
  readonly #platforms: readonly HurriedPlatform[];
  readonly #backing: BackingServices;
  readonly #namespace = `hours-${randomBytes(5).toString('hex')}`;
  readonly #keys = newSealingKey();
  readonly #folder = mkdtempSync(join(tmpdir(), 'tributary-hours-'));
  readonly #clockFile = join(this.#folder, 'clock');
  readonly #house: House;

  constructor(platforms: readonly HurriedPlatform[]) {
    this.#platforms = platforms;
    const url = new URL(sharedBacking.databaseUrl);
    url.pathname = `/${this.#namespace.replace('-', '_')}`;
    this.#backing = { ...sharedBacking, databaseUrl: url.href };
    this.database = openDatabase({ url: url.href, log: silentLogger, applicationName: 'hours' });
    this.coverage = new CoverageReader(this.database.pool);
    this.#house = new House({ backing: this.#backing, namespace: this.#namespace, keys: this.#keys, env: SETTINGS });
  }

  get databaseUrl(): string {
    return this.#backing.databaseUrl;
  }

  get services(): string[] {
    return [INGEST, ...this.#platforms.map(({ simulator }) => `adapter-${simulator.platform}`)];
  }

  async begin(): Promise<void> {
    await migrate({ url: this.#backing.databaseUrl, log: silentLogger });
    for (const name of this.services) this.start(name);
    await this.#house.ready(120_000);
    for (const platform of this.#platforms) await this.#connect(platform);
  }

  start(name: string): ServiceProcess {
    const clock = new URL('../chaos/world/shifted-clock.ts', import.meta.url).href;
    return this.#house.spawn(name, entryOf(name), {
      NODE_OPTIONS: `--import ${clock} --disable-warning=ExperimentalWarning`,
      CHAOS_CLOCK_FILE: this.#clockFile,
    });
  }

  service(name: string): ServiceProcess {
    return this.#house.get(name);
  }

  /** The wall clocks of all services, those that start later included, differ from ours by so much from now on. */
  async setClocks(offsetMs: number): Promise<void> {
    // Whoever was told of the last change may read it only now: never half of the next one.
    writeFileSync(`${this.#clockFile}.next`, String(offsetMs));
    renameSync(`${this.#clockFile}.next`, this.#clockFile);
    for (const service of this.#house.all) {
      if (!service.running) continue;
      await service.ready();
      service.signal('SIGUSR2');
    }
  }

  /** Of every connection, by name. */
  async checkpoints(): Promise<Map<string, Map<string, Checkpoint>>> {
    const rows = await this.rows<{ connection_id: string; name: string; value: Checkpoint }>(
      'select connection_id, name, value from checkpoint order by connection_id, name',
    );
    const byConnection = Map.groupBy(rows, ({ connection_id: id }) => id);
    return new Map([...byConnection].map(([id, own]) => [id, new Map(own.map(({ name, value }) => [name, value]))]));
  }

  async rows<T extends Record<string, unknown>>(sql: string, params: unknown[] = []): Promise<T[]> {
    return (await this.database.pool.query<T>(sql, params)).rows;
  }

  async stop(): Promise<void> {
    await this.#house.stop();
    await this.database.close();
    await dropTopology(
      this.#backing.rabbitmqUrl,
      this.#namespace,
      this.#platforms.map(({ simulator }) => simulator.platform),
    );
    await Promise.all(this.#platforms.map(({ simulator }) => simulator.stop()));
    const maintenance = new URL(this.#backing.databaseUrl);
    const name = maintenance.pathname.slice(1);
    maintenance.pathname = '/postgres';
    const admin = openDatabase({ url: maintenance.href, log: silentLogger, applicationName: 'hours' });
    await admin.pool.query(`drop database if exists "${name}" with (force)`);
    await admin.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #connect({ simulator, settings }: HurriedPlatform): Promise<void> {
    const demo = simulator.demoConnection;
    const all = { ...demo.settings, ...settings };
    const id = await storeConnection(this.database, vaultOf(this.#keys), { ...demo, settings: all });
    this.connections.set(simulator.platform, id);
  }
}
