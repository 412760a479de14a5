import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { deviceId } from '@tributary/contracts';
import { House, ServiceProcess } from '@tributary/testing/harness';
import { Client } from 'undici';
import { startApi } from '../facade/api-service.ts';
import type { Bench, BenchContext } from '../measuring/bench.ts';
import { short, spreadText } from '../measuring/comparison.ts';
import { table } from '../measuring/page.ts';
import { percentile, spreadOf } from '../measuring/statistics.ts';

const NATIVE_ID = 'meter-1';
/** Fewer than fit into the shortest rest of a circuit, so that all meet it open. */
const REQUESTS = 1_000;
const PATIENCE = 100;

/** How soon the api refuses a question to a platform that is down, once it knows. */
export const failFastBench: Bench = {
  name: 'fail-fast',
  async run(context) {
    const { backing } = context;
    const connectionId = await backing.addConnection('bench', { url: '', root: '' });
    const device = await addDevice(context, connectionId);
    const house = new House({ backing: backing.urls, namespace: 'fail-fast', keys: backing.keys });
    const bare = ServiceProcess.spawn({
      name: 'bare Fastify',
      entry: fileURLToPath(new URL('../facade/bare-facade.ts', import.meta.url)),
      env: { DATABASE_URL: backing.urls.databaseUrl },
    });
    try {
      house.spawn('adapter', fileURLToPath(new URL('../chain/adapter-main.ts', import.meta.url)));
      await house.ready();
      const api = await startApi(house, backing, { API_DRAIN: '0s' });
      const { port } = await bare.ready();
      const live = { origin: api.origin, path: `/v1/devices/${device}/attributes?live=true`, headers: api.headers };
      const stored = { ...live, path: `/v1/devices/${device}/attributes` };
      const refused = { origin: `http://127.0.0.1:${port}`, path: '/refused', headers: {} };
      return { text: await measure(context, { live, stored, refused }) };
    } finally {
      await bare.stop();
      await house.stop();
    }
  },
};

interface Question {
  origin: string;
  path: string;
  headers: Record<string, string>;
}

interface Latency {
  p50: number;
  p99: number;
}

async function measure(
  context: BenchContext,
  { live, stored, refused }: Record<'live' | 'stored' | 'refused', Question>,
): Promise<string> {
  const rounds = context.quick ? 2 : 5;
  const found: Record<string, Latency[]> = {};
  for (let round = -1; round < rounds; round++) {
    await untilOpen(live);
    for (const [name, question, status] of [
      ['api, circuit open', live, 503],
      ['api, the same route from the store', stored, 200],
      ['bare Fastify, a constant 503', refused, 503],
    ] as const) {
      const latency = await ask(question, status);
      context.say(`  ${name}: p50 ${short(latency.p50)} ms, p99 ${short(latency.p99)} ms`);
      if (round < 0) continue;
      found[name] ??= [];
      found[name].push(latency);
    }
  }
  const rows = Object.entries(found).map(([name, list]) => [
    name,
    spreadText(spreadOf(list.map(({ p50 }) => p50))),
    spreadText(spreadOf(list.map(({ p99 }) => p99))),
  ]);
  return table(['answer', 'p50, ms', 'p99, ms'], rows);
}

/** Asks until the api answers that the circuit is open. */
async function untilOpen({ origin, path, headers }: Question): Promise<void> {
  for (let tries = 0; tries < PATIENCE; tries++) {
    const body = (await (await fetch(`${origin}${path}`, { headers })).json()) as { code?: string };
    if (body.code === 'circuit-open') return;
    await pause(50);
  }
  throw new Error('the circuit did not open');
}

/** One caller on one connection: what is measured is the answer, not a queue. */
async function ask({ origin, path, headers }: Question, status: number): Promise<Latency> {
  const client = new Client(origin);
  const latencies: number[] = [];
  for (let count = 0; count < REQUESTS; count++) {
    const from = performance.now();
    const { statusCode, body } = await client.request({ method: 'GET', path, headers });
    const text = await body.text();
    latencies.push(performance.now() - from);
    if (statusCode === status && (status !== 503 || text.includes('circuit-open'))) continue;
    // It tries the platform again from time to time; that answer is another measure.
    if (text.includes('platform-')) latencies.pop();
    else throw new Error(`${path} answered ${statusCode}: ${text.slice(0, 300)}`);
  }
  await client.close();
  return { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) };
}

async function addDevice({ backing }: BenchContext, connectionId: string): Promise<string> {
  const id = deviceId(connectionId, NATIVE_ID);
  await backing.sql.query(
    `insert into device (id, workspace_id, platform, connection_id, native_id, name, state)
     values ($1, 'default', 'bench', $2, $3, $3, 'known')`,
    [id, connectionId, NATIVE_ID],
  );
  return id;
}
