import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createClient, type Schemas, type TributaryClient } from '@tributary/client';
import { migrate } from '@tributary/database';
import { silentLogger } from '@tributary/runtime';
import { eventually, House, newSealingKey, repositoryRoot, unusedPort } from '@tributary/testing/harness';
import { Backings } from './backing.ts';
import { Onlooker } from './database.ts';
import { Logs } from './logs.ts';
import { type StagedPlatform, startPlatforms } from './platforms.ts';
import { SERVICES, SETTINGS, type ServiceDefinition } from './services.ts';

const run = promisify(execFile);
const PATIENCE = { timeoutMs: 240_000, everyMs: 200 } as const;

export interface WorldOptions {
  /** Decides what the platforms produce. */
  seed: number;
  /** Folder with apps/ and libs/ as they were built; default this repository. */
  root?: string;
  say(text: string): void;
}

export interface StagedConnection {
  id: string;
  workspace: string;
  platform: StagedPlatform;
}

export const WORKSPACES = ['default', 'neighbour'] as const;
export type Workspace = (typeof WORKSPACES)[number];
/** What the second workspace has too: the same accounts, at the same time. */
const SHARED_PLATFORMS = ['opticloud', 'meshydb'];

/** The whole house as real processes, all platforms, two workspaces, and backing services of its own. */
export class World {
  readonly options: WorldOptions;
  readonly backings: Backings;
  readonly platforms: readonly StagedPlatform[];
  readonly database: Onlooker;
  readonly logs: Logs;
  readonly house: House;
  readonly connections: StagedConnection[] = [];
  readonly namespace = 'chaos';
  readonly folder: string;
  apiUrl = '';
  readonly #keys = new Map<Workspace, string>();
  readonly #ports = new Map<string, string>();

  private constructor(options: WorldOptions, backings: Backings, platforms: readonly StagedPlatform[]) {
    this.options = options;
    this.backings = backings;
    this.platforms = platforms;
    this.folder = mkdtempSync(join(tmpdir(), 'tributary-chaos-'));
    this.database = new Onlooker(backings.postgres.url);
    this.logs = new Logs(join(this.folder, 'logs'));
    const sealing = newSealingKey();
    this.logs.keepSecret(sealing.slice(3));
    this.house = new House({
      backing: backings.direct,
      namespace: this.namespace,
      keys: sealing,
      env: SETTINGS,
      failpoints: true,
      onLine: (service, line) => this.logs.take(service, line),
    });
  }

  /** Throws when something does not come up; then nothing stays. */
  static async open(options: WorldOptions): Promise<World> {
    const [backings, platforms] = await Promise.allSettled([Backings.start(), startPlatforms(options.seed)]);
    if (backings.status === 'rejected' || platforms.status === 'rejected') {
      if (backings.status === 'fulfilled') await backings.value.remove();
      if (platforms.status === 'fulfilled') await Promise.all(platforms.value.map((one) => one.simulator.stop()));
      throw backings.status === 'rejected' ? backings.reason : (platforms as PromiseRejectedResult).reason;
    }
    const world = new World(options, backings.value, platforms.value);
    try {
      await world.#begin();
      return world;
    } catch (error) {
      await world.close(true);
      throw error;
    }
  }

  async #begin(): Promise<void> {
    await migrate({ url: this.backings.postgres.url, log: silentLogger });
    this.options.say('backing services and platforms are up');
    for (const workspace of WORKSPACES) this.#keys.set(workspace, await this.#createKey(workspace));
    for (const { name } of SERVICES) this.#ports.set(name, String(await unusedPort()));
    this.apiUrl = `http://127.0.0.1:${this.#ports.get('api')}`;
    for (const service of SERVICES) this.spawn(service.name);
    await this.house.ready(PATIENCE.timeoutMs);
    this.options.say(`${SERVICES.length} services are up`);
    const announced = async () => (await this.api('default').get('/v1/platforms')).items.length;
    await eventually(
      'every platform is announced',
      async () => (await announced()) === this.platforms.length,
      PATIENCE,
    );
    for (const platform of this.platforms) await this.#connect(platform);
    await this.#flowing();
    this.options.say('every connection brings data');
  }

  service(name: string): ServiceDefinition {
    const service = SERVICES.find((one) => one.name === name);
    if (!service) throw new RangeError(`no service is called ${name}`);
    return service;
  }

  /** Starts a service, or starts it again; it is not ready when this returns. */
  spawn(name: string) {
    const { app, group } = this.service(name);
    const entry = join(this.options.root ?? repositoryRoot, 'apps', app, 'dist', 'main.js');
    return this.house.spawn(name, entry, {
      ...this.backings.through(group),
      PORT: this.#ports.get(name) ?? '0',
      HOST: '127.0.0.1',
      NODE_OPTIONS: `--import ${new URL('./shifted-clock.ts', import.meta.url).href} --disable-warning=ExperimentalWarning`,
      CHAOS_CLOCK_FILE: this.#clockFile(name),
    });
  }

  /** The wall clock of a running service is off by so much from now on; what is started later begins with it. */
  shiftClock(name: string, offsetMs: number): void {
    writeFileSync(this.#clockFile(name), String(offsetMs));
    const service = this.house.get(name);
    if (service.running) service.signal('SIGUSR2');
  }

  #clockFile = (name: string): string => join(this.folder, `${name}.clock`);

  key(workspace: Workspace): string {
    return this.#keys.get(workspace) ?? '';
  }

  /** The API as a program of that workspace calls it. */
  api(workspace: Workspace): TributaryClient {
    return createClient({ url: this.apiUrl, key: this.key(workspace) });
  }

  connectionsTo(platform: string): StagedConnection[] {
    return this.connections.filter((one) => one.platform.platform === platform);
  }

  /** Points that all platforms have produced so far, corrections and duplicates among them. */
  produced(): number {
    return this.platforms.reduce((sum, { simulator }) => sum + simulator.truth.position, 0);
  }

  /** Undefined while Postgres is away. */
  stored(): Promise<number | undefined> {
    return this.database.number('select count(*) as n from point');
  }

  /** Ends everything; its folder stays where somebody wants to look into it. */
  async close(keep = false): Promise<void> {
    await this.house.stop();
    await this.database.close();
    await Promise.all(this.platforms.map(({ simulator }) => simulator.stop()));
    await this.backings.remove();
    this.logs.close();
    if (!keep) rmSync(this.folder, { recursive: true, force: true });
  }

  async #connect(platform: StagedPlatform): Promise<void> {
    const { name, settings, credentials } = platform.simulator.demoConnection;
    this.logs.keepSecret(...Object.values(credentials).filter((value) => value.length >= 10 && !value.includes('@')));
    const merged = { ...settings, ...platform.settings } as Schemas['Connection']['settings'];
    for (const workspace of WORKSPACES) {
      if (workspace !== 'default' && !SHARED_PLATFORMS.includes(platform.platform)) continue;
      const body = { platform: platform.platform, name, settings: merged, credentials };
      const { id } = await this.api(workspace).post('/v1/connections', { body });
      this.connections.push({ id, workspace, platform });
    }
  }

  /** What can only be heard is not said before somebody listens. */
  async #flowing(): Promise<void> {
    for (const { platform, simulator, streams } of this.platforms) {
      if (!streams) continue;
      await eventually(
        `${platform} is listened to`,
        () => simulator.journal.count({ operation: 'OCHNO-09' }) >= 2,
        PATIENCE,
      );
      simulator.production.resume();
    }
    const silent = `select count(*) as n from connection c where not exists (
      select from device d join series s on s.device_id = d.id join series_latest l on l.series_id = s.id
      where d.connection_id = c.id)`;
    await eventually('every connection brings data', async () => (await this.database.number(silent)) === 0, PATIENCE);
  }

  async #createKey(workspace: Workspace): Promise<string> {
    const entry = join(repositoryRoot, 'apps', 'api', 'dist', 'create-key-main.js');
    const env = { PATH: process.env.PATH ?? '', DATABASE_URL: this.backings.postgres.url, KEY_WORKSPACE: workspace };
    const key = (await run(process.execPath, [entry], { env })).stdout.trim();
    this.logs.keepSecret(key);
    return key;
  }
}
