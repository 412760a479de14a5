import { spawnSync } from 'node:child_process';
import { CredentialVault, migrate, vaultConfig } from '@tributary/database';
import { newId, silentLogger } from '@tributary/runtime';
import {
  type BackingServices,
  newSealingKey,
  type OwnService,
  ownPostgres,
  ownRabbitmq,
  ownRedis,
} from '@tributary/testing/harness';
import pg from 'pg';
import { z } from 'zod';
import { findProcess } from './processes.ts';

/** Postgres, RabbitMQ and Redis of the measurement's own: nobody else uses them, so their CPU time is ours. */
export interface Backing {
  urls: BackingServices;
  keys: string;
  pids: { postgres: number; rabbitmq: number; redis: number };
  versions: string;
  /** For a measurement that stops it. */
  postgres: OwnService;
  /** For setting up and for checking, while Postgres is not stopped; its backend is one of Postgres' processes. */
  sql: pg.Client;
  /** Makes a connection row; returns its id. */
  addConnection(platform: string, settings: Record<string, unknown>): Promise<string>;
  remove(): Promise<void>;
}

export async function startBacking(): Promise<Backing> {
  const services: OwnService[] = [];
  const closing: (() => Promise<void>)[] = [];
  const remove = async () => {
    for (const close of closing) await close();
    for (const service of services) await service.remove();
  };
  try {
    const postgres = await ownPostgres();
    services.push(postgres);
    const rabbitmq = await ownRabbitmq();
    services.push(rabbitmq);
    const redis = await ownRedis();
    services.push(redis);
    const urls = { databaseUrl: postgres.url, rabbitmqUrl: rabbitmq.url, redisUrl: redis.url };
    await migrate({ url: urls.databaseUrl, log: silentLogger });
    const sql = new pg.Client({ connectionString: urls.databaseUrl });
    closing.push(() => sql.end());
    // A measurement may stop Postgres; whoever then asks learns of it.
    sql.on('error', () => undefined);
    await sql.connect();
    const keys = newSealingKey();
    return {
      urls,
      keys,
      pids: { postgres: postgresOn(postgres.port), rabbitmq: rabbitmqOn(rabbitmq.port), redis: redisOn(redis.port) },
      versions: await versions(sql),
      postgres,
      sql,
      addConnection: (platform, settings) => addConnection(sql, keys, platform, settings),
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

const postgresOn = (port: number): number =>
  findProcess('Postgres', ({ args }) => args.some((arg, place) => arg === '-p' && args[place + 1] === String(port)));

const rabbitmqOn = (port: number): number =>
  findProcess(
    'RabbitMQ',
    ({ args, environment }) =>
      (args[0] ?? '').includes('beam') && environment.includes(`RABBITMQ_NODENAME=tributary-${port}@localhost`),
  );

const redisOn = (port: number): number =>
  findProcess(
    'Redis',
    ({ args }) => (args[0] ?? '').startsWith('redis-server') && (args[0] ?? '').includes(`:${port}`),
  );

async function addConnection(
  sql: pg.Client,
  keys: string,
  platform: string,
  settings: Record<string, unknown>,
): Promise<string> {
  const id = newId('con');
  const vault = new CredentialVault(z.object(vaultConfig).parse({ TRIBUTARY_KEYS: keys }).TRIBUTARY_KEYS);
  const owner = { workspace: 'default', connectionId: id };
  await sql.query(
    `insert into connection (id, workspace_id, platform, name, settings, credentials, credentials_fingerprint,
       credentials_updated_at, updated_at) values ($1, 'default', $2, 'measured', $3, $4, $5, now(), now())`,
    [id, platform, settings, vault.seal({}, owner), vault.fingerprint({}, owner)],
  );
  return id;
}

async function versions(sql: pg.Client): Promise<string> {
  const { rows } = await sql.query<{ v: string }>("select current_setting('server_version') as v");
  const first = (command: string, args: string[], pattern: RegExp) =>
    pattern.exec(spawnSync(command, args).stdout?.toString() ?? '')?.[0] ?? '?';
  const postgres = /^[\d.]+/.exec(rows[0]?.v ?? '')?.[0] ?? '?';
  const redis = first('redis-server', ['--version'], /(?<=v=)[\d.]+/);
  const mosquitto = first('mosquitto', ['-h'], /(?<=version )[\d.]+/);
  return `Node ${process.versions.node}, Postgres ${postgres}, Redis ${redis}, Mosquitto ${mosquitto}`;
}
