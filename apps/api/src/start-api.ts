import { INGEST, WEBHOOKS } from '@tributary/contracts';
import {
  ApiKeys,
  AuditLog,
  BreakerChanges,
  BreakerJournal,
  CommandLedger,
  ConnectionTouches,
  CredentialVault,
  type Database,
  type DatabaseOptions,
  type FencedDatabase,
  IdempotencyKeys,
  OutboxRelay,
  openDatabase,
  openFencedDatabase,
  TelemetryReader,
  WorkspaceFence,
} from '@tributary/database';
import { Broker, brokerOptions, EventLog, RequestClient } from '@tributary/messaging';
import { replicaName, type ServiceContext } from '@tributary/runtime';
import { Redis } from 'ioredis';
import { enterKey } from './api-keys/bootstrap-key.ts';
import { CallerGuard } from './auth/caller.guard.ts';
import type { TokenVerifier } from './auth/oidc.ts';
import { oidcOptions } from './auth/oidc-config.ts';
import { OpenRequests } from './auth/open-requests.ts';
import { RateLimit } from './auth/rate-limit.ts';
import type { ApiConfig } from './config.ts';
import { KnownAnswers } from './gateway/known-answers/known-answers.ts';
import { SharedAnswers } from './gateway/known-answers/shared-answers.ts';
import type { House } from './house.ts';
import { createApplication } from './http/server.ts';

type Context = ServiceContext<ApiConfig>;

/** Refused log-ins of one address in a minute. */
const FAILURES_PER_MINUTE = 60;
const LOOK_MS = 2_000;
/** Connections for what serves no workspace: the outbox, and the look-up of keys that were not seen lately. */
const UNFENCED_CONNECTIONS = 2;

/** Opens everything and listens. What it depends on may be away: then the api says so and goes on trying. */
export async function startApi(context: Context): Promise<{ port: number }> {
  const { config, log, metrics, shutdown } = context;
  const fence = new WorkspaceFence();
  const databases = openDatabases(context, fence);
  const broker = Broker.connect({
    ...brokerOptions(config),
    name: 'api',
    log,
    metrics,
  });
  shutdown.add('broker', () => broker.close());
  const house = await openHouse(context, { ...databases, fence }, broker);
  startRelay(context, house.unfenced, broker);
  watchDatabase(context, house);
  const { nest, close } = await createApplication(house);
  shutdown.add('application', close);
  await nest.listen({ port: config.PORT, host: config.HOST });
  shutdown.add('drain', () => context.clock.sleep(config.API_DRAIN));
  const { port } = nest.getHttpServer().address() as { port: number };
  log.info({ port }, 'ready');
  return { port };
}

function openDatabases({ config, log, metrics, shutdown }: Context, fence: WorkspaceFence) {
  const options: DatabaseOptions = { url: config.DATABASE_URL, log, metrics, applicationName: 'api' };
  const unfenced = openDatabase({ ...options, poolSize: UNFENCED_CONNECTIONS });
  const db = openFencedDatabase(fence, { ...options, poolSize: config.DATABASE_POOL_SIZE - UNFENCED_CONNECTIONS });
  shutdown.add('database', async () => {
    await db.close();
    await unfenced.close();
  });
  return { db, unfenced };
}

interface Databases {
  db: FencedDatabase;
  unfenced: Database;
  fence: WorkspaceFence;
}

async function openHouse(context: Context, databases: Databases, broker: Broker): Promise<House> {
  const { db, unfenced, fence } = databases;
  const { config, clock, log, metrics, health, shutdown } = context;
  const questions = new RequestClient({
    url: config.RABBITMQ_URL,
    namespace: config.TRIBUTARY_NAMESPACE,
    name: 'api',
    log,
    metrics,
  });
  shutdown.add('request client', () => questions.close());
  const events = new EventLog(broker);
  shutdown.add('event log', () => events.close());
  const keys = new ApiKeys(unfenced, { clock });
  const vault = new CredentialVault(config.TRIBUTARY_KEYS);
  const redis = config.REDIS_URL ? openRedis(config.REDIS_URL, log) : undefined;
  if (redis) shutdown.add('redis', () => redis.disconnect());
  return {
    ...databases,
    vault,
    keys,
    idempotencyKeys: new IdempotencyKeys(db),
    audit: new AuditLog(db),
    telemetry: new TelemetryReader(db),
    ledger: new CommandLedger(db, { clock, commandQueue: (platform) => broker.names.adapterCommands(platform) }),
    questions,
    webhooks: {
      test: (subscriptionId, options) => questions.request(WEBHOOKS, 'subscription.test', { subscriptionId }, options),
    },
    intake: {
      preview: async (ids, options) => (await questions.request(INGEST, 'parked.preview', { ids }, options)).verdicts,
    },
    answers: openAnswers(context, { redis, vault }),
    touches: new ConnectionTouches(db),
    breakers: openBreakerJournal(context, unfenced),
    events,
    guard: await openGuard(context, { keys, fence, redis }),
    clock,
    log,
    metrics,
    health,
    stopping: shutdown.signal,
    replayQueue: broker.names.ingestReplays,
    eventExchange: broker.names.events,
    settings: {
      publicUrl: config.API_PUBLIC_URL,
      rateLimit: config.API_RATE_LIMIT,
      uploadLimit: config.API_UPLOAD_LIMIT,
      allowPrivateAddresses: config.ALLOW_PRIVATE_ADDRESSES,
      trustProxy: config.API_TRUST_PROXY,
      tracing: config.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined,
    },
  };
}

/** Closed after the application, whose breakers tell that they are let go. */
function openBreakerJournal({ clock, log, metrics, shutdown }: Context, db: Database): BreakerJournal {
  const replica = replicaName();
  const journal = new BreakerJournal(new BreakerChanges(db), { service: 'api', replica, clock, log, metrics });
  shutdown.add('breakers', () => journal.close());
  return journal;
}

function openAnswers(
  { config, clock, log, metrics }: Context,
  { redis, vault }: { redis: Redis | undefined; vault: CredentialVault },
): KnownAnswers {
  const { API_STALE_FOR: keepMs, API_STALE_MEMORY: memoryBytes, API_STALE_SHARED: bytes } = config;
  const prefix = `${config.TRIBUTARY_NAMESPACE}:api:answers`;
  const shared = redis && bytes > 0 ? new SharedAnswers({ redis, vault, prefix, bytes, keepMs }) : undefined;
  return new KnownAnswers({ keepMs, memoryBytes, shared, clock, log, metrics });
}

async function openGuard(
  context: Context,
  { keys, fence, redis }: { keys: ApiKeys; fence: WorkspaceFence; redis: Redis | undefined },
): Promise<CallerGuard> {
  const { config, clock } = context;
  const prefix = `${config.TRIBUTARY_NAMESPACE}:api`;
  return new CallerGuard({
    keys,
    fence,
    failures: new RateLimit(FAILURES_PER_MINUTE, { redis, clock, prefix: `${prefix}:refused` }),
    perCaller:
      config.API_RATE_LIMIT > 0
        ? new RateLimit(config.API_RATE_LIMIT, { redis, clock, prefix: `${prefix}:calls` })
        : undefined,
    atOnce: config.API_REQUESTS_AT_ONCE > 0 ? new OpenRequests(config.API_REQUESTS_AT_ONCE) : undefined,
    oidc: await openOidc(context),
  });
}

/** What checks JWTs is loaded where there is an issuer. */
async function openOidc({ config, clock, log }: Context): Promise<TokenVerifier | undefined> {
  const options = oidcOptions(config);
  if (!options) return undefined;
  const { oidcVerifier } = await import('./auth/oidc.ts');
  return oidcVerifier(options, { clock, log });
}

/** Commands fail at once while Redis is away: then each replica counts for itself. */
function openRedis(url: string, log: Context['log']): Redis {
  const redis = new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: 250 });
  let down = false;
  redis.on('error', (error) => {
    if (!down) log.warn({ err: error }, 'Redis is away; caller limits are counted by this replica alone');
    down = true;
  });
  redis.on('ready', () => {
    if (down) log.info('Redis is back');
    down = false;
  });
  return redis;
}

/** Publishes what requests left in the outbox; replicas share the work. */
function startRelay({ clock, log, metrics, shutdown }: Context, db: Database, broker: Broker): void {
  const relay = new OutboxRelay(db, { publisher: broker.publisher(), log, clock, metrics });
  // Not the signal of the shutdown: what is accepted while the api drains is still sent.
  const stop = new AbortController();
  const running = relay.run(stop.signal);
  shutdown.add('outbox relay', async () => {
    stop.abort();
    await running;
  });
}

/** Readiness follows the database: without it there is nothing to answer. The broker being away costs live questions only. */
function watchDatabase({ config, clock, log, health, shutdown }: Context, { db, unfenced }: Databases): void {
  const part = health.part('database');
  let entered = false;
  const look = async (): Promise<void> => {
    try {
      await unfenced.ready();
      await db.ready();
      if (!entered && config.BOOTSTRAP_API_KEY) {
        const id = await enterKey(unfenced, 'default', config.BOOTSTRAP_API_KEY.reveal());
        log.info({ id }, 'the bootstrap key is entered');
      }
      entered = true;
      part.ready();
    } catch (error) {
      part.unready(error instanceof Error ? error.message : 'does not answer');
    }
  };
  const loop = async (): Promise<void> => {
    while (!shutdown.signal.aborted) {
      await look();
      await clock.sleep(LOOK_MS, shutdown.signal).catch(() => undefined);
    }
  };
  const looping = loop();
  shutdown.add('database watch', () => looping);
}
