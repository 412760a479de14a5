import { onValues, pool, table, type Value } from './script-parts.ts';

/** As a second attempt is written: fast, and everything in the buffer is lost with the process. */
const FLUSH_MS = 100;
const MAX_ROWS = 5_000;
let buffer: Value[] = [];

setInterval(() => {
  const rows = buffer;
  buffer = [];
  for (let from = 0; from < rows.length; from += MAX_ROWS) void insert(rows.slice(from, from + MAX_ROWS));
}, FLUSH_MS);

await onValues((values) => {
  buffer.push(...values);
});

async function insert(rows: Value[]): Promise<void> {
  const places = rows.map((_, i) => `($${i * 3 + 1}, 1, $${i * 3 + 2}, $${i * 3 + 3})`).join(',');
  const values = rows.flatMap(({ ts, value, series }) => [ts, value, series]);
  await pool.query(`insert into ${table} (ts, rev, number, series_id) values ${places}`, values);
}
