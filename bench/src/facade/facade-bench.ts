import { fileURLToPath } from 'node:url';
import { deviceId } from '@tributary/contracts';
import { openDatabase, TelemetryStore } from '@tributary/database';
import { silentLogger, systemClock } from '@tributary/runtime';
import { House, ServiceProcess } from '@tributary/testing/harness';
import type { Backing } from '../measuring/backing.ts';
import { type Bench, type BenchContext, profiling } from '../measuring/bench.ts';
import { Child } from '../measuring/child.ts';
import { breakdown, efficiency, short, speedRatio, spreadText } from '../measuring/comparison.ts';
import { table } from '../measuring/page.ts';
import { cpuSince, readCpu } from '../measuring/processes.ts';
import { quiet } from '../measuring/quiet.ts';
import {
  alternate,
  type Contender,
  cpuPerUnit,
  ratePerSecond,
  type Sample,
  type Samples,
} from '../measuring/rounds.ts';
import { pairedRatios, spreadOf } from '../measuring/statistics.ts';
import { startApi } from './api-service.ts';
import type { LoadAnswer, LoadQuestion } from './load-generator.ts';

const DEVICES = 250;
const SIGNALS = 10;
const CONNECTIONS = 32;
const API = 'api';
const BARE = 'bare Fastify + pg';
/** Long enough that both sides answer at least half of what the bare one can. */
const HALF = 0.5;

interface Target {
  name: string;
  origin: string;
  headers: Record<string, string>;
  pids: Record<string, number>;
}

export const facadeBench: Bench = {
  name: 'facade',
  async run(context) {
    const { backing } = context;
    const devices = await seed(backing);
    const house = new House({
      backing: backing.urls,
      namespace: 'facade',
      keys: backing.keys,
      env: { LOG_LEVEL: 'info' },
    });
    const bare = ServiceProcess.spawn({
      name: BARE,
      entry: fileURLToPath(new URL('./bare-facade.ts', import.meta.url)),
      env: { DATABASE_URL: backing.urls.databaseUrl },
    });
    const generator = new Child<LoadQuestion, LoadAnswer>('facade/load-generator.ts', {});
    try {
      const api = await startApi(house, backing, profiling(context, 'facade-api'));
      const { port } = await bare.ready();
      const targets = [
        { name: API, origin: api.origin, headers: api.headers, pids: { api: api.pid, ...served(backing) } },
        { name: BARE, origin: `http://127.0.0.1:${port}`, headers: {}, pids: { script: bare.pid, ...served(backing) } },
      ];
      await assertSameAnswer(targets, devices);
      return { text: await measure(context, targets, devices, generator) };
    } finally {
      await generator.stop();
      await bare.stop();
      await house.stop();
    }
  },
};

const served = ({ pids }: Backing) => ({ postgres: pids.postgres, redis: pids.redis });

async function measure(
  context: BenchContext,
  targets: Target[],
  devices: string[],
  generator: Child<LoadQuestion, LoadAnswer>,
): Promise<string> {
  const seconds = context.quick ? 3 : 6;
  const plan = { rounds: context.quick ? 2 : 4, warmUps: 1, say: context.say };
  const contenders = (rate?: number) =>
    targets.map((target) => contender(context, target, devices, { generator, seconds, ...(rate ? { rate } : {}) }));
  context.say(`facade, ${CONNECTIONS} connections that ask as fast as they are answered`);
  const peak = await alternate(contenders(), plan);
  const rate = Math.round(spreadOf((peak.get(BARE) ?? []).map(ratePerSecond)).median * HALF);
  context.say(`facade, ${rate} requests per second`);
  const paced = await alternate(contenders(rate), plan);
  return present(peak, paced, rate);
}

function contender(
  { backing }: BenchContext,
  target: Target,
  devices: string[],
  load: { generator: Child<LoadQuestion, LoadAnswer>; seconds: number; rate?: number },
): Contender {
  const paths = devices.map((device) => `/v1/telemetry/latest?device=${device}`);
  const { generator, seconds, rate } = load;
  const question = {
    origin: target.origin,
    headers: target.headers,
    paths,
    status: 200,
    connections: CONNECTIONS,
    seconds,
  };
  const run = async (): Promise<Sample> => {
    await quiet([backing.pids.postgres, backing.pids.rabbitmq]);
    const before = readCpu(target.pids);
    const answer = await generator.ask(rate ? { ...question, rate } : question);
    const cpu = cpuSince(before, readCpu(target.pids));
    return { units: answer.requests, seconds: answer.seconds, cpu, more: { p50: answer.p50Ms, p99: answer.p99Ms } };
  };
  return { name: target.name, run };
}

/** Newest values of every device, through the store that ingest writes with. */
async function seed(backing: Backing): Promise<string[]> {
  const connectionId = await backing.addConnection('bench', {});
  const db = openDatabase({ url: backing.urls.databaseUrl, log: silentLogger, poolSize: 2, applicationName: 'bench' });
  const store = new TelemetryStore(db, { clock: systemClock });
  const nowMs = Date.now();
  await store.ensurePartitions(nowMs);
  const groups = Array.from({ length: DEVICES }, (_, place) => {
    const nativeId = `meter-${place}`;
    const id = deviceId(connectionId, nativeId);
    const points = Array.from(
      { length: SIGNALS },
      (_, signal) => [`signal-${signal}`, nowMs, place + signal / 8, 'W'] as const,
    );
    return { workspace: 'default', platform: 'bench', connectionId, deviceId: id, nativeId, rev: '1', points };
  });
  const { inserted } = await store.commit({ groups });
  await db.close();
  if (inserted !== DEVICES * SIGNALS) throw new Error('the newest values were not stored');
  await sayWell(backing, connectionId);
  await backing.sql.query('vacuum analyze');
  return groups.map((group) => group.deviceId);
}

/** As a running adapter leaves it. Answers that draw on a connection which is not well have to say so. */
async function sayWell({ sql }: Backing, connectionId: string): Promise<void> {
  await sql.query(
    `insert into connection_status (connection_id, status, rev, since, updated_at) values ($1, 'connected', 1, now(), now())`,
    [connectionId],
  );
  await sql.query(
    `insert into connection_lease (connection_id, replica, epoch, leased_until) values ($1, 'bench', 1, now() + interval '1 day')`,
    [connectionId],
  );
}

/** Both must do the same work: equal but for the age, which is a matter of when they were asked. */
async function assertSameAnswer(targets: Target[], devices: string[]): Promise<void> {
  const answers = await Promise.all(
    targets.map(async ({ origin, headers }) => {
      const answer = await fetch(`${origin}/v1/telemetry/latest?device=${devices[0]}`, { headers });
      return (await answer.text()).replaceAll(/"ageMs":\d+/g, '"ageMs":0');
    }),
  );
  const [first] = answers;
  if (answers.some((one) => one !== first) || (first?.match(/"seriesId"/g)?.length ?? 0) !== SIGNALS)
    throw new Error(`the two facades answer differently: ${answers.join(' and ')}`);
}

const of = (samples: Samples, name: string, what: string): number[] =>
  (samples.get(name) ?? []).map((sample) => sample.more?.[what] ?? Number.NaN);

function present(peak: Samples, paced: Samples, rate: number): string {
  const rows = [...peak].map(([name, list]) => [
    name,
    spreadText(spreadOf(list.map(ratePerSecond))),
    spreadText(spreadOf(list.map(cpuPerUnit))),
    breakdown(list),
    spreadText(spreadOf(of(paced, name, 'p50'))),
    spreadText(spreadOf(of(paced, name, 'p99'))),
  ]);
  const head = [
    'contender',
    'requests per second',
    'CPU µs per request',
    'of which',
    'p50 ms at half',
    'p99 ms at half',
  ];
  const p99 = spreadOf(pairedRatios(of(paced, API, 'p99'), of(paced, BARE, 'p99')));
  const ratios = table(
    ['ratio', 'value'],
    [
      ['requests per second, api over bare', spreadText(speedRatio(peak, API, BARE))],
      ['requests for the same CPU, api over bare', spreadText(efficiency(peak, API, BARE))],
      ['p99 at half, api over bare', spreadText(p99)],
    ],
  );
  return `${table(head, rows)}\n\n“At half”: both asked ${short(rate)} times a second, half of what the bare one can.\n\n${ratios}`;
}
