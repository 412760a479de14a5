import { randomBytes } from 'node:crypto';
import {
  deviceId,
  type HouseEvent,
  makeEvent,
  type SubscribedEvents,
  type SubscriptionBatch,
} from '@tributary/contracts';
import {
  CredentialVault,
  type Database,
  inTransaction,
  migrate,
  OutboxRelay,
  openDatabase,
  type SubscriptionChange,
  type SubscriptionStart,
  Subscriptions,
} from '@tributary/database';
import { Broker, EventLog, type EventPublisher, type LoggedEvent } from '@tributary/messaging';
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
import { dropTopology, entryOf, newSealingKey, ServiceProcess, sharedBacking } from '@tributary/testing';
import { Redis } from 'ioredis';
import { webhooksConfig } from '../src/config.ts';
import { startWebhooks } from '../src/start-webhooks.ts';
import { type Mailbox, ReceiverServer } from './receiver.ts';

const POSTGRES = process.env.TEST_POSTGRES_URL ?? 'postgres://root@127.0.0.1:5432';
/** Quick enough for tests; what is long in production is long here beside it. */
const QUICK = {
  WEBHOOKS_TIMEOUT: '1s',
  WEBHOOKS_RETRY_FIRST: '50ms',
  WEBHOOKS_RETRY_MOST: '400ms',
  WEBHOOKS_LEASE_TTL: '1500ms',
  ALLOW_PRIVATE_ADDRESSES: 'true',
};
const connectionId = newId('con');

export const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

export interface Subscribed {
  id: string;
  mailbox: Mailbox;
}

export interface SubscribeOptions {
  name?: string;
  url?: string;
  events?: SubscribedEvents;
  batch?: SubscriptionBatch;
  headers?: Record<string, string>;
  start?: SubscriptionStart;
  secret?: string;
}

export interface RunningWebhooks {
  health: Health;
  metrics: Metrics;
  stop(): Promise<void>;
}

/** A database, a namespace and receivers of a test's own. */
export class WebhooksRig {
  readonly keys = newSealingKey();
  readonly vault: CredentialVault;
  readonly subscriptions: Subscriptions;
  readonly log: EventLog;
  readonly publisher: EventPublisher;
  readonly #running: RunningWebhooks[] = [];
  readonly #processes: ServiceProcess[] = [];
  readonly #relaying = new AbortController();
  #relay: Promise<void> | undefined;
  #points = 0;

  private constructor(
    readonly namespace: string,
    readonly databaseUrl: string,
    readonly db: Database,
    readonly broker: Broker,
    readonly receiver: ReceiverServer,
  ) {
    this.log = new EventLog(broker);
    this.publisher = broker.publisher();
    this.subscriptions = new Subscriptions(db);
    this.vault = new CredentialVault(loadConfig(webhooksConfig, this.env()).TRIBUTARY_KEYS);
  }

  static async make(): Promise<WebhooksRig> {
    const namespace = `test-${randomBytes(5).toString('hex')}`;
    const databaseUrl = `${POSTGRES}/test_webhooks_${randomBytes(6).toString('hex')}`;
    await migrate({ url: databaseUrl, log: silentLogger });
    const db = openDatabase({ url: databaseUrl, log: silentLogger, applicationName: 'rig', poolSize: 4 });
    const broker = Broker.connect({
      url: sharedBacking.rabbitmqUrl,
      namespace,
      name: 'rig',
      log: silentLogger,
      metrics: new Metrics('rig'),
    });
    await broker.ready();
    return new WebhooksRig(namespace, databaseUrl, db, broker, await ReceiverServer.start());
  }

  env(more: Record<string, string> = {}): Record<string, string> {
    return {
      DATABASE_URL: this.databaseUrl,
      RABBITMQ_URL: sharedBacking.rabbitmqUrl,
      REDIS_URL: sharedBacking.redisUrl,
      TRIBUTARY_NAMESPACE: this.namespace,
      TRIBUTARY_KEYS: this.keys,
      ...QUICK,
      ...more,
    };
  }

  /** The service inside this process. */
  async start(more: Record<string, string> = {}): Promise<RunningWebhooks> {
    const config = loadConfig(webhooksConfig, this.env(more));
    const metrics = new Metrics('webhooks');
    const health = new Health(systemClock);
    const shutdown = new Shutdown(silentLogger);
    await startWebhooks({ config, log: silentLogger, metrics, health, clock: systemClock, shutdown });
    const running = { health, metrics, stop: () => shutdown.run('end of test') };
    this.#running.push(running);
    return running;
  }

  /** The service as it is built, as a process of its own. */
  spawn(more: Record<string, string> = {}): ServiceProcess {
    const process = ServiceProcess.spawn({ name: 'webhooks', entry: entryOf('webhooks'), env: this.env(more) });
    this.#processes.push(process);
    return process;
  }

  /** Publishes what the outbox holds, as the api does. */
  relay(): void {
    const options = { publisher: this.publisher, log: silentLogger, clock: systemClock, pollMs: 50 };
    this.#relay = new OutboxRelay(this.db, options).run(this.#relaying.signal);
  }

  async subscribe(options: SubscribeOptions = {}): Promise<Subscribed> {
    const id = newId('sub');
    const secret = options.secret ?? newSecret();
    const mailbox = this.receiver.mailbox(options.name ?? id, secret);
    const owner = { workspace: 'default', connectionId: id };
    await this.subscriptions.create({
      id,
      workspace: 'default',
      url: options.url ?? mailbox.url,
      events: options.events ?? {},
      batch: options.batch,
      headerNames: Object.keys(options.headers ?? {}),
      headers: options.headers && this.vault.seal(options.headers, owner),
      secrets: this.vault.seal({ current: secret }, owner),
      start: options.start ?? { cursor: await this.end() },
    });
    return { id, mailbox };
  }

  change(id: string, change: SubscriptionChange): Promise<void> {
    return inTransaction(this.db.pool, async (tx) => {
      await this.subscriptions.lock('default', id, tx);
      await this.subscriptions.change(id, change, tx);
    });
  }

  /** Cursor of the newest event. */
  async end(): Promise<string> {
    return (await this.log.read({ after: 'last', limit: 1 })).nextCursor;
  }

  /** One point of a device; returns the event's id. */
  async publish(device = 'd1', how: { workspace?: string; origin?: 'live' | 'backfill' } = {}): Promise<string> {
    const { workspace = 'default', origin = 'live' } = how;
    const subject = deviceId(connectionId, device);
    const time = new Date().toISOString();
    const points = [{ signal: 'power', ts: time, value: this.#points++ }];
    const event = makeEvent({
      id: newEventId(),
      name: 'telemetry.observed',
      workspace,
      platform: 'acme',
      connectionId,
      subject,
      time,
      origin,
      data: { deviceId: subject, nativeId: device, rev: '1', points },
    });
    const routing = {
      workspace,
      event: 'telemetry.observed',
      platform: 'acme',
      connectionId,
      subjectId: subject,
    } as const;
    await this.publisher.publish(event, routing);
    return event.id;
  }

  async publishMany(count: number, devices = 3): Promise<string[]> {
    const ids: string[] = [];
    for (let n = 0; n < count; n += 1) ids.push(await this.publish(`d${n % devices}`));
    return ids;
  }

  /** Events about subscriptions that are in the log. */
  async told(): Promise<HouseEvent[]> {
    const { events } = await this.log.read({
      after: 'first',
      limit: 1_000,
      filter: (key) => key.includes('.subscription.'),
    });
    return events.map(({ event }: LoggedEvent) => event as HouseEvent);
  }

  async state(id: string): Promise<Record<string, unknown>> {
    const { rows } = await this.db.pool.query(
      `select st.*, coalesce(st.suspended_rev = s.clock_rev, false) as suspended, s.paused
       from subscription s left join subscription_state st on st.subscription_id = s.id where s.id = $1`,
      [id],
    );
    return rows[0] ?? {};
  }

  async deliveries(id: string) {
    const { rows } = await this.db.pool.query<{
      id: string;
      kind: string;
      state: string;
      event_ids: string[];
      attempts: { number: number; outcome: string; status?: number; excerpt?: string; latencyMs: number }[];
    }>('select * from delivery where subscription_id = $1 order by seq', [id]);
    return rows;
  }

  async redisKeys(): Promise<string[]> {
    const redis = new Redis(sharedBacking.redisUrl);
    const keys = await redis.keys(`{${this.namespace}:*`);
    redis.disconnect();
    return keys;
  }

  async wipeRedis(): Promise<void> {
    const keys = await this.redisKeys();
    const redis = new Redis(sharedBacking.redisUrl);
    if (keys.length > 0) await redis.del(...keys);
    redis.disconnect();
  }

  async remove(): Promise<void> {
    for (const process of this.#processes) await process.kill();
    for (const running of this.#running) await running.stop();
    this.#relaying.abort();
    await this.#relay;
    await this.receiver.close();
    await this.log.close();
    await this.broker.close();
    await this.db.close();
    await this.wipeRedis();
    await dropTopology(sharedBacking.rabbitmqUrl, this.namespace, []);
    const admin = openDatabase({ url: `${POSTGRES}/postgres`, log: silentLogger, applicationName: 'rig' });
    await admin.pool.query(`drop database if exists "${new URL(this.databaseUrl).pathname.slice(1)}" with (force)`);
    await admin.close();
  }
}
