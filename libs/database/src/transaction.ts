import type pg from 'pg';

/** Where a statement can run: the pool, or the client that holds a transaction. */
export type Queryable = Pick<pg.Pool, 'query'>;

/**
 * Runs `work` between BEGIN and COMMIT on one client. Rolled back when it throws; a client on which even that failed is
 * not used again.
 */
export async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
  begin = 'begin',
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(begin);
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    broken = await rollback(client);
    throw error;
  } finally {
    client.release(broken);
  }
}

/**
 * Reads one state of the database by several statements, none of which may write or take longer than `timeoutMs`.
 * Nothing is compiled for them: with many partitions that costs more than it saves.
 */
export function inSnapshot<T>(
  pool: pg.Pool,
  timeoutMs: number,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const begin = `begin isolation level repeatable read, read only;
    set local jit = off; set local statement_timeout = ${Math.ceil(timeoutMs)}`;
  return inTransaction(pool, work, begin);
}

async function rollback(client: pg.PoolClient): Promise<Error | undefined> {
  try {
    await client.query('rollback');
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
