import type pg from 'pg';
import type { Database } from './database.ts';

/** A rehearsal waits for nobody for long: what it waits for is being written. */
const LIMITS = `set local lock_timeout = '2s'; set local statement_timeout = '10s'`;
const IN_STEPS: Record<string, string> = {
  begin: 'savepoint step',
  commit: 'release savepoint step',
  rollback: 'rollback to savepoint step',
};

/**
 * Runs `work` on a database of which nothing will be left: one transaction that is rolled back, in which transactions of
 * `work` are steps, one after another. Rejects with what `work` rejects with.
 */
export async function inRehearsal<T>(pool: pg.Pool, work: (db: Pick<Database, 'pool'>) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    await client.query(LIMITS);
    return await work({ pool: stepsOf(client) });
  } finally {
    await client.query('rollback').catch((error: Error) => {
      broken = error;
    });
    client.release(broken);
  }
}

/** A pool of this one client. */
function stepsOf(client: pg.PoolClient): pg.Pool {
  const ask = (text: unknown, ...more: unknown[]) =>
    (client.query as (...given: unknown[]) => unknown)(
      typeof text === 'string' ? (IN_STEPS[text] ?? text) : text,
      ...more,
    );
  const step = new Proxy(client, {
    get: (target, name) => {
      if (name === 'release') return () => undefined;
      return name === 'query' ? ask.bind(target) : Reflect.get(target, name, target);
    },
  });
  return { query: ask.bind(client), connect: async () => step } as unknown as pg.Pool;
}
