import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';

/** One identity, by the names that its source gave. */
export interface Expected {
  deviceId: string;
  signal: string;
  tsMs: number;
}

const POLL_MS = 10;

/**
 * Waits until these points are visible to another session. It looks for the last one only, which is cheap, and for the
 * others when that is there.
 */
export async function waitUntilStored(sql: pg.Client, last: Expected, others: readonly Expected[], timeoutMs = 60_000) {
  const deadline = performance.now() + timeoutMs;
  const lookups = [lookup([last]), lookup(others)];
  for (const { devices, signals, times } of lookups) {
    for (;;) {
      if (performance.now() > deadline) throw new Error('the points of a round were not stored in time');
      const { rows } = await sql.query<{ n: number }>({
        name: 'stored',
        text: STORED,
        values: [devices, signals, times],
      });
      if (rows[0]?.n === times.length) break;
      await pause(POLL_MS);
    }
  }
}

const STORED = `
  select count(*)::int as n
  from unnest($1::text[], $2::text[], $3::timestamptz[]) as i(device_id, signal, ts)
  join series s on s.device_id = i.device_id and s.signal = i.signal
  join lateral (select 1 from point p where p.series_id = s.id and p.ts = i.ts) p on true`;

function lookup(points: readonly Expected[]) {
  return {
    devices: points.map((p) => p.deviceId),
    signals: points.map((p) => p.signal),
    times: points.map((p) => new Date(p.tsMs).toISOString()),
  };
}

export interface Account {
  rows: number;
  identities: number;
  sum: number;
  parked: number;
}

/** Everything stored for one connection in [fromMs, toMs). */
export async function accountOf(sql: pg.Client, connectionId: string, fromMs: number, toMs: number): Promise<Account> {
  const { rows } = await sql.query<Account>(
    `select count(*)::int as rows, count(distinct (p.series_id, p.ts))::int as identities,
       coalesce(sum(p.number), 0)::float8 as sum, (select count(*)::int from parked_message) as parked
     from point p join series s on s.id = p.series_id join device d on d.id = s.device_id
     where d.connection_id = $1 and p.ts >= $2 and p.ts < $3`,
    [connectionId, new Date(fromMs), new Date(toMs)],
  );
  return rows[0] as Account;
}

/** Throws unless every row that was sent is stored, once, with its value, and nothing was parked. */
export function assertNothingLost(what: string, account: Account, sent: { rows: number; sum: number }): void {
  const right =
    account.rows === sent.rows &&
    account.identities === sent.rows &&
    account.parked === 0 &&
    Math.abs(account.sum - sent.sum) < 1e-6 * Math.max(1, Math.abs(sent.sum));
  if (!right) throw new Error(`${what}: sent ${JSON.stringify(sent)}, stored ${JSON.stringify(account)}`);
}
