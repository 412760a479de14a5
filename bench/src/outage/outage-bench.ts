import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { House, type ServiceProcess } from '@tributary/testing/harness';
import pg from 'pg';
import { type MqttBroker, startMosquitto } from '../chain/mosquitto.ts';
import { type Reading, type Readings, readingOf, SIGNALS } from '../chain/readings.ts';
import type { Backing } from '../measuring/backing.ts';
import type { Bench, BenchContext } from '../measuring/bench.ts';
import { Child } from '../measuring/child.ts';
import { table } from '../measuring/page.ts';
import { residentBytes } from '../measuring/processes.ts';
import { percentile } from '../measuring/statistics.ts';
import { accountOf, assertNothingLost } from '../measuring/stored-points.ts';
import type { SteadyQuestion } from './steady-devices.ts';

const HOUR_MS = 3_600_000;
const DEVICES = 100;
const INFLIGHT = 100;
const STEP_MS = 50;
const MEBIBYTE = 1024 ** 2;
/** Of each of our processes: what does not stay bounded ends the process, and the run. Node alone would collect late. */
const HEAP_MB = 256;
/** Nothing is waited for longer. */
const PATIENCE_MS = 1_800_000;
/** Caught up: for three looks in a row no further behind than what is sent in two seconds. */
const BEHIND_SECONDS = 2;
const LOOKS = 3;

type Phase = 'before' | 'away' | 'catching up' | 'after';

interface Memory {
  phase: Phase;
  adapter: number;
  ingest: number;
}

interface Figures {
  peak: number;
  offered: number;
  awaySeconds: number;
  behindAtReturn: number;
  catchUpSeconds: number;
  sent: number;
  memory: Memory[];
}

interface Scene {
  context: BenchContext;
  broker: MqttBroker;
  devices: Child<SteadyQuestion, { sent: number }>;
  connectionId: string;
  root: string;
  adapter: ServiceProcess;
  ingest: ServiceProcess;
}

/** Postgres is stopped at once, as by a failing machine, while devices go on sending at half of what the chain can take. */
export const outageBench: Bench = {
  name: 'outage',
  async run(context) {
    const broker = await startMosquitto(INFLIGHT);
    const { backing } = context;
    const namespace = `outage-${Date.now()}`;
    const env = { LOG_LEVEL: 'info', NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}` };
    const house = new House({ backing: backing.urls, namespace, keys: backing.keys, env });
    try {
      const ingest = house.spawnApp('telemetry-ingest');
      const entry = fileURLToPath(new URL('../chain/adapter-main.ts', import.meta.url));
      const adapter = house.spawn('adapter', entry);
      await house.ready();
      const root = `${namespace}/ours`;
      const connectionId = await backing.addConnection('bench', { url: broker.url, root });
      const shared = { context, broker, connectionId, root, adapter, ingest };
      const peak = await measurePeak(shared);
      return { text: present(await withDevices((devices) => measure({ ...shared, devices }, peak))) };
    } finally {
      await house.stop();
      await broker.stop();
    }
  },
};

async function withDevices<T>(work: (devices: Scene['devices']) => Promise<T>): Promise<T> {
  const devices = new Child<SteadyQuestion, { sent: number }>('outage/steady-devices.ts', {});
  try {
    return await work(devices);
  } finally {
    await devices.stop();
  }
}

const readingsFrom = (hoursAgo: number): Readings => ({
  devices: DEVICES,
  messages: Number.MAX_SAFE_INTEGER,
  baseMs: Math.floor(Date.now() / HOUR_MS) * HOUR_MS - hoursAgo * HOUR_MS,
});

/** More is sent than can be taken; what is stored a second then is the most. The first seconds do not count. */
async function measurePeak(scene: Omit<Scene, 'devices'>): Promise<number> {
  const { context } = scene;
  const readings = readingsFrom(30);
  return withDevices(async (devices) => {
    await devices.ask({ ask: 'start', url: scene.broker.url, root: scene.root, readings, perSecond: 20_000 });
    const warm = await until('the first are stored', async () => {
      const stored = await storedUntil(context.backing, readings);
      return stored > 2_000 && stored;
    });
    const from = performance.now();
    const seconds = context.quick ? 5 : 15;
    await pause(seconds * 1_000);
    const stored = (await storedUntil(context.backing, readings)) - warm;
    const peak = stored / ((performance.now() - from) / 1_000);
    const { sent } = await devices.ask({ ask: 'stop' });
    context.say(`  peak ${Math.round(peak)} messages a second`);
    await until('the rest is stored', async () => (await storedUntil(context.backing, readings)) >= sent - DEVICES);
    return peak;
  });
}

async function measure(scene: Scene, peak: number): Promise<Figures> {
  const { context, devices, adapter, ingest } = scene;
  const { backing } = context;
  const readings = readingsFrom(20);
  const perSecond = Math.round(peak / 2);
  const awaySeconds = context.quick ? 20 : 180;
  const memory: Memory[] = [];
  let phase: Phase = 'before';
  const watch = setInterval(() => {
    memory.push({ phase, adapter: residentBytes(adapter.pid), ingest: residentBytes(ingest.pid) });
  }, 1_000);
  try {
    await devices.ask({ ask: 'start', url: scene.broker.url, root: scene.root, readings, perSecond });
    await pause(context.quick ? 10_000 : 30_000);
    phase = 'away';
    const stopped = performance.now();
    await backing.postgres.kill();
    await pause(awaySeconds * 1_000);
    await backing.postgres.start();
    const away = (performance.now() - stopped) / 1_000;
    phase = 'catching up';
    const back = performance.now();
    const behind = async () => (await devices.ask({ ask: 'sent' })).sent - (await storedUntil(backing, readings));
    const behindAtReturn = await behind();
    context.say(`  Postgres is back after ${Math.round(away)} s, ${behindAtReturn} messages behind`);
    let near = 0;
    await until('it has caught up', async () => {
      near = (await behind()) <= perSecond * BEHIND_SECONDS ? near + 1 : 0;
      return near >= LOOKS;
    });
    const catchUpSeconds = (performance.now() - back) / 1_000;
    context.say(`  caught up in ${Math.round(catchUpSeconds)} s`);
    phase = 'after';
    await pause(10_000);
    const { sent } = await devices.ask({ ask: 'stop' });
    await assertAllStored(scene, readings, sent);
    return { peak, offered: perSecond, awaySeconds: away, behindAtReturn, catchUpSeconds, sent, memory };
  } finally {
    clearInterval(watch);
  }
}

/** As many rows as were sent, none twice, the same sum, nothing parked. */
async function assertAllStored(scene: Scene, readings: Readings, sent: number): Promise<void> {
  const { context, connectionId } = scene;
  const expected = { rows: sent * SIGNALS.length, sum: 0 };
  const add = ({ values }: Reading) => {
    for (const value of Object.values(values)) expected.sum += value;
  };
  for (let message = 0; message < sent; message++) add(readingOf(readings, message));
  const look = () =>
    withSql(context.backing, (sql) => accountOf(sql, connectionId, readings.baseMs, readings.baseMs + 10 * HOUR_MS));
  await until('the last is stored', async () => (await look()).rows >= expected.rows).catch(() => undefined);
  assertNothingLost('outage', await look(), expected);
}

/** How many messages are stored without a break at their end, by the newest time that is: they come in order. */
async function storedUntil(backing: Backing, { baseMs, devices }: Readings): Promise<number> {
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

async function until<T>(what: string, check: () => Promise<T | false>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const value = await check();
    if (value !== false) return value;
    if (performance.now() > deadline) throw new Error(`never came true: ${what}`);
    await pause(1_000);
  }
}

const whole = (value: number): string => Math.round(value).toLocaleString('en').replaceAll(',', ' ');
const megabytes = (bytes: number): string => whole(bytes / MEBIBYTE);

function present(figures: Figures): string {
  const { peak, offered, awaySeconds, behindAtReturn, catchUpSeconds, sent, memory } = figures;
  const of = (service: 'adapter' | 'ingest', phases: Phase[]) =>
    memory.filter(({ phase }) => phases.includes(phase)).map((sample) => sample[service]);
  const row = (service: 'adapter' | 'ingest') => {
    const before = percentile(of(service, ['before']), 0.5);
    const most = Math.max(...of(service, ['away', 'catching up']));
    return [
      service,
      megabytes(before),
      megabytes(Math.max(...of(service, ['away']))),
      megabytes(Math.max(...of(service, ['catching up']))),
      megabytes(percentile(of(service, ['after']), 0.5)),
      megabytes(most - before),
    ];
  };
  const head = ['resident memory, MB', 'before', 'most while away', 'most while catching up', 'after', 'growth'];
  return `Most that the chain stored: ${whole(peak)} messages a second. Offered all the time: ${whole(offered)}. Postgres was away for ${whole(awaySeconds)} s. When it answered again ${whole(behindAtReturn)} messages (${whole(behindAtReturn * SIGNALS.length)} points) were behind; **caught up after ${whole(catchUpSeconds)} s**. Of ${whole(sent)} messages none was lost, stored twice or parked. Each process of ours had a heap of at most ${HEAP_MB} MB, and would have ended had it wanted more.

${table(head, [row('adapter'), row('ingest')])}`;
}
