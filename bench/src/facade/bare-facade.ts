import Fastify from 'fastify';
import pg from 'pg';
import { LATEST_OF_DEVICE, type LatestRow } from './latest-sql.ts';
import '../measuring/leave-with-parent.ts';

/** The yardstick: Fastify and pg, the same statement, the same JSON; no keys, no limits, no checks, no problem documents. */
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 8 });
const app = Fastify();

app.get('/v1/telemetry/latest', async (request) => {
  const { device } = request.query as { device: string };
  const values = ['default', 0, 101, device];
  const { rows } = await pool.query<LatestRow>({ name: 'latest', text: LATEST_OF_DEVICE, values });
  const now = Date.now();
  return { items: rows.map((row) => present(row, now)), page: {} };
});

/** What an answer costs that says nothing: the yardstick of an open circuit. */
app.get('/refused', async (_request, reply) =>
  reply.code(503).header('retry-after', '5').type('application/problem+json').send({
    type: 'about:blank',
    title: 'Circuit open',
    status: 503,
    code: 'circuit-open',
    detail: 'The platform has failed repeatedly and is left alone for a while.',
    retryable: true,
  }),
);

const present = (row: LatestRow, now: number) => ({
  deviceId: row.device_id,
  seriesId: `ser_${row.series_id}`,
  signal: row.signal,
  ts: row.ts.toISOString(),
  value: row.number ?? row.boolean ?? row.text ?? row.json,
  observedAt: row.observed_at.toISOString(),
  ageMs: Math.max(0, now - row.observed_at.getTime()),
  ...(row.unit === null ? {} : { unit: row.unit }),
});

await app.listen({ host: '127.0.0.1', port: 0 });
const address = app.server.address();
console.log(JSON.stringify({ msg: 'ready', port: typeof address === 'object' ? address?.port : 0 }));
