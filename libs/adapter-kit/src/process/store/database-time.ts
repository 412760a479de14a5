import type { Database } from '@tributary/database';

/** What time it is by the clock that all replicas share, milliseconds since 1970. */
export async function databaseTime({ pool }: Pick<Database, 'pool'>): Promise<number> {
  const { rows } = await pool.query<{ ms: number }>(
    'select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms',
  );
  const [row] = rows;
  if (!row) throw new RangeError('the database did not say what time it is');
  return row.ms;
}
