import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { type Reading, type Readings, readingOf, SIGNALS } from '../chain/readings.ts';
import type { Backing } from '../measuring/backing.ts';
import { accountOf, assertNothingLost } from '../measuring/stored-points.ts';

const HOUR_MS = 3_600_000;
const STEP_MS = 50;
/** Nothing is waited for longer. */
const PATIENCE_MS = 1_800_000;

/** As many rows as were sent, none twice, the same sum, nothing parked. */
export async function assertAllStored(
  backing: Backing,
  connectionId: string,
  readings: Readings,
  sent: number,
): Promise<void> {
  const expected = { rows: sent * SIGNALS.length, sum: 0 };
  const add = ({ values }: Reading) => {
    for (const value of Object.values(values)) expected.sum += value;
  };
  for (let message = 0; message < sent; message++) add(readingOf(readings, message));
  const look = () =>
    withSql(backing, (sql) => accountOf(sql, connectionId, readings.baseMs, readings.baseMs + 10 * HOUR_MS));
  await until('the last is stored', async () => (await look()).rows >= expected.rows).catch(() => undefined);
  assertNothingLost('outage', await look(), expected);
}

/** How many messages are stored without a break at their end, by the newest time that is: they come in order. */
export async function storedUntil(backing: Backing, { baseMs, devices }: Readings): Promise<number> {
  const rows = await withSql(backing, async (sql) => {
    const newest = 'select max(ts) as ts from series_latest where ts between $1 and $2';
    const values = [new Date(baseMs), new Date(baseMs + 10 * HOUR_MS)];
    return (await sql.query<{ ts: Date | null }>(newest, values)).rows;
  });
  const ts = rows[0]?.ts;
  return ts ? (Math.round((ts.getTime() - baseMs) / STEP_MS) + 1) * devices : 0;
}

/** A connection for each question: the one before may have ended with the server. */
async function withSql<T>({ urls }: Backing, work: (sql: pg.Client) => Promise<T>): Promise<T> {
  const sql = new pg.Client({ connectionString: urls.databaseUrl });
  await sql.connect();
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

export async function until<T>(what: string, check: () => Promise<T | false>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const value = await check();
    if (value !== false) return value;
    if (performance.now() > deadline) throw new Error(`never came true: ${what}`);
    await pause(1_000);
  }
}
