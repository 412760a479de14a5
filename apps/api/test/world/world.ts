import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { deviceId, fileId, type Scope, spaceId } from '@tributary/contracts';
import {
  ApiKeys,
  AuditLog,
  CommandLedger,
  CredentialVault,
  type Database,
  IdempotencyKeys,
  TelemetryReader,
  vaultConfig,
} from '@tributary/database';
import { Broker, EventLog, RequestClient } from '@tributary/messaging';
import { Health, Metrics, newId, silentLogger, systemClock } from '@tributary/runtime';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { z } from 'zod';
import { makeWorkspace } from '../../src/api-keys/bootstrap-key.ts';
import { CallerGuard } from '../../src/auth/caller.guard.ts';
import { RateLimit } from '../../src/auth/rate-limit.ts';
import type { House } from '../../src/house.ts';
import type { RouteTable } from '../../src/http/route-table.ts';
import { createApplication } from '../../src/http/server.ts';
import { makeDatabase } from './database.ts';
import { acmePlatform, type FakePlatform, PLATFORM, startFakePlatform } from './fake-platform.ts';

export const BROKER_URL = process.env.RABBITMQ_URL ?? 'amqp://guest:guest@127.0.0.1:5672';

/** Where callers would reach it. */
export const PUBLIC_URL = 'https://tributary.example';

export interface World {
  fastify: FastifyInstance;
  routes: RouteTable;
  house: House;
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
  uploadLimit?: number;
}

/** The whole application over a database, a broker namespace and an adapter of its own. */
export async function makeWorld(options: WorldOptions = {}): Promise<World> {
  const namespace = `test-api-${randomBytes(5).toString('hex')}`;
  const scratch = await makeDatabase();
  const { db } = scratch;
  const log = silentLogger;
  const metrics = new Metrics('api');
  const clock = systemClock;
  const broker = Broker.connect({ url: BROKER_URL, namespace, name: 'api-test', log, metrics });
  await broker.ready();
  const platform = await startFakePlatform({ url: BROKER_URL, namespace });
  const questions = new RequestClient({ url: BROKER_URL, namespace, name: 'api-test', log, metrics });
  const events = new EventLog(broker);
  const keys = new ApiKeys(db, { clock });
  const stopping = new AbortController();
  const house: House = {
    db,
    keys,
    questions,
    events,
    clock,
    log,
    metrics,
    vault: new CredentialVault(
      z.object(vaultConfig).parse({ TRIBUTARY_KEYS: `k1:${randomBytes(32).toString('base64')}` }).TRIBUTARY_KEYS,
    ),
    idempotencyKeys: new IdempotencyKeys(db),
    audit: new AuditLog(db),
    telemetry: new TelemetryReader(db),
    ledger: new CommandLedger(db, { clock, commandQueue: (name) => broker.names.adapterCommands(name) }),
    guard: new CallerGuard({
      keys,
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
      tracing: false,
    },
  };
  await announce(db);
  const { fastify, routes, close } = await createApplication(house);
  await fastify.ready();
  return {
    fastify,
    routes,
    house,
    db,
    broker,
    platform,
    namespace,
    databaseUrl: scratch.url,
    key: async (workspace, scopes = ['read', 'write', 'command', 'admin']) => {
      await makeWorkspace(db, workspace);
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
      await scratch.drop();
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
}

/** One of everything in a workspace. */
export async function seed(world: World, workspace: string): Promise<Seeded> {
  const { db, house } = world;
  await makeWorkspace(db, workspace);
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
  const command = await house.ledger.accept({
    workspace,
    platform: PLATFORM,
    connectionId,
    deviceId: device,
    nativeId: 'd 1/ü',
    name: 'restart',
    params: {},
    expiresAt: new Date(Date.now() + 600_000),
    caller: 'test',
  });
  const parkedId = newId('prk');
  await db.pool.query(
    `insert into parked_message (id, workspace_id, queue, exchange, routing_key, headers, reason, problems, payload, digest, state)
     values ($1, $2, 'q', 'e', 'k', '{}', 'schema', '[]', 'not json', $3, 'parked')`,
    [parkedId, workspace, randomBytes(32)],
  );
  return {
    connectionId,
    deviceId: device,
    childId: child,
    spaceId: space,
    fileId: file,
    seriesId: `ser_${number}`,
    commandId: command.id,
    parkedId,
  };
}
