import { randomBytes } from 'node:crypto';
import { type Clock, newId, silentLogger, systemClock } from '@tributary/runtime';
import pg from 'pg';
import { type Database, openDatabase } from '../database.ts';
import { migrate } from '../migrations/migrate.ts';

/** Where tests find Postgres; the name of the database is their own. */
const SERVER = 'postgres://root@127.0.0.1:5432';

export interface ScratchDatabase extends Database {
  url: string;
  /** A connection of the workspace `default` that a test may use. */
  addConnection(options?: { workspace?: string; platform?: string }): Promise<string>;
  drop(): Promise<void>;
}

/** A database of a test's own, migrated to the newest version. `drop` closes and removes it. */
export async function scratchDatabase(clock: Clock = systemClock): Promise<ScratchDatabase> {
  const name = `test_database_${randomBytes(6).toString('hex')}`;
  const url = `${SERVER}/${name}`;
  await migrate({ url, log: silentLogger, clock });
  const db = openDatabase({ url, log: silentLogger, applicationName: 'test', poolSize: 8 });
  return {
    ...db,
    url,
    addConnection: ({ workspace = 'default', platform = 'acme' } = {}) => addConnection(db, workspace, platform),
    drop: async () => {
      await db.close();
      await dropDatabase(name);
    },
  };
}

export async function dropDatabase(name: string): Promise<void> {
  const client = new pg.Client({ connectionString: `${SERVER}/postgres` });
  await client.connect();
  await client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`);
  await client.end();
}

async function addConnection(db: Database, workspace: string, platform: string): Promise<string> {
  const id = newId('con');
  await db.pool.query('insert into workspace (id, name) values ($1, $1) on conflict do nothing', [workspace]);
  await db.pool.query(
    `insert into connection (id, workspace_id, platform, name, settings, credentials, credentials_fingerprint,
       credentials_updated_at, updated_at) values ($1, $2, $3, $1, '{}', '', '', now(), now())`,
    [id, workspace, platform],
  );
  return id;
}
