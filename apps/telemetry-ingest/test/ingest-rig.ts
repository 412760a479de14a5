import { randomBytes } from 'node:crypto';
import { deviceId, type EventName, makeEvent, type Point, type TributaryEvent } from '@tributary/contracts';
import { type Database, migrate, openDatabase } from '@tributary/database';
import { queuePrefix } from '@tributary/jobs';
import { Broker, type EventPublisher, topologyNames } from '@tributary/messaging';
import {
  Health,
  loadConfig,
  Metrics,
  newEventId,
  newId,
  Shutdown,
  silentLogger,
  systemClock,
} from '@tributary/runtime';
import { eventually } from '@tributary/testing';
import { connect } from 'amqplib';
import { Redis } from 'ioredis';
import { ingestConfig } from '../src/config.ts';
import { queues } from '../src/queues.ts';
import { startIngest } from '../src/start-ingest.ts';

const POSTGRES = 'postgres://root@127.0.0.1:5432';
export const RABBITMQ = 'amqp://guest:guest@127.0.0.1:5672';
const REDIS = 'redis://127.0.0.1:6379';
/** Of every service of a rig. */
export const KEYS = `k1:${randomBytes(32).toString('base64')}`;
export const START_MS = Date.UTC(2026, 2, 29);

/** One running service in this process, with ways to look into it. */
export interface RunningIngest {
  health: Health;
  stop(): Promise<void>;
  /** Sum over all label sets that have these labels. */
  metric(name: string, labels?: Record<string, string>): Promise<number>;
}

/** A database and a namespace of a test's own. */
export class IngestRig {
  readonly namespace = `test-${randomBytes(5).toString('hex')}`;
  readonly databaseUrl = `${POSTGRES}/test_ingest_${randomBytes(6).toString('hex')}`;
  readonly names = topologyNames(this.namespace);
  connectionId = '';
  db!: Database;
  broker!: Broker;
  publisher!: EventPublisher;
  readonly #running: RunningIngest[] = [];
  #rev = 1n;

  static async make(): Promise<IngestRig> {
    const rig = new IngestRig();
    await migrate({ url: rig.databaseUrl, log: silentLogger });
    rig.db = openDatabase({ url: rig.databaseUrl, log: silentLogger, applicationName: 'rig', poolSize: 4 });
    rig.broker = Broker.connect({
      url: RABBITMQ,
      namespace: rig.namespace,
      name: 'rig',
      log: silentLogger,
      metrics: new Metrics('rig'),
    });
    await rig.broker.ready();
    rig.publisher = rig.broker.publisher();
    rig.connectionId = await rig.addConnection();
    return rig;
  }

  /** Environment of a service of this rig. */
  env(more: Record<string, string> = {}): Record<string, string> {
    return {
      DATABASE_URL: this.databaseUrl,
      RABBITMQ_URL: RABBITMQ,
      REDIS_URL: REDIS,
      TRIBUTARY_KEYS: KEYS,
      TRIBUTARY_NAMESPACE: this.namespace,
      TELEMETRY_RETENTION: '4000d',
      CONSERVATION_EVERY: '200ms',
      PORT: '0',
      ...more,
    };
  }

  async start(more: Record<string, string> = {}): Promise<RunningIngest> {
    const config = loadConfig(ingestConfig, this.env(more));
    const metrics = new Metrics('telemetry-ingest');
    const health = new Health(systemClock);
    const shutdown = new Shutdown(silentLogger);
    await startIngest({ config, log: silentLogger, metrics, health, clock: systemClock, shutdown });
    const running: RunningIngest = {
      health,
      stop: () => shutdown.run('end of test'),
      metric: (name, labels) => sumOf(metrics, name, labels),
    };
    this.#running.push(running);
    return running;
  }

  async addConnection(workspace = 'default'): Promise<string> {
    const id = newId('con');
    await this.db.pool.query(
      `insert into connection (id, workspace_id, platform, name, settings, credentials, credentials_fingerprint,
         credentials_updated_at, updated_at) values ($1, $2, 'acme', $1, '{}', '', '', now(), now())`,
      [id, workspace],
    );
    return id;
  }

  event<N extends EventName>(name: N, data: TributaryEvent<N>['data'], subject: string): TributaryEvent<N> {
    return makeEvent<N>({
      id: newEventId(),
      name,
      workspace: 'default',
      platform: 'acme',
      connectionId: this.connectionId,
      subject,
      time: '2026-03-29T00:00:00.000Z',
      origin: 'live',
      data: data as never,
    });
  }

  telemetry(nativeId: string, points: Point[]): TributaryEvent<'telemetry.observed'> {
    const device = deviceId(this.connectionId, nativeId);
    return this.event('telemetry.observed', { deviceId: device, nativeId, rev: String(this.#rev++), points }, device);
  }

  /** `count` points of one device; the value says which one it is. */
  series(nativeId: string, count: number, from = 0): TributaryEvent<'telemetry.observed'> {
    const points = Array.from({ length: count }, (_, i) => ({
      signal: 'power',
      ts: new Date(START_MS + (from + i) * 1_000).toISOString(),
      value: from + i,
    }));
    return this.telemetry(nativeId, points);
  }

  async publish(event: TributaryEvent): Promise<void> {
    const { platform, connectionid, subject } = event;
    const name = event.type.slice('io.tributary.'.length, -'.v1'.length) as EventName;
    await this.publisher.publish(event, {
      workspace: 'default',
      event: name,
      platform,
      connectionId: connectionid,
      subjectId: subject,
    });
  }

  /** Bytes as they are, to a queue. */
  async publishRaw(queue: string, bodies: readonly { body: Buffer; routingKey?: string }[]): Promise<void> {
    const model = await connect(RABBITMQ);
    const channel = await model.createConfirmChannel();
    for (const { body, routingKey } of bodies) {
      if (routingKey) channel.publish(this.names.events, routingKey, body, { persistent: true });
      else channel.sendToQueue(queue, body, { persistent: true });
    }
    await channel.waitForConfirms();
    await model.close();
  }

  async count(sql: string, values: unknown[] = []): Promise<number> {
    const { rows } = await this.db.pool.query<{ n: string }>(`select count(*) as n from ${sql}`, values);
    return Number(rows[0]?.n);
  }

  points = (): Promise<number> => this.count('point');

  /** Messages of a queue that are ready or delivered and not acknowledged. */
  async backlog(queue: string): Promise<number> {
    const model = await connect(RABBITMQ);
    const channel = await model.createChannel();
    const { messageCount } = await channel.checkQueue(queue);
    await model.close();
    return messageCount;
  }

  async remove(): Promise<void> {
    for (const running of this.#running) await running.stop();
    await this.broker.close();
    await this.db.close();
    await dropAll(this.names);
    for (const queue of Object.values(queues)) await dropKeys(queuePrefix(this.namespace, queue));
    const url = new URL(this.databaseUrl);
    const admin = openDatabase({ url: `${POSTGRES}/postgres`, log: silentLogger, applicationName: 'rig' });
    await admin.pool.query(`drop database if exists "${url.pathname.slice(1)}" with (force)`);
    await admin.close();
  }
}

async function dropAll(names: ReturnType<typeof topologyNames>): Promise<void> {
  const model = await connect(RABBITMQ);
  const channel = await model.createChannel();
  const {
    ingestTelemetry,
    ingestProjections,
    ingestDead,
    ingestReplays,
    ingestItems,
    unrouted,
    eventLog,
    events,
    dead,
  } = names;
  for (const queue of [
    ingestTelemetry,
    ingestProjections,
    ingestDead,
    ingestReplays,
    ingestItems,
    unrouted,
    eventLog,
  ]) {
    await channel.deleteQueue(queue);
  }
  for (const exchange of [events, dead, unrouted]) await channel.deleteExchange(exchange);
  await model.close();
}

async function dropKeys(prefix: string): Promise<void> {
  const redis = new Redis(REDIS);
  const keys = await redis.keys(`${prefix}*`);
  if (keys.length > 0) await redis.del(...keys);
  redis.disconnect();
}

async function sumOf(metrics: Metrics, name: string, labels: Record<string, string> = {}): Promise<number> {
  const metric = await metrics.registry.getSingleMetric(`tributary_${name}`)?.get();
  const values = metric?.values ?? [];
  return values
    .filter((v) => Object.entries(labels).every(([key, value]) => (v.labels as Record<string, unknown>)[key] === value))
    .reduce((sum, v) => sum + v.value, 0);
}

export const untilEqual = (what: string, actual: () => Promise<number>, expected: number, timeoutMs = 30_000) =>
  eventually(
    `${what} = ${expected}`,
    async () => {
      const value = await actual();
      if (value !== expected) throw new Error(`is ${value}`);
      return true;
    },
    { timeoutMs },
  );
