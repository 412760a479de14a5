import { deviceId } from '@tributary/contracts';
import { House, type ServiceProcess } from '@tributary/testing/harness';
import { type Bench, type BenchContext, profiling } from '../measuring/bench.ts';
import { Child } from '../measuring/child.ts';
import { comparisonTable, efficiency, short, speedRatio, spreadText } from '../measuring/comparison.ts';
import { table } from '../measuring/page.ts';
import { cpuSince, readCpu } from '../measuring/processes.ts';
import { quiet } from '../measuring/quiet.ts';
import { alternate, type Contender, type Samples } from '../measuring/rounds.ts';
import { goOn, standStill } from '../measuring/standstill.ts';
import { accountOf, assertNothingLost, type Expected, waitUntilStored } from '../measuring/stored-points.ts';
import type { CopyQuestion } from './bare-copy.ts';
import { makeBareTable } from './bare-table.ts';
import { PLATFORM, QueueFiller } from './queue-filler.ts';
import { deviceOf, nameOfDevice, nameOfSignal, pointsIn, rowsOf, timeOf, type Workload } from './workload.ts';

type Shape = Pick<Workload, 'devices' | 'signals' | 'readings' | 'messages'>;

const HOUR_MS = 3_600_000;
/** Rounds lie so far apart that their points never meet. */
export const ROUND_MS = 600_000;
/** Messages of the last few batches, any of which may be committed last. */
const TAIL = 200;

const shapes = (quick: boolean): Record<string, Shape> => ({
  '100 points a message, 10 points a series in a batch': {
    devices: 100,
    signals: 10,
    readings: 10,
    messages: quick ? 1_500 : 4_000,
  },
  '10 points a message, 1 point a series in a batch': {
    devices: 1_000,
    signals: 10,
    readings: 1,
    messages: quick ? 8_000 : 16_000,
  },
});

export const ingestBench: Bench = {
  name: 'ingest',
  async run(context) {
    const parts: string[] = [];
    const { sql } = context.backing;
    await makeBareTable(sql, 'bare_point', Date.now());
    for (const [title, shape] of Object.entries(shapes(context.quick))) {
      context.say(`ingest, ${title}`);
      parts.push(
        `**${title}**, ${short(pointsIn({ ...shape, baseMs: 0 }))} points a round`,
        present(await measure(context, shape)),
      );
    }
    return { text: parts.join('\n\n') };
  },
};

async function measure(context: BenchContext, shape: Shape): Promise<Samples> {
  const baseMs = Math.floor(Date.now() / ROUND_MS) * ROUND_MS - 6 * HOUR_MS;
  const workloadOf = (round: number): Workload => ({ ...shape, baseMs: baseMs + round * ROUND_MS });
  const lanes = [
    await startLane(context, { name: 'ingest, direct lane', lane: 'direct' }, workloadOf),
    await startLane(context, { name: 'ingest, queued lane', lane: 'queued' }, workloadOf),
  ];
  const copies = [
    bareCopy(context, workloadOf, {
      name: 'bare binary COPY',
      format: 'binary',
      connections: 1,
      firstSeries: 1_000_000,
    }),
    bareCopy(context, workloadOf, { name: 'bare text COPY', format: 'text', connections: 1, firstSeries: 2_000_000 }),
    bareCopy(context, workloadOf, {
      name: 'bare binary COPY, 2 connections',
      format: 'binary',
      connections: 2,
      firstSeries: 3_000_000,
    }),
  ];
  const plan = { rounds: context.quick ? 2 : 4, warmUps: 1, say: context.say };
  try {
    return await alternate(
      [...lanes, ...copies].map(({ contender }) => contender),
      plan,
    );
  } finally {
    for (const { stop } of [...lanes, ...copies]) await stop();
    await context.backing.sql.query('truncate bare_point');
  }
}

interface Running {
  contender: Contender;
  stop: () => Promise<void>;
}

interface LanePlan {
  name: string;
  lane: 'direct' | 'queued';
  env?: Record<string, string>;
}

/** A real ingest process with a namespace and a connection of its own. It is stopped while its queue is filled. */
export async function startLane(
  context: BenchContext,
  { name, lane, env }: LanePlan,
  workloadOf: (round: number) => Workload,
): Promise<Running & { service: ServiceProcess }> {
  const { backing } = context;
  const namespace = `ingest-${lane}-${Date.now()}`;
  const house = new House({ backing: backing.urls, namespace, keys: backing.keys, env: { LOG_LEVEL: 'warn' } });
  const service = house.spawnApp('telemetry-ingest', {
    INGEST_LANE: lane,
    LOG_LEVEL: 'info',
    ...env,
    ...profiling(context, namespace),
  });
  await service.ready();
  const connectionId = await backing.addConnection(PLATFORM, {});
  const filler = await QueueFiller.open(backing.urls.rabbitmqUrl, namespace);
  const pids = { ingest: service.pid, ...backing.pids };
  const run = async (round: number) => {
    const workload = workloadOf(round);
    standStill(service);
    await filler.fill(workload, connectionId);
    await quiet([backing.pids.rabbitmq, backing.pids.postgres]);
    await backing.sql.query('checkpoint');
    const tail = tailOf(workload, connectionId);
    const before = readCpu(pids);
    const from = performance.now();
    goOn(service);
    await waitUntilStored(backing.sql, tail.at(-1) as Expected, tail).catch((cause) => {
      throw new Error(`what the service said last:\n${service.output}`, { cause });
    });
    const seconds = (performance.now() - from) / 1_000;
    const cpu = cpuSince(before, readCpu(pids));
    await assertStored(context, name, workload, connectionId);
    return { units: pointsIn(workload), seconds, cpu };
  };
  const stop = async () => {
    await filler.close();
    await house.stop();
  };
  return { contender: { name, run }, stop, service };
}

interface CopyPlan {
  name: string;
  format: 'text' | 'binary';
  connections: number;
  firstSeries: number;
}

function bareCopy({ backing }: BenchContext, workloadOf: (round: number) => Workload, plan: CopyPlan): Running {
  const child = new Child<CopyQuestion, { seconds: number }>('ingest/bare-copy.ts', {
    DATABASE_URL: backing.urls.databaseUrl,
  });
  const { format, connections, firstSeries, name } = plan;
  const pids = { script: child.pid, postgres: backing.pids.postgres };
  const run = async (round: number) => {
    const workload = workloadOf(round);
    await child.ask({ prepare: { workload, format, firstSeries } });
    await quiet([backing.pids.rabbitmq, backing.pids.postgres]);
    await backing.sql.query('checkpoint');
    const before = readCpu(pids);
    const { seconds } = await child.ask({ run: { connections, table: 'bare_point' } });
    return { units: pointsIn(workload), seconds, cpu: cpuSince(before, readCpu(pids)) };
  };
  return { contender: { name, run }, stop: () => child.stop() };
}

function tailOf(workload: Workload, connectionId: string): Expected[] {
  const tail: Expected[] = [];
  for (let message = Math.max(0, workload.messages - TAIL); message < workload.messages; message++) {
    tail.push({
      deviceId: deviceId(connectionId, nameOfDevice(deviceOf(workload, message))),
      signal: nameOfSignal(0),
      tsMs: timeOf(workload, message, workload.readings - 1),
    });
  }
  return tail;
}

async function assertStored(
  { backing }: BenchContext,
  what: string,
  workload: Workload,
  connectionId: string,
): Promise<void> {
  const account = await accountOf(backing.sql, connectionId, workload.baseMs, workload.baseMs + ROUND_MS);
  const sum = rowsOf(workload, 0, workload.messages).reduce((total, row) => total + row.value, 0);
  assertNothingLost(what, account, { rows: pointsIn(workload), sum });
}

function present(samples: Samples): string {
  const bare = 'bare binary COPY';
  const best = [bare, 'bare binary COPY, 2 connections'];
  const rows = ['direct', 'queued'].map((lane) => {
    const name = `ingest, ${lane} lane`;
    const speeds = best.map((one) => speedRatio(samples, name, one));
    const slowest = speeds.toSorted((a, b) => a.median - b.median)[0];
    return [
      name,
      spreadText(efficiency(samples, name, bare)),
      spreadText(efficiency(samples, name, 'bare text COPY')),
      slowest ? spreadText(slowest) : '–',
    ];
  });
  const ratios = table(['ratio', 'CPU, of binary COPY', 'CPU, of text COPY', 'rate, of the faster binary COPY'], rows);
  const lanes = spreadText(efficiency(samples, 'ingest, queued lane', 'ingest, direct lane'));
  return `${comparisonTable(samples, 'point')}\n\n${ratios}\n\nQueued lane over direct lane, by CPU: ${lanes}.`;
}
