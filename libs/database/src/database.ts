import type { Logger, Metrics } from '@tributary/runtime';
import pg from 'pg';
import { FencedPool } from './fence/fenced-pool.ts';
import type { WorkspaceFence } from './fence/workspace-fence.ts';
import type { PrismaClient } from './generated/client.ts';
import { migrationNames } from './migrations/migration-files.ts';

/** A statement that runs longer is ended by the server, so that nothing waits for ever. */
const STATEMENT_TIMEOUT_MS = 30_000;
const LOCK_TIMEOUT_MS = 5_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 5_000;

export interface DatabaseOptions {
  url: string;
  log: Logger;
  metrics?: Metrics;
  /** Connections that this process may hold; default 8. */
  poolSize?: number;
  /** Seen in pg_stat_activity. */
  applicationName: string;
}

export interface Database {
  /**
   * For access that is ordinary and rare. Shares `pool`. Prisma and its query compiler are loaded by the first call: they
   * cost a process some 40 MB.
   */
  prisma(): Promise<PrismaClient>;
  /** For hot and conditional statements. */
  readonly pool: pg.Pool;
  /** For what must not share the pool, such as LISTEN. The caller ends it; it carries no statement timeout. */
  openClient(): Promise<pg.Client>;
  /** Resolves when the database answers and has every migration this code knows; rejects with the reason otherwise. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

/** The same database as the workspace sees it that is being served: the rows of others are not there. */
export interface FencedDatabase {
  readonly pool: pg.Pool;
  /** Resolves when the fence holds; rejects with the reason otherwise. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

/** A migration that this code relies on is missing: the database is behind. */
export class MigrationPendingError extends Error {
  override readonly name = 'MigrationPendingError';
}

/** Connects when first asked; Postgres may be away now and at any time later. */
export function openDatabase(options: DatabaseOptions): Database {
  const { url, log, applicationName } = options;
  const pool = watched(new pg.Pool(poolConfig(options)), options, 'all');
  let prisma: Promise<PrismaClient> | undefined;
  return {
    prisma: () => {
      prisma ??= loadPrisma(pool);
      return prisma;
    },
    pool,
    openClient: () => openClient(url, applicationName, log),
    ready: () => checkMigrations(pool),
    close: async () => {
      await (await prisma)?.$disconnect();
      await pool.end();
    },
  };
}

/** As `openDatabase`, for statements on behalf of the workspace that `fence` says is being served. */
export function openFencedDatabase(fence: WorkspaceFence, options: DatabaseOptions): FencedDatabase {
  const pool = watched(new FencedPool(fence, poolConfig(options)), options, 'workspace');
  return {
    pool,
    ready: () => fence.open(async () => void (await pool.query('select 1'))),
    close: () => pool.end(),
  };
}

const poolConfig = (options: DatabaseOptions): pg.PoolConfig => ({
  connectionString: options.url,
  application_name: options.applicationName,
  max: options.poolSize ?? 8,
  connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  statement_timeout: STATEMENT_TIMEOUT_MS,
  lock_timeout: LOCK_TIMEOUT_MS,
  idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
  options: '-c TimeZone=UTC -c extra_float_digits=1',
  keepAlive: true,
});

function watched<P extends pg.Pool>(pool: P, { log, metrics }: DatabaseOptions, sees: 'all' | 'workspace'): P {
  surviveBrokenConnections(pool, log);
  if (metrics) watchPool(pool, metrics, sees);
  return pool;
}

async function loadPrisma(pool: pg.Pool): Promise<PrismaClient> {
  const [{ PrismaPg }, { PrismaClient }] = await Promise.all([
    import('@prisma/adapter-pg'),
    import('./generated/client.ts'),
  ]);
  return new PrismaClient({ adapter: new PrismaPg(pool) });
}

/**
 * A connection that breaks while nothing runs on it, idle in the pool or in the middle of a transaction, tells so by an
 * event that would end the process if nobody listened. Whoever holds it learns of it by the next statement.
 */
export function surviveBrokenConnections(pool: pg.Pool, log: Logger): void {
  pool.on('error', (error) => log.warn({ err: error }, 'an idle connection to the database broke'));
  pool.on('connect', (client) => {
    client.on('error', (error) => log.debug({ err: error }, 'a connection to the database broke'));
  });
}

async function openClient(url: string, applicationName: string, log: Logger): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    options: '-c TimeZone=UTC',
    keepAlive: true,
  });
  client.on('error', (error) => log.debug({ err: error }, 'a dedicated connection to the database broke'));
  await client.connect();
  return client;
}

async function checkMigrations(pool: pg.Pool): Promise<void> {
  const known = await migrationNames();
  const { rows } = await pool.query<{ name: string }>(
    'select migration_name as name from _prisma_migrations where finished_at is not null and rolled_back_at is null',
  );
  const applied = new Set(rows.map((row) => row.name));
  const missing = known.filter((name) => !applied.has(name));
  if (missing.length > 0) throw new MigrationPendingError(`the database lacks the migration ${missing.join(', ')}`);
}

function watchPool(pool: pg.Pool, metrics: Metrics, sees: 'all' | 'workspace'): void {
  const connections = metrics.gauge('database_connections', {
    help: 'Connections to Postgres, by what they do, and whether they see all rows or those of one workspace.',
    labels: ['state', 'sees'],
  });
  const update = () => {
    connections.set({ state: 'busy', sees }, pool.totalCount - pool.idleCount);
    connections.set({ state: 'idle', sees }, pool.idleCount);
    connections.set({ state: 'waiting', sees }, pool.waitingCount);
  };
  for (const event of ['acquire', 'release', 'connect', 'remove'] as const) pool.on(event, update);
}
