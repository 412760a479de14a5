import {
  ApiKeys,
  AuditLog,
  CommandLedger,
  CredentialVault,
  type Database,
  IdempotencyKeys,
  OutboxRelay,
  openDatabase,
  TelemetryReader,
} from '@tributary/database';
import { Broker, brokerOptions, EventLog, RequestClient } from '@tributary/messaging';
import type { ServiceContext } from '@tributary/runtime';
import { Redis } from 'ioredis';
import { enterKey } from './api-keys/bootstrap-key.ts';
import { CallerGuard } from './auth/caller.guard.ts';
import type { TokenVerifier } from './auth/oidc.ts';
import { RateLimit } from './auth/rate-limit.ts';
import type { ApiConfig } from './config.ts';
import type { House } from './house.ts';
import { createApplication } from './http/server.ts';

type Context = ServiceContext<ApiConfig>;

/** Refused log-ins of one address in a minute. */
const FAILURES_PER_MINUTE = 60;
const LOOK_MS = 2_000;

/** Opens everything and listens. What it depends on may be away: then the api says so and goes on trying. */
export async function startApi(context: Context): Promise<{ port: number }> {
  const { config, log, metrics, shutdown } = context;
  const db = openDatabase({
    url: config.DATABASE_URL,
    log,
    metrics,
    poolSize: config.DATABASE_POOL_SIZE,
    applicationName: 'api',
  });
  shutdown.add('database', () => db.close());
  const broker = Broker.connect({
    ...brokerOptions(config),
    name: 'api',
    log,
    metrics,
  });
  shutdown.add('broker', () => broker.close());
  const house = await openHouse(context, db, broker);
  startRelay(context, db, broker);
  watchDatabase(context, db);
  const { nest, close } = await createApplication(house);
  shutdown.add('application', close);
  await nest.listen({ port: config.PORT, host: config.HOST });
  shutdown.add('drain', () => context.clock.sleep(config.API_DRAIN));
  const { port } = nest.getHttpServer().address() as { port: number };
  log.info({ port }, 'ready');
  return { port };
}

async function openHouse(context: Context, db: Database, broker: Broker): Promise<House> {
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
  const keys = new ApiKeys(db, { clock });
  return {
    db,
    vault: new CredentialVault(config.TRIBUTARY_KEYS),
    keys,
    idempotencyKeys: new IdempotencyKeys(db),
    audit: new AuditLog(db),
    telemetry: new TelemetryReader(db),
    ledger: new CommandLedger(db, { clock, commandQueue: (platform) => broker.names.adapterCommands(platform) }),
    questions,
    events,
    guard: await openGuard(context, keys),
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
      trustProxy: config.API_TRUST_PROXY,
      tracing: config.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined,
    },
  };
}

async function openGuard({ config, clock, log, shutdown }: Context, keys: ApiKeys): Promise<CallerGuard> {
  const redis = config.REDIS_URL ? openRedis(config.REDIS_URL, log) : undefined;
  if (redis) shutdown.add('redis', () => redis.disconnect());
  const prefix = `${config.TRIBUTARY_NAMESPACE}:api`;
  return new CallerGuard({
    keys,
    failures: new RateLimit(FAILURES_PER_MINUTE, { redis, clock, prefix: `${prefix}:refused` }),
    perCaller:
      config.API_RATE_LIMIT > 0
        ? new RateLimit(config.API_RATE_LIMIT, { redis, clock, prefix: `${prefix}:calls` })
        : undefined,
    oidc: await openOidc(config),
  });
}

/** What checks JWTs is loaded where there is an issuer. */
async function openOidc(config: ApiConfig): Promise<TokenVerifier | undefined> {
  const { OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience } = config;
  if (!issuer || !audience) return undefined;
  const { oidcVerifier } = await import('./auth/oidc.ts');
  const jwksUrl = config.OIDC_JWKS_URL ?? `${issuer.replace(/\/$/, '')}/.well-known/jwks.json`;
  return oidcVerifier({ issuer, audience, workspaceClaim: config.OIDC_WORKSPACE_CLAIM, jwksUrl });
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
function watchDatabase({ config, clock, log, health, shutdown }: Context, db: Database): void {
  const part = health.part('database');
  let entered = false;
  const look = async (): Promise<void> => {
    try {
      await db.ready();
      if (!entered && config.BOOTSTRAP_API_KEY) {
        const id = await enterKey(db, 'default', config.BOOTSTRAP_API_KEY.reveal());
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
