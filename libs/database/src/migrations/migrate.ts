import { type Clock, type Logger, systemClock } from '@tributary/runtime';
import pg from 'pg';
import { surviveBrokenConnections } from '../database.ts';
import { Partitions } from '../telemetry/partitions.ts';
import { migrationList, readSchema } from './migration-files.ts';

export interface MigrateOptions {
  url: string;
  log: Logger;
  clock?: Clock;
}

/** Any number that nobody else locks. */
const MIGRATION_LOCK = 7_214_001;
const DUPLICATE_DATABASE = '42P04';
const UNIQUE_VIOLATION = '23505';
const NO_SUCH_DATABASE = '3D000';

/**
 * Brings the database to the newest migration: creates it when it does not exist, applies what is missing in the table
 * of `prisma migrate deploy`, makes the partitions of the next days. Several callers at once are fine: one works, the
 * others wait and find nothing to do. A failed migration is rolled back by Postgres and named in the error.
 */
export async function migrate({ url, log, clock = systemClock }: MigrateOptions): Promise<{ applied: string[] }> {
  await createDatabaseIfMissing(url, log);
  const pool = new pg.Pool({ connectionString: url, application_name: 'tributary-migrate', max: 4 });
  surviveBrokenConnections(pool, log);
  const guard = await pool.connect();
  try {
    await guard.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    // Only what migrates loads the engine.
    const { externalTables, openSchemaEngine } = await import('./schema-engine.ts');
    const schema = await readSchema();
    const engine = await openSchemaEngine(pool, [[schema.path, schema.content]]);
    const migrationsList = await migrationList();
    for (const migrationName of await unfinished(guard)) await engine.markMigrationRolledBack({ migrationName });
    const result = await engine.applyMigrations({
      migrationsList,
      filters: { externalTables, externalEnums: [] },
    });
    engine.free();
    await new Partitions(pool).makeAhead(clock.now());
    const applied = result.appliedMigrationNames;
    if (applied.length > 0) log.info({ applied }, 'database migrated');
    return { applied };
  } finally {
    // The lock is the session's: it goes with the connection.
    guard.release(true);
    await pool.end();
  }
}

/** A migration is one transaction, so what did not finish left nothing behind and may be tried again. */
async function unfinished(db: pg.PoolClient): Promise<string[]> {
  const { rows: present } = await db.query(`select 1 where to_regclass('_prisma_migrations') is not null`);
  if (present.length === 0) return [];
  const { rows } = await db.query<{ name: string }>(
    'select migration_name as name from _prisma_migrations where finished_at is null and rolled_back_at is null',
  );
  return rows.map((row) => row.name);
}

async function createDatabaseIfMissing(url: string, log: Logger): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
  } catch (error) {
    if ((error as { code?: string }).code !== NO_SUCH_DATABASE) throw error;
    await createDatabase(url, log);
  } finally {
    await client.end();
  }
}

async function createDatabase(url: string, log: Logger): Promise<void> {
  const target = new URL(url);
  const name = decodeURIComponent(target.pathname.slice(1));
  target.pathname = '/postgres';
  const client = new pg.Client({ connectionString: target.href });
  await client.connect();
  try {
    await client.query(`create database ${client.escapeIdentifier(name)}`);
    log.info({ database: name }, 'database created');
  } catch (error) {
    const code = (error as { code?: string }).code ?? '';
    if (code !== DUPLICATE_DATABASE && code !== UNIQUE_VIOLATION) throw error;
  } finally {
    await client.end();
  }
}
