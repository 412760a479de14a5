import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { deviceId, makeEvent, routingKey, type TributaryEvent } from '@tributary/contracts';
import { type Database, migrate, openDatabase } from '@tributary/database';
import { topologyNames } from '@tributary/messaging';
import { newEventId, newId, silentLogger } from '@tributary/runtime';
import {
  type BackingServices,
  dropTopology,
  entryOf,
  eventually,
  newSealingKey,
  ServiceProcess,
  sharedBacking,
} from '@tributary/testing/harness';
import amqp from 'amqplib';
import { Redis } from 'ioredis';

/** A promise that was not kept: the invariant's number, and what was seen. */
export interface Violation {
  invariant: string;
  seen: string;
}

/** Real services and one fault; empty when everything held. `root` holds the built services. */
export type Plan = (rig: Rig) => Promise<Violation[]>;

const START_MS = Date.UTC(2026, 2, 29);
const POLL = { timeoutMs: 60_000, everyMs: 100 };
/** An empty queue that stays empty for so many looks has given all that it had. */
const LOOKS = 20;
const keys = newSealingKey();

/** A database and a namespace of one plan's own, and services from a folder that may be a mutated copy. */
export class Rig {
  readonly namespace = `mutant-${randomBytes(5).toString('hex')}`;
  readonly names = topologyNames(this.namespace);
  readonly backing: BackingServices;
  readonly root: string;
  readonly db: Database;
  connectionId = '';
  readonly #services: ServiceProcess[] = [];
  readonly #cleanUp: (() => Promise<unknown>)[] = [];
  #rev = 1n;

  private constructor(root: string) {
    this.root = root;
    const url = new URL(sharedBacking.databaseUrl);
    url.pathname = `/${this.namespace.replace('-', '_')}`;
    this.backing = { ...sharedBacking, databaseUrl: url.href };
    this.db = openDatabase({ url: url.href, log: silentLogger, applicationName: 'rig', poolSize: 4 });
  }

  static async make(root: string): Promise<Rig> {
    const rig = new Rig(root);
    await migrate({ url: rig.backing.databaseUrl, log: silentLogger });
    rig.connectionId = await rig.addConnection();
    return rig;
  }

  /** The module as the services of this rig have it. */
  module<T>(library: string): Promise<T> {
    return import(pathToFileURL(join(this.root, 'libs', library, 'dist', 'index.js')).href) as Promise<T>;
  }

  /** Runs when the rig is removed, the last one first. */
  defer(work: () => Promise<unknown>): void {
    this.#cleanUp.push(work);
  }

  env(more: Record<string, string> = {}): Record<string, string> {
    const { databaseUrl, rabbitmqUrl, redisUrl } = this.backing;
    return {
      DATABASE_URL: databaseUrl,
      RABBITMQ_URL: rabbitmqUrl,
      REDIS_URL: redisUrl,
      TRIBUTARY_NAMESPACE: this.namespace,
      TRIBUTARY_KEYS: keys,
      ALLOW_PRIVATE_ADDRESSES: 'true',
      TELEMETRY_RETENTION: '4000d',
      PORT: '0',
      ...more,
    };
  }

  spawn(app: string, env: Record<string, string> = {}): ServiceProcess {
    const process = ServiceProcess.spawn({ name: app, entry: entryOf(app, this.root), env: this.env(env) });
    this.#services.push(process);
    return process;
  }

  async addConnection(workspace = 'default', id = newId('con')): Promise<string> {
    await this.db.pool.query('insert into workspace (id, name) values ($1, $1) on conflict do nothing', [workspace]);
    await this.db.pool.query(
      `insert into connection (id, workspace_id, platform, name, settings, credentials, credentials_fingerprint,
         credentials_updated_at, updated_at) values ($1, $2, 'acme', $1, '{}', '', '', now(), now())`,
      [id, workspace],
    );
    return id;
  }

  /** One message of `count` points of a device; the value says which one it is. */
  message(device: string, count: number, from = 0): TributaryEvent<'telemetry.observed'> {
    const subject = deviceId(this.connectionId, device);
    const points = Array.from({ length: count }, (_, i) => ({
      signal: 'power',
      ts: new Date(START_MS + (from + i) * 1_000).toISOString(),
      value: from + i,
    }));
    return makeEvent<'telemetry.observed'>({
      id: newEventId(),
      name: 'telemetry.observed',
      workspace: 'default',
      platform: 'acme',
      connectionId: this.connectionId,
      subject,
      time: new Date(START_MS).toISOString(),
      origin: 'live',
      data: { deviceId: subject, nativeId: device, rev: String(this.#rev++), points },
    });
  }

  async publish(...events: TributaryEvent<'telemetry.observed'>[]): Promise<void> {
    await this.#onBroker(async (channel) => {
      for (const event of events) {
        const { subject } = event;
        const parts = { workspace: 'default', platform: 'acme', connectionId: this.connectionId, subjectId: subject };
        const key = routingKey({ ...parts, event: 'telemetry.observed' });
        channel.publish(this.names.events, key, Buffer.from(JSON.stringify(event)), { persistent: true });
      }
      await channel.waitForConfirms();
    });
  }

  /** Messages that are ready or delivered and not acknowledged. */
  backlog = (queue: string): Promise<number> =>
    this.#onBroker(async (channel) => (await channel.checkQueue(queue)).messageCount);

  async #onBroker<T>(work: (channel: amqp.ConfirmChannel) => Promise<T>): Promise<T> {
    const connection = await amqp.connect(this.backing.rabbitmqUrl);
    try {
      return await work(await connection.createConfirmChannel());
    } finally {
      await connection.close();
    }
  }

  async count(from: string): Promise<number> {
    const { rows } = await this.db.pool.query<{ n: string }>(`select count(*) as n from ${from}`);
    return Number(rows[0]?.n);
  }

  /** Waits as long as it may take; the count says whether it came. */
  async settled(points: number, timeoutMs = POLL.timeoutMs): Promise<number> {
    await this.until('as many points are stored', async () => (await this.count('point')) >= points, timeoutMs);
    return this.count('point');
  }

  /** An intake that is started anew, until so many points are stored or nothing is left that could become one. */
  async takenIn(points: number): Promise<number> {
    await this.spawn('telemetry-ingest').ready();
    let looks = 0;
    await this.until('all is taken in', async () => {
      if ((await this.count('point')) >= points) return true;
      looks = (await this.backlog(this.names.ingestTelemetry)) === 0 ? looks + 1 : 0;
      return looks > LOOKS;
    });
    return this.count('point');
  }

  /** True once it is so; false when it never was. */
  async until(what: string, check: () => Promise<boolean>, timeoutMs = POLL.timeoutMs): Promise<boolean> {
    try {
      return await eventually(what, check, { ...POLL, timeoutMs });
    } catch {
      return false;
    }
  }

  async wipeRedis(): Promise<void> {
    const redis = new Redis(this.backing.redisUrl);
    for await (const found of redis.scanStream({ match: `*${this.namespace}*`, count: 500 })) {
      if ((found as string[]).length > 0) await redis.del(...(found as string[]));
    }
    redis.disconnect();
  }

  async remove(platforms: readonly string[] = ['acme']): Promise<void> {
    for (const service of this.#services) if (service.running) await service.kill();
    for (const work of this.#cleanUp.toReversed()) await work();
    await this.db.close();
    await dropTopology(this.backing.rabbitmqUrl, this.namespace, platforms);
    await this.wipeRedis();
    const admin = new URL(this.backing.databaseUrl);
    const name = admin.pathname.slice(1);
    admin.pathname = '/postgres';
    const maintenance = openDatabase({ url: admin.href, log: silentLogger, applicationName: 'rig', poolSize: 1 });
    await maintenance.pool.query(`drop database if exists "${name}" with (force)`);
    await maintenance.close();
  }
}

export const lost = (invariant: string, stored: number, expected: number): Violation[] =>
  stored < expected ? [{ invariant, seen: `${expected - stored} of ${expected} points are lost` }] : [];
