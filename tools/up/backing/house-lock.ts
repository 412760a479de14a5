import pg from 'pg';
import { SetupProblem } from '../progress.ts';
import { maintenanceUrl } from './probes.ts';

export interface HouseLock {
  release(): Promise<void>;
}

interface HouseToLock {
  databaseUrl: string;
  namespace: string;
  /** Who asks, as the next one to come is told. */
  holder: string;
}

/** Longer names are cut off by Postgres. */
const NAME_LENGTH = 63;

/**
 * One `npm run up` at a time in a namespace and database: two would fight over simulators and connections. Postgres
 * lets go of the lock when this process dies, however that happens.
 */
export async function lockHouse({ databaseUrl, namespace, holder }: HouseToLock): Promise<HouseLock> {
  const database = new URL(databaseUrl).pathname.slice(1);
  const client = new pg.Client({
    connectionString: maintenanceUrl(databaseUrl),
    application_name: `npm run up: ${holder}`.slice(0, NAME_LENGTH),
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  // A Postgres that restarts while the house is up loses the lock; the house itself goes on.
  client.on('error', () => undefined);
  await client.connect();
  const key = `tributary up ${database} ${namespace}`;
  const { rows } = await client.query<{ locked: boolean }>(
    'select pg_try_advisory_lock(hashtextextended($1, 0)) as locked',
    [key],
  );
  if (rows[0]?.locked) return { release: () => client.end().catch(() => undefined) };
  const who = await holderOf(client, key);
  await client.end();
  throw new SetupProblem(
    `Another one is already up in the database “${database}” and the namespace “${namespace}” (${who}).\n` +
      'Stop it with Ctrl-C there, or give this one a place of its own:\n' +
      '  TRIBUTARY_NAMESPACE=second DATABASE_URL=postgres://…/second TRIBUTARY_STATE=.tributary/second \\\n' +
      '  SIMULATORS_PORTS=any npm run up',
  );
}

async function holderOf(client: pg.Client, key: string): Promise<string> {
  const { rows } = await client.query<{ application_name: string }>(
    `select a.application_name from pg_locks l join pg_stat_activity a using (pid)
      where l.locktype = 'advisory' and l.granted and l.objsubid = 1
        and (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended($1, 0)`,
    [key],
  );
  return rows[0]?.application_name ?? 'it is just leaving';
}
