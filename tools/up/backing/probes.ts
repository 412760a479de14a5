import amqp from 'amqplib';
import { Redis } from 'ioredis';
import pg from 'pg';

const PATIENCE_MS = 3_000;
/** For what connects but then says nothing. */
const SILENCE_MS = 6_000;

/** Undefined when the service answers and may be used as we need it; otherwise why not. Never a secret in it. */
export type Probe = (url: string) => Promise<string | undefined>;

export const NOTHING_LISTENS = 'nothing listens there';

const WORDS: Record<string, string> = {
  ECONNREFUSED: NOTHING_LISTENS,
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the host name cannot be looked up',
  ETIMEDOUT: 'no answer in time',
  ERR_INVALID_URL: 'this is not a URL',
  '28P01': 'user or password is wrong',
  '28000': 'this user may not log in',
};

export function reason(error: unknown): string {
  const { code, message, errors } = error as { code?: string; message?: string; errors?: { code?: string }[] };
  const known = WORDS[code ?? ''] ?? WORDS[errors?.[0]?.code ?? ''];
  return known ?? (message || code || 'no answer').replace(/\.+$/, '');
}

/** A probe that always comes to an end, and never throws. */
export const bounded =
  (attempt: Probe, silenceMs = SILENCE_MS): Probe =>
  async (url) => {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve('it takes connections, but does not answer'), silenceMs);
    });
    try {
      return await Promise.race([attempt(url), silence]);
    } catch (error) {
      return reason(error);
    } finally {
      clearTimeout(timer);
    }
  };

/** The named database may not be there yet: it will be made. */
export function maintenanceUrl(url: string): string {
  const maintenance = new URL(url);
  maintenance.pathname = '/postgres';
  return maintenance.href;
}

export const probePostgres: Probe = bounded(async (url) => {
  const client = new pg.Client({ connectionString: maintenanceUrl(url), connectionTimeoutMillis: PATIENCE_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const answer = await client.query<{ createdb: boolean; version: number }>(
      `select rolcreatedb or rolsuper as createdb, current_setting('server_version_num')::int as version
       from pg_roles where rolname = current_user`,
    );
    const row = answer.rows[0];
    if (!row?.createdb) return 'this user may not create databases';
    return row.version < 140_000 ? 'Postgres 14 or newer is needed' : undefined;
  } finally {
    client.end().catch(() => undefined);
  }
});

/** Quorum queues with a delivery limit, streams and at-least-once dead lettering came together in 3.10. */
export function rabbitmqTooOld(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > 3 || (major === 3 && minor >= 10);
  return enough ? undefined : `RabbitMQ 3.10 or newer is needed, this is ${version}`;
}

export const probeRabbitmq: Probe = bounded(async (url) => {
  const connection = await amqp.connect(url, { timeout: PATIENCE_MS });
  connection.on('error', () => undefined);
  const version = String(connection.connection.serverProperties.version ?? '0');
  await connection.close();
  return rabbitmqTooOld(version);
});

export const probeRedis: Probe = bounded(async (url) => {
  const { protocol } = new URL(url);
  if (!protocol.startsWith('redis')) return 'this is not a redis:// URL';
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: PATIENCE_MS,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  let first: unknown;
  redis.on('error', (error) => {
    first ??= error;
  });
  try {
    await redis.connect();
    return (await redis.ping()) === 'PONG' ? undefined : 'it does not answer PING';
  } catch (error) {
    // What comes later only says that the connection is closed.
    return reason(first ?? error);
  } finally {
    redis.disconnect();
  }
});
