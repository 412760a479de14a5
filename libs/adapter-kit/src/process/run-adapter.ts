import {
  ConnectionEvidence,
  CredentialVault,
  type Database,
  openDatabase,
  Platforms,
  SharedTokens,
} from '@tributary/database';
import { Broker, brokerOptions, serveRequests } from '@tributary/messaging';
import { failpoint, newEventId, replicaName, runService, type ServiceContext } from '@tributary/runtime';
import { Redis } from 'ioredis';
import { z } from 'zod';
import type { AdapterDefinition } from '../contract.ts';
import { firstPause } from '../http/operation-policy.ts';
import { adapterBuild } from '../lineage/adapter-build.ts';
import type { AdapterBuild } from '../lineage/via-of.ts';
import { makeConnectionKit } from '../make-connection-kit.ts';
import { type AdapterConfig, adapterConfig } from './adapter-config.ts';
import { AdapterProcess } from './adapter-process.ts';
import { announcementOf } from './announcement.ts';
import { SetAsideDesk } from './asides/set-aside-desk.ts';
import { openPartQueue } from './backfills/part-queue.ts';
import { commandIntake } from './commands/command-intake.ts';
import { startAdapterHttp } from './files/http-server.ts';
import { HouseClock, keepTime } from './house-clock.ts';
import { LossAndReturn } from './loss-and-return.ts';
import type { ConnectionRecord, MakeVendorAccess } from './ports.ts';
import { fullJitter } from './scheduling/backoff.ts';
import { AccountRows } from './store/account-rows.ts';
import { BackfillRows } from './store/backfill-rows.ts';
import { BreakerRows } from './store/breaker-rows.ts';
import { CheckpointRows } from './store/checkpoint-rows.ts';
import { CommandRows } from './store/command-rows.ts';
import { ConnectionStore } from './store/connection-store.ts';
import { databaseTime } from './store/database-time.ts';
import { DeviceRows } from './store/device-rows.ts';
import { LeaseRows } from './store/lease-rows.ts';
import { StatusRows } from './store/status-rows.ts';
import { TokenRows } from './store/token-rows.ts';

type Context = ServiceContext<AdapterConfig>;

/** Orders that one replica works on at once. */
const COMMAND_PREFETCH = 32;
const PUBLISH_WINDOW = 512;
const SET_ASIDE_WINDOW = 64;
const RETRY = { baseMs: 500, capMs: 10_000 };

/**
 * The whole process of an adapter, until SIGTERM: configuration, broker, database, Redis, the announcement of the
 * platform, leases and the connections under them, orders, questions, files. What is away at the start is waited for.
 */
export function runAdapter(definition: AdapterDefinition): Promise<void> {
  return runService({
    name: `adapter-${definition.manifest.platform}`,
    config: z.object(adapterConfig),
    start: (context) => start(definition, context),
  });
}

async function start(definition: AdapterDefinition, given: Context): Promise<void> {
  const clock = new HouseClock(given.clock);
  const context = { ...given, clock };
  const { config, log, metrics, health, shutdown } = context;
  const { platform } = definition.manifest;
  const name = `adapter-${platform}`;
  const state = new LossAndReturn(context, ['broker', 'database']);

  const db = openDatabase({
    url: config.DATABASE_URL,
    poolSize: config.DATABASE_POOL_SIZE,
    applicationName: name,
    log,
    metrics,
  });
  shutdown.add('database', () => db.close());
  const broker = openBroker(name, platform, context, state);
  const redis = openRedis(context);

  const replica = replicaName();
  const address = { port: 0 };
  const breakers = new BreakerRows(db, { platform, replica, clock, log, metrics });
  shutdown.add('breakers', () => breakers.close());
  const build = await builtFrom(process.argv[1], context);
  const adapters: AdapterProcess = new AdapterProcess({
    definition,
    replica,
    leaseTtlMs: config.LEASE_TTL,
    maxConnections: config.MAX_CONNECTIONS,
    source: new ConnectionStore(db, { clock, log }),
    leases: new LeaseRows(db),
    checkpoints: new CheckpointRows(db),
    account: new AccountRows(db),
    ledger: new CommandRows(db, { clock, commandQueue: (id) => broker.names.adapterCommands(id) }),
    directory: new DeviceRows(db),
    vault: new CredentialVault(config.TRIBUTARY_KEYS),
    publisher: broker.publisher({ window: PUBLISH_WINDOW, name: `${name}.events` }),
    book: new StatusRows(db),
    breakers,
    backfills: new BackfillRows(db),
    openPartQueue: (process) =>
      openPartQueue({
        redisUrl: config.REDIS_URL,
        namespace: config.TRIBUTARY_NAMESPACE,
        ...{ platform, process, clock, log, random: Math.random },
      }),
    repairAfterMs: config.REPAIR_AFTER,
    evidence: new ConnectionEvidence(db),
    asides: openAsides(broker, context),
    makeAccess: accessFor(definition, { redis, db }, context, () => adapters.replicas),
    clock,
    random: Math.random,
    log: log.child({ replica }),
    metrics,
    failpoint,
    build,
    baseUrl: () => config.ADVERTISE_URL?.replace(/\/$/, '') ?? `http://127.0.0.1:${address.port}`,
    onLeaseRound: (error) => (error ? state.lost('database', error) : state.returned('database')),
  });

  const http = await startAdapterHttp({
    port: config.PORT,
    health,
    metrics,
    files: (request, response) => adapters.files.serve(request, response),
  });
  address.port = http.port;
  shutdown.add('http', () => http.close());
  log.info({ port: http.port, replica }, 'listening');
  state.whenAllReturned(() => log.info({ port: http.port }, 'ready'));
  void beginWhenPossible(definition, db, adapters, { broker, context, state });
}

/** Undefined where the files cannot be read, or are no build: the lineage of events then says less. */
async function builtFrom(main: string | undefined, { log }: Context): Promise<AdapterBuild | undefined> {
  try {
    return main === undefined ? undefined : await adapterBuild(main);
  } catch (error) {
    log.warn({ err: error }, 'of which build this is could not be read');
    return undefined;
  }
}

/** The database must answer and be migrated before anything is owned; the rest waits for its own dependency by itself. */
async function beginWhenPossible(
  definition: AdapterDefinition,
  db: Database,
  adapters: AdapterProcess,
  { broker, context, state }: { broker: Broker; context: Context & { clock: HouseClock }; state: LossAndReturn },
): Promise<void> {
  const { clock, log, shutdown } = context;
  const { platform } = definition.manifest;
  const ask = () => databaseTime(db);
  for (let failures = 1; ; failures++) {
    try {
      await db.ready();
      // Before anything is read by it.
      await clock.compare(ask);
      await new Platforms(db).announce(announcementOf(definition, clock.now()));
      break;
    } catch (error) {
      if (shutdown.signal.aborted) return;
      state.lost('database', error);
      await clock
        .sleep(fullJitter(failures, { ...RETRY, random: Math.random }), shutdown.signal)
        .catch(() => undefined);
    }
    if (shutdown.signal.aborted) return;
  }
  state.returned('database');
  keepTime(clock, { ask, log, signal: shutdown.signal });
  adapters.start();
  shutdown.add('connections', () => adapters.stop());
  await beginServing(platform, adapters, { broker, context });
}

/** Questions and orders; both stop before the connections do. */
async function beginServing(
  platform: string,
  adapters: AdapterProcess,
  { broker, context }: { broker: Broker; context: Context },
): Promise<void> {
  const { config, log, metrics, clock, shutdown } = context;
  const server = await serveRequests({
    url: config.RABBITMQ_URL,
    namespace: config.TRIBUTARY_NAMESPACE,
    name: `adapter-${platform}`,
    platform,
    handlers: adapters.handlers,
    log,
    metrics,
    clock,
  });
  shutdown.add('requests', () => server.close());
  const stop = new AbortController();
  const handle = commandIntake({
    handle: (order, signal) => adapters.executor.handle(order, signal),
    clock,
    random: Math.random,
    log,
    signal: stop.signal,
  });
  const options = { prefetch: COMMAND_PREFETCH, name: `adapter-${platform}.commands` };
  const consumer = broker.consume(broker.names.adapterCommands(platform), options, handle);
  shutdown.add('commands', async () => {
    await consumer.pause();
    await adapters.executor.idle();
    stop.abort(new Error('the process stops'));
    await consumer.close();
  });
}

function openBroker(name: string, platform: string, context: Context, state: LossAndReturn): Broker {
  const { config, log, metrics, clock, shutdown } = context;
  const broker = Broker.connect({
    ...brokerOptions(config),
    name,
    log,
    metrics,
    clock,
  });
  shutdown.add('broker', () => broker.close());
  broker.assertPlatformQueues(platform);
  broker.onStateChange((up, reason) => (up ? state.returned('broker') : state.lost('broker', reason)));
  return broker;
}

function openAsides(broker: Broker, { config, clock, log, metrics }: Context): SetAsideDesk {
  const publisher = broker.publisher({ window: SET_ASIDE_WINDOW, name: 'set-aside' });
  return new SetAsideDesk({
    vault: new CredentialVault(config.TRIBUTARY_KEYS),
    send: (item) => publisher.send(broker.names.ingestItems, item, { messageId: newEventId() }),
    perMinute: config.SET_ASIDE_PER_MINUTE,
    clock,
    log,
    metrics,
  });
}

function openRedis({ config, log, shutdown }: Context): Redis {
  const redis = new Redis(config.REDIS_URL, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    connectTimeout: 5_000,
    commandTimeout: 1_000,
    retryStrategy: (times) => Math.min(10_000, 250 * 2 ** Math.min(times, 6)),
  });
  let up = true;
  redis.on('ready', () => {
    if (!up) log.info('Redis is back: budgets are shared again');
    up = true;
  });
  redis.on('error', (error: Error) => {
    if (up) log.warn({ err: error }, 'Redis is away: budgets are counted by this replica alone');
    up = false;
  });
  shutdown.add('redis', () => redis.disconnect());
  return redis;
}

/** Connections with the same credentials share one account at the platform, and so one budget. */
function accessFor(
  { manifest }: AdapterDefinition,
  { redis, db }: { redis: Redis; db: Database },
  context: Context,
  replicas: () => number,
): MakeVendorAccess {
  const { config, log, metrics, clock } = context;
  const vault = new CredentialVault(config.TRIBUTARY_KEYS);
  const tokens = new SharedTokens(db, vault);
  return ({ record, credentials, budgets, ca, onBreaker, onCall, onSetAside }) =>
    makeConnectionKit({
      connectionId: record.id,
      manifest: { ...manifest, budgets },
      ca,
      onBreaker,
      hidden: Object.values(credentials),
      onCall,
      onSetAside,
      log: log.child({ connection: record.id, workspace: record.workspace }),
      metrics,
      clock,
      redis,
      replicas,
      namespace: config.TRIBUTARY_NAMESPACE,
      // A keyed hash: whoever reads the names of Redis' keys can guess no password by it.
      budgetKey: vault.fingerprint(credentials, { workspace: 'budget', connectionId: manifest.platform }),
      allowPrivateAddresses: config.ALLOW_PRIVATE_ADDRESSES,
      ...(config.BREAKER_PAUSE === undefined ? {} : { operationPolicy: firstPause(config.BREAKER_PAUSE) }),
      ...(record.draft ? {} : { sharedTokens: (name: string) => new TokenRows(tokens, keyOf(record, name)) }),
    });
}

const keyOf = ({ workspace, id, credentialsMark }: ConnectionRecord, name: string) => ({
  workspace,
  connectionId: id,
  name,
  credentialsMark,
});
