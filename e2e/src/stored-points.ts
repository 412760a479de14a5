import type { Simulator } from '@tributary/simulators';
import pg from 'pg';

interface StoredRow {
  native_id: string;
  signal: string;
  ts_ms: string;
  number: number | null;
  boolean: boolean | null;
  text: string | null;
  json: unknown;
}

const STORED = `
  select d.native_id, s.signal, round(extract(epoch from p.ts) * 1000)::bigint::text as ts_ms,
         p.number, p.boolean, p.text, p.json
  from point p join series s on s.id = p.series_id join device d on d.id = s.device_id
  where $1::text is null or d.connection_id = $1`;

const keyOf = (device: string, signal: string, ts: number | string) => `${device}|${signal}|${ts}`;

/** Keys of an object in one order: Postgres keeps jsonb in its own. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

const storedValue = (row: StoredRow): unknown => row.number ?? row.boolean ?? row.text ?? row.json;

/** What differs between the database and everything the simulator ever produced up to a point in scenario time. */
export interface Difference {
  stored: number;
  expected: number;
  missing: string[];
  wrong: string[];
  /** Stored, but never produced. */
  invented: string[];
}

export async function compareWithTruth(
  databaseUrl: string,
  simulator: Simulator,
  untilMs: number,
  connectionId?: string,
): Promise<Difference> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<StoredRow>(STORED, [connectionId ?? null]);
    return difference(rows, simulator, untilMs);
  } finally {
    await client.end();
  }
}

function difference(rows: StoredRow[], simulator: Simulator, untilMs: number): Difference {
  const stored = new Map(rows.map((row) => [keyOf(row.native_id, row.signal, row.ts_ms), row]));
  const missing: string[] = [];
  const wrong: string[] = [];
  let expected = 0;
  for (const point of simulator.truth.points({ to: untilMs })) {
    expected += 1;
    const key = keyOf(point.device, point.signal, point.ts);
    const row = stored.get(key);
    if (!row) missing.push(key);
    else if (canonical(storedValue(row)) !== canonical(point.value)) {
      wrong.push(`${key}: stored ${canonical(storedValue(row))}, produced ${canonical(point.value)}`);
    }
    stored.delete(key);
  }
  const invented = [...stored].filter(([, row]) => Number(row.ts_ms) < untilMs).map(([key]) => key);
  return { stored: rows.length, expected, missing, wrong, invented };
}
