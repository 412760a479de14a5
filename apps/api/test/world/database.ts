import { randomBytes } from 'node:crypto';
import { type Database, migrate, openDatabase } from '@tributary/database';
import { Metrics, silentLogger } from '@tributary/runtime';
import './patience.ts';

const SERVER = process.env.TEST_POSTGRES_URL ?? 'postgres://root@127.0.0.1:5432';

/** A database of the test's own, migrated. */
export async function makeDatabase(): Promise<{ db: Database; url: string; drop(): Promise<void> }> {
  const name = `test_api_${randomBytes(6).toString('hex')}`;
  const url = `${SERVER}/${name}`;
  await migrate({ url, log: silentLogger });
  const db = openDatabase({
    url,
    log: silentLogger,
    metrics: new Metrics('test'),
    applicationName: 'api-test',
    poolSize: 10,
  });
  return {
    db,
    url,
    drop: async () => {
      await db.close();
      const admin = openDatabase({
        url: `${SERVER}/postgres`,
        log: silentLogger,
        applicationName: 'api-test-admin',
        poolSize: 2,
      });
      await admin.pool.query(`drop database if exists ${name} with (force)`);
      await admin.close();
    },
  };
}
