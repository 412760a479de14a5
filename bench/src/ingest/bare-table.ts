import type pg from 'pg';

const DAY_MS = 86_400_000;
const dateOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** A table with the columns, the key and the daily partitions of `point`, and nothing else that could cost. */
export async function makeBareTable(sql: pg.Client, table: string, nowMs: number): Promise<void> {
  await sql.query(`create table ${table} (like point including all) partition by range (ts)`);
  const today = Math.floor(nowMs / DAY_MS);
  for (let day = today - 1; day <= today + 1; day++) {
    const [from, to] = [dateOf(day * DAY_MS), dateOf((day + 1) * DAY_MS)];
    await sql.query(
      `create table ${table}_${from.replaceAll('-', '')} partition of ${table} for values from ('${from} 00:00Z') to ('${to} 00:00Z')`,
    );
  }
}
