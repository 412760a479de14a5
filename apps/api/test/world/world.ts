import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { deviceId, fileId, type ParkVerdict, type Scope, spaceId } from '@tributary/contracts';
import {
  ApiKeys,
  AuditLog,
  Backfills,
  BreakerChanges,
  BreakerJournal,
  CommandLedger,
  ConnectionTouches,
  CredentialVault,
  type Database,
  IdempotencyKeys,
  inTransaction,
  openFencedDatabase,
  TelemetryReader,
  vaultConfig,
  WorkspaceFence,
} from '@tributary/database';
import { Broker, EventLog, RequestClient } from '@tributary/messaging';
import { Health, type Logger, Metrics, newId, silentLogger, systemClock } from '@tributary/runtime';
import type { Contract } from '@tributary/testing/contract';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { z } from 'zod';
import { makeWorkspace } from '../../src/api-keys/bootstrap-key.ts';
import { CallerGuard } from '../../src/auth/caller.guard.ts';
import type { TokenVerifier } from '../../src/auth/oidc.ts';
import { OpenRequests } from '../../src/auth/open-requests.ts';
import { RateLimit } from '../../src/auth/rate-limit.ts';
import { KnownAnswers } from '../../src/gateway/known-answers/known-answers.ts';
import type { House } from '../../src/house.ts';
import type { RouteTable } from '../../src/http/route-table.ts';
import { createApplication } from '../../src/http/server.ts';
import { demandRightAnswers, type WrongAnswer, watchAnswers } from './answer-watch.ts';
import { makeDatabase } from './database.ts';
import { acmePlatform, type FakePlatform, PLATFORM, startFakePlatform } from './fake-platform.ts';

export const BROKER_URL = process.env.RABBITMQ_URL ?? 'amqp://guest:guest@127.0.0.1:5672';

/** Where callers would reach it. */
export const PUBLIC_URL = 'https://tributary.example';

export interface World {
  fastify: FastifyInstance;
  routes: RouteTable;
  /** The OpenAPI document, against which every answer is held. */
  contract: Contract;
  /** Answers so far that it does not allow; `close` throws where there is one. */
  wrong: WrongAnswer[];
  house: House;
  /** Sees all workspaces. */
  db: Database;
  broker: Broker;
  platform: FakePlatform;
  namespace: string;
  databaseUrl: string;
  /** A key of the workspace with these scopes; all by default. */
  key(workspace: string, scopes?: Scope[]): Promise<string>;
  close(): Promise<void>;
}

export interface WorldOptions {
  rateLimit?: number;
  failures?: number;
  /** Requests of a caller at once. */
  atOnce?: number;
  uploadLimit?: number;
  /** Default true. */
  allowPrivateAddresses?: boolean;
  log?: Logger;
  /** Checks JWTs; without it they are none. */
  oidc?: TokenVerifier;
  /** Connections behind the fence between workspaces. */
  poolSize?: number;
}

/** The whole application over a database, a broker namespace and an adapter of its own. */
/** What the intake says of every parked message here. */
const FITS: ParkVerdict = {
  fits: 'wholly',
  points: { stored: 1, duplicate: 0, corrected: 0, superseded: 0, dropped: 0, parked: 0 },
  problems: [],
};

export async function makeWorld(options: WorldOptions = {}): Promise<World> {
  const namespace = `test-api-${randomBytes(5).toString('hex')}`;
  const scratch = await makeDatabase();
  const { db } = scratch;
  const log = options.log ?? silentLogger;
  const fence = new WorkspaceFence();
  const fenced = openFencedDatabase(fence, {
    url: scratch.url,
    log: silentLogger,
    applicationName: 'api-test',
    poolSize: options.poolSize ?? 6,
  });
  const metrics = new Metrics('api');
  const clock = systemClock;
  const broker = Broker.connect({ url: BROKER_URL, namespace, name: 'api-test', log, metrics });
  await broker.ready();
  const platform = await startFakePlatform({ url: BROKER_URL, namespace });
  const questions = new RequestClient({ url: BROKER_URL, namespace, name: 'api-test', log, metrics });
  const events = new EventLog(broker);
  const keys = new ApiKeys(db, { clock });
  const stopping = new AbortController();
  const vault = new CredentialVault(
    z.object(vaultConfig).parse({ TRIBUTARY_KEYS: `k1:${randomBytes(32).toString('base64')}` }).TRIBUTARY_KEYS,
  );
  const breakers = new BreakerJournal(new BreakerChanges(db), { service: 'api', replica: 'test', clock, log, metrics });
  const house: House = {
    db: fenced,
    unfenced: db,
    fence,
    vault,
    keys,
    questions,
    intake: { preview: async (ids) => ids.map((id) => ({ id, verdict: FITS })) },
    webhooks: { test: async () => ({ outcome: 'delivered', status: 204, latencyMs: 5 }) },
    events,
    clock,
    log,
    metrics,
    answers: new KnownAnswers({ keepMs: 86_400_000, memoryBytes: 10_000_000, clock, log, metrics }),
    touches: new ConnectionTouches(fenced),
    breakers,
    idempotencyKeys: new IdempotencyKeys(fenced),
    audit: new AuditLog(fenced),
    telemetry: new TelemetryReader(fenced),
    ledger: new CommandLedger(fenced, { clock, commandQueue: (name) => broker.names.adapterCommands(name) }),
    guard: new CallerGuard({
      keys,
      fence,
      oidc: options.oidc,
      atOnce: options.atOnce === undefined ? undefined : new OpenRequests(options.atOnce),
      failures: new RateLimit(options.failures ?? 100_000, { clock, prefix: `${namespace}:refused` }),
      perCaller: options.rateLimit
        ? new RateLimit(options.rateLimit, { clock, prefix: `${namespace}:calls` })
        : undefined,
    }),
    health: new Health(clock),
    stopping: stopping.signal,
    replayQueue: broker.names.ingestReplays,
    eventExchange: broker.names.events,
    settings: {
      publicUrl: PUBLIC_URL,
      rateLimit: options.rateLimit ?? 0,
      uploadLimit: options.uploadLimit ?? 5_000_000,
      allowPrivateAddresses: options.allowPrivateAddresses ?? true,
      tracing: false,
    },
  };
  await announce(db);
  const { fastify, routes, close } = await createApplication(house);
  const { contract, wrong } = watchAnswers(fastify, routes);
  await fastify.ready();
  return {
    fastify,
    routes,
    contract,
    wrong,
    house,
    db,
    broker,
    platform,
    namespace,
    databaseUrl: scratch.url,
    key: async (workspace, scopes = ['read', 'write', 'command', 'admin']) => {
      await makeWorkspace(db.pool, workspace);
      return (await keys.create({ workspace, name: 'test', scopes })).token;
    },
    close: async () => {
      stopping.abort();
      await close();
      await events.close();
      await questions.close();
      await platform.close();
      await removeFromBroker(broker);
      await broker.close();
      await fenced.close();
      await scratch.drop();
      demandRightAnswers(wrong);
    },
  };
}

/** Asks as the holder of a key; a payload is sent as the JSON that the method takes. */
export const caller =
  (world: World, token: string) =>
  (
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    url: string,
    payload?: unknown,
    headers: Record<string, string> = {},
  ): Promise<LightMyRequestResponse> =>
    world.fastify.inject({
      method,
      url,
      headers: {
        authorization: `Bearer ${token}`,
        ...(payload === undefined
          ? {}
          : { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' }),
        ...headers,
      },
      ...(payload === undefined ? {} : { payload: JSON.stringify(payload) }),
    });

/** Actions in the audit log of the holder's workspace. */
export async function audited(call: ReturnType<typeof caller>): Promise<string[]> {
  const { items } = (await call('GET', '/v1/audit-log?limit=1000')).json();
  return (items as { action: string }[]).map(({ action }) => action);
}

async function announce(db: Database): Promise<void> {
  await db.pool.query('insert into platform (id, resource, updated_at) values ($1, $2, now())', [
    PLATFORM,
    acmePlatform,
  ]);
}

async function removeFromBroker(broker: Broker): Promise<void> {
  const { connect } = await import('amqplib');
  const connection = await connect(BROKER_URL);
  const channel = await connection.createChannel();
  const { names } = broker;
  const queues = [
    names.unrouted,
    names.eventLog,
    names.ingestTelemetry,
    names.ingestProjections,
    names.ingestDead,
    names.ingestReplays,
    names.adapterCommands(PLATFORM),
    names.adapterRequests(PLATFORM),
  ];
  for (const queue of queues) await channel.deleteQueue(queue);
  for (const exchange of [names.events, names.unrouted, names.dead]) await channel.deleteExchange(exchange);
  await connection.close();
}

export interface Seeded {
  connectionId: string;
  deviceId: string;
  childId: string;
  spaceId: string;
  fileId: string;
  seriesId: string;
  commandId: string;
  parkedId: string;
  jobId: string;
  subscriptionId: string;
  deliveryId: string;
  backfillId: string;
}

/** One of everything in a workspace. */
export async function seed(world: World, workspace: string): Promise<Seeded> {
  const { db, house } = world;
  await makeWorkspace(db.pool, workspace);
  const connectionId = newId('con');
  const owner = { workspace, connectionId };
  const sealed = house.vault.seal({ user: 'u', password: 'canary-password' }, owner);
  await db.pool.query(
    `insert into connection (id, workspace_id, platform, name, settings, credentials, credentials_fingerprint, credentials_updated_at, updated_at)
     values ($1, $2, $3, 'Seeded', '{"baseUrl":"https://acme.example"}', $4, 'fp', now(), now())`,
    [connectionId, workspace, PLATFORM, sealed],
  );
  const device = deviceId(connectionId, 'd 1/ü');
  const child = deviceId(connectionId, 'd2');
  const space = spaceId(connectionId, 'hq');
  const file = fileId(connectionId, 'd 1/ü', 'a.osf');
  await db.pool.query(
    `insert into space (id, workspace_id, connection_id, native_id, name, kind, rev, updated_at) values ($1, $2, $3, 'hq', 'Head office', 'company', 1, now())`,
    [space, workspace, connectionId],
  );
  const insertDevice = `insert into device (id, workspace_id, platform, connection_id, native_id, name, kind, parent_id, space_id, properties, state, rev, updated_at)
    values ($1, $2, $3, $4, $5, $6, 'boiler', $7, $8, $9, 'known', 1, now())`;
  await db.pool.query(insertDevice, [
    device,
    workspace,
    PLATFORM,
    connectionId,
    'd 1/ü',
    'Boiler Öst',
    null,
    space,
    { maker: 'ABB', power: 12.5 },
  ]);
  await db.pool.query(insertDevice, [child, workspace, PLATFORM, connectionId, 'd2', 'Sensor', device, null, {}]);
  const series = await db.pool.query<{ id: number }>(
    `insert into series (device_id, signal, unit) values ($1, 'power', 'W') returning id`,
    [device],
  );
  const number = series.rows[0]?.id ?? 0;
  await db.pool.query(
    `insert into series_latest (series_id, ts, rev, number, first_ts) values ($1, '2026-03-29T01:00:00Z', 1, 12.5, '2026-03-28T00:00:00Z')`,
    [number],
  );
  await db.pool.query(
    `insert into attribute (device_id, scope, name, value, rev, observed_at) values ($1, 'shared', 'target', '21', 1, now())`,
    [device],
  );
  await db.pool.query(
    `insert into file (id, workspace_id, device_id, name, location, size_bytes, rev, updated_at) values ($1, $2, $3, 'a.osf', 'platform', 15, 1, now())`,
    [file, workspace, device],
  );
  const command = await house.fence.within(workspace, () =>
    house.ledger.accept({
      workspace,
      platform: PLATFORM,
      connectionId,
      deviceId: device,
      nativeId: 'd 1/ü',
      name: 'restart',
      params: {},
      expiresAt: new Date(Date.now() + 600_000),
      caller: 'test',
    }),
  );
  const parkedId = newId('prk');
  await db.pool.query(
    `insert into parked_message (id, workspace_id, queue, exchange, routing_key, headers, reason, problems, payload, digest, state, fingerprint)
     values ($1, $2, 'q', 'e', 'k', '{}', 'schema', '[]', 'not json', $3, 'parked', $4)`,
    [parkedId, workspace, randomBytes(32), `fpr_${'f'.repeat(26)}`],
  );
  const jobId = newId('pjb');
  await db.pool.query(
    `insert into parked_job (id, workspace_id, kind, selection, actor, state, total)
     values ($1, $2, 'replay', '{}', 'test', 'running', 1)`,
    [jobId, workspace],
  );
  const subscriptionId = newId('sub');
  const secrets = house.vault.seal(
    { current: 'whsec_Y2FuYXJ5LXBhc3N3b3JkLWNhbmFyeS1wYXNzd29yZA==' },
    { workspace, connectionId: subscriptionId },
  );
  await db.pool.query(
    `insert into subscription (id, workspace_id, url, events, header_names, secrets, secret_updated_at, start, updated_at)
     values ($1, $2, 'https://receiver.example/', '{}', '{}', $3, now(), '{"since":"2026-01-01T00:00:00Z"}', now())`,
    [subscriptionId, workspace, secrets],
  );
  await db.pool.query(
    `insert into subscription_state (subscription_id, workspace_id, next_seq, turn_at) values ($1, $2, 2, now())`,
    [subscriptionId, workspace],
  );
  const deliveryId = newId('dlv');
  await db.pool.query(
    `insert into delivery (id, workspace_id, subscription_id, seq, kind, state, event_ids, cursor, media_type, body, bytes)
     values ($1, $2, $3, 1, 'events', 'pending', '{e1}', 'c1', 'application/cloudevents+json', '{}', 2)`,
    [deliveryId, workspace, subscriptionId],
  );
  const range = { fromMs: Date.parse('2026-03-01T00:00:00Z'), toMs: Date.parse('2026-03-02T00:00:00Z') };
  const backfillId = await inTransaction(db.pool, (tx) =>
    new Backfills(db).plan(
      {
        workspace,
        connectionId,
        kind: 'asked',
        ...range,
        deviceIds: [device],
        onlyGaps: true,
        askedBy: 'test',
        estimate: { calls: 4, ms: 4_000 },
        parts: [{ deviceId: device, nativeId: 'd 1/ü', ...range, estimatedCalls: 4 }],
      },
      tx,
    ),
  );
  return {
    backfillId,
    connectionId,
    subscriptionId,
    deliveryId,
    deviceId: device,
    childId: child,
    spaceId: space,
    fileId: file,
    seriesId: `ser_${number}`,
    commandId: command.id,
    parkedId,
    jobId,
  };
}
