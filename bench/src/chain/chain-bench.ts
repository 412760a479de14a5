import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { deviceId } from '@tributary/contracts';
import { House, ServiceProcess } from '@tributary/testing/harness';
import { makeBareTable } from '../ingest/bare-table.ts';
import { type Bench, type BenchContext, profiling } from '../measuring/bench.ts';
import { Child } from '../measuring/child.ts';
import { comparisonTable, efficiency, speedRatio, spreadText } from '../measuring/comparison.ts';
import { table } from '../measuring/page.ts';
import { cpuSince, readCpu } from '../measuring/processes.ts';
import { quiet } from '../measuring/quiet.ts';
import { alternate, type Contender, type Samples } from '../measuring/rounds.ts';
import { goOn, standStill } from '../measuring/standstill.ts';
import { spreadOf } from '../measuring/statistics.ts';
import { accountOf, assertNothingLost, type Expected, waitUntilStored } from '../measuring/stored-points.ts';
import { type MqttBroker, startMosquitto } from './mosquitto.ts';
import type { DevicesQuestion } from './mqtt-devices.ts';
import { type Reading, type Readings, readingOf, SIGNALS } from './readings.ts';

const HOUR_MS = 3_600_000;
const ROUND_MS = 600_000;
const TAIL = 1_500;
const DEVICES = 100;
/** Unacknowledged messages per client, as a large public broker has it; Mosquitto lets more pass while a queue drains. */
const INFLIGHT = 100;
const OURS = 'Tributary';
const NAIVE = 'naive script';
const BUFFERED = 'buffered script';

interface Running {
  contender: Contender;
  stop: () => Promise<void>;
}

interface Stage {
  context: BenchContext;
  broker: MqttBroker;
  devices: Child<DevicesQuestion, { sent: number }>;
  readingsOf: (round: number) => Readings;
}

export const chainBench: Bench = {
  name: 'chain',
  async run(context) {
    return { text: present(await measure(context)) };
  },
};

async function measure(context: BenchContext): Promise<Samples> {
  const broker = await startMosquitto(INFLIGHT);
  const devices = new Child<DevicesQuestion, { sent: number }>('chain/mqtt-devices.ts', {});
  const baseMs = Math.floor(Date.now() / ROUND_MS) * ROUND_MS - 6 * HOUR_MS;
  const messages = context.quick ? 10_000 : 15_000;
  const readingsOf = (round: number) => ({ devices: DEVICES, messages, baseMs: baseMs + round * ROUND_MS });
  const stage: Stage = { context, broker, devices, readingsOf };
  const running: Running[] = [];
  try {
    running.push(
      await startOurs(stage),
      await startScript(stage, NAIVE, 'naive'),
      await startScript(stage, BUFFERED, 'buffered'),
    );
    const plan = { rounds: context.quick ? 2 : 5, warmUps: 1, say: context.say };
    return await alternate(
      running.map(({ contender }) => contender),
      plan,
    );
  } finally {
    for (const { stop } of running) await stop();
    await devices.stop();
    await broker.stop();
  }
}

/** Adapter process, broker, ingest process: the services as they are deployed. */
async function startOurs({ context, broker, devices, readingsOf }: Stage): Promise<Running> {
  const { backing } = context;
  const namespace = `chain-${Date.now()}`;
  const root = `${namespace}/ours`;
  const env = { LOG_LEVEL: 'info', LEASE_TTL: '120s' };
  const house = new House({ backing: backing.urls, namespace, keys: backing.keys, env });
  const ingest = house.spawnApp('telemetry-ingest', profiling(context, `${namespace}-ingest`));
  const entry = fileURLToPath(new URL('./adapter-main.ts', import.meta.url));
  const adapter = house.spawn('adapter', entry, profiling(context, `${namespace}-adapter`));
  await house.ready();
  const connectionId = await backing.addConnection('bench', { url: broker.url, root });
  await streaming(backing, connectionId);
  const { port } = await adapter.ready();
  const pids = { adapter: adapter.pid, ingest: ingest.pid, mosquitto: broker.pid, ...backing.pids };
  let events = 0;
  const run = async (round: number) => {
    const readings = readingsOf(round);
    standStill(adapter);
    await devices.ask({ url: broker.url, root, readings });
    await settle(context, broker);
    const eventsBefore = events;
    const before = readCpu(pids);
    const from = performance.now();
    goOn(adapter);
    const tail = tailOf(readings, connectionId);
    await waitUntilStored(backing.sql, tail.at(-1) as Expected, tail);
    const seconds = (performance.now() - from) / 1_000;
    const cpu = cpuSince(before, readCpu(pids));
    const account = await accountOf(backing.sql, connectionId, readings.baseMs, readings.baseMs + ROUND_MS);
    assertNothingLost('chain', account, sentIn(readings));
    events = await eventsPublished(port ?? 0);
    const more = { messagesPerEvent: readings.messages / (events - eventsBefore) };
    context.say(`  ${more.messagesPerEvent.toFixed(1)} messages an event`);
    return { units: readings.messages, seconds, cpu, more };
  };
  return { contender: { name: OURS, run }, stop: () => house.stop() };
}

/** Telemetry events that the adapter has published so far. */
async function eventsPublished(port: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const lines = text
    .split('\n')
    .filter((line) => /^\w*adapter_events_published_total\{.*telemetry\.observed/.test(line));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

/** Until the adapter owns the connection and has subscribed. */
async function streaming({ sql }: BenchContext['backing'], connectionId: string): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    const { rows } = await sql.query(
      "select 1 from connection_status where connection_id = $1 and status = 'connected'",
      [connectionId],
    );
    if (rows.length > 0) return pause(500);
    await pause(100);
  }
  throw new Error('the adapter did not open its stream');
}

async function startScript(stage: Stage, name: string, which: 'naive' | 'buffered'): Promise<Running> {
  const { context, broker, devices, readingsOf } = stage;
  const { backing } = context;
  const storedIn = `${which}_${Date.now()}`;
  await makeBareTable(backing.sql, storedIn, Date.now());
  const root = `scripts/${storedIn}`;
  const script = ServiceProcess.spawn({
    name,
    entry: fileURLToPath(new URL(`./${which}-script.ts`, import.meta.url)),
    env: {
      DATABASE_URL: backing.urls.databaseUrl,
      MQTT_URL: broker.url,
      ROOT: root,
      TABLE: storedIn,
      CLIENT_ID: storedIn,
    },
  });
  await script.ready();
  const pids = { script: script.pid, mosquitto: broker.pid, postgres: backing.pids.postgres };
  const run = async (round: number) => {
    const readings = readingsOf(round);
    standStill(script);
    await devices.ask({ url: broker.url, root, readings });
    await settle(context, broker);
    const before = readCpu(pids);
    const from = performance.now();
    goOn(script);
    await allRows(backing, storedIn, readings);
    const seconds = (performance.now() - from) / 1_000;
    return { units: readings.messages, seconds, cpu: cpuSince(before, readCpu(pids)) };
  };
  return { contender: { name, run }, stop: async () => void (await script.stop()) };
}

/** Waits for the last reading, which is cheap to look for, and then for all. */
async function allRows({ sql }: BenchContext['backing'], storedIn: string, readings: Readings): Promise<void> {
  const last = new Date(readingOf(readings, readings.messages - 1).tsMs);
  const expected = readings.messages * SIGNALS.length;
  const deadline = performance.now() + 180_000;
  const count = async (from: Date): Promise<number> => {
    const { rows } = await sql.query<{ n: number }>(
      `select count(*)::int as n from ${storedIn} where series_id between 1 and $1 and ts >= $2 and ts <= $3`,
      [from === last ? SIGNALS.length : 1_000_000, from, last],
    );
    return rows[0]?.n ?? 0;
  };
  while ((await count(last)) === 0 || (await count(new Date(readings.baseMs))) < expected) {
    if (performance.now() > deadline) throw new Error(`${storedIn}: rows of a round are missing`);
    await pause(10);
  }
}

/** The queue in the MQTT broker stands, and nobody is busy with what was before. */
async function settle({ backing }: BenchContext, broker: MqttBroker): Promise<void> {
  await quiet([backing.pids.rabbitmq, backing.pids.postgres, broker.pid]);
  await backing.sql.query('checkpoint');
}

function tailOf(readings: Readings, connectionId: string): Expected[] {
  return Array.from({ length: Math.min(TAIL, readings.messages) }, (_, place) => {
    const reading = readingOf(readings, readings.messages - Math.min(TAIL, readings.messages) + place);
    return { deviceId: deviceId(connectionId, reading.device), signal: SIGNALS[0], tsMs: reading.tsMs };
  });
}

function sentIn(readings: Readings): { rows: number; sum: number } {
  let sum = 0;
  const add = (reading: Reading) => {
    for (const value of Object.values(reading.values)) sum += value;
  };
  for (let message = 0; message < readings.messages; message++) add(readingOf(readings, message));
  return { rows: readings.messages * SIGNALS.length, sum };
}

function present(samples: Samples): string {
  const rows = [NAIVE, BUFFERED].map((baseline) => [
    `${OURS} over ${baseline}`,
    spreadText(efficiency(samples, OURS, baseline)),
    spreadText(speedRatio(samples, OURS, baseline)),
  ]);
  const perEvent = spreadOf((samples.get(OURS) ?? []).map((sample) => sample.more?.messagesPerEvent ?? Number.NaN));
  const ratios = table(['ratio', 'by CPU', 'by rate'], rows);
  return `${comparisonTable(samples, 'message')}\n\n${ratios}\n\nAn event on the bus carried ${spreadText(perEvent)} MQTT messages.`;
}
