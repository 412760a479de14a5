import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { House } from '@tributary/testing/harness';
import { type MqttBroker, startMosquitto } from '../chain/mosquitto.ts';
import type { Readings } from '../chain/readings.ts';
import type { Bench, BenchContext } from '../measuring/bench.ts';
import { Child } from '../measuring/child.ts';
import { MemoryWatch, WATCHED } from './memory-watch.ts';
import {
  type Figures,
  HEAP_MB,
  type MemoryOf,
  type Outage,
  outagePage,
  SERVICES,
  type Service,
} from './outage-page.ts';
import type { SteadyQuestion } from './steady-devices.ts';
import { assertAllStored, storedUntil, until } from './stored-messages.ts';

const HOUR_MS = 3_600_000;
const DEVICES = 100;
const INFLIGHT = 100;
/** One after another in the same processes: what grows with the length of an outage grows from one to the next. */
const AWAY_SECONDS = [60, 120, 180];
const AWAY_QUICK = [10, 20];
/** Caught up: for three looks in a row no further behind than what is sent in two seconds. */
const BEHIND_SECONDS = 2;
const LOOKS = 3;

interface Scene {
  context: BenchContext;
  broker: MqttBroker;
  devices: Child<SteadyQuestion, { sent: number }>;
  connectionId: string;
  root: string;
  memory: Record<Service, MemoryWatch>;
}

/** Postgres is stopped at once, as by a failing machine, while devices go on sending at half of what the chain can take. */
export const outageBench: Bench = {
  name: 'outage',
  async run(context) {
    const broker = await startMosquitto(INFLIGHT);
    const { backing } = context;
    const namespace = `outage-${Date.now()}`;
    const env = { LOG_LEVEL: 'info', NODE_OPTIONS: `--max-old-space-size=${HEAP_MB} ${WATCHED}` };
    const watches = new Map<string, MemoryWatch>();
    const onLine = (service: string, line: string) => watches.get(service)?.read(line);
    const house = new House({ backing: backing.urls, namespace, keys: backing.keys, env, onLine });
    try {
      const entry = fileURLToPath(new URL('../chain/adapter-main.ts', import.meta.url));
      const memory = {
        adapter: new MemoryWatch(house.spawn('adapter', entry)),
        ingest: new MemoryWatch(house.spawnApp('telemetry-ingest', {}, 'ingest')),
      };
      for (const [service, watch] of Object.entries(memory)) watches.set(service, watch);
      await house.ready();
      const root = `${namespace}/ours`;
      const connectionId = await backing.addConnection('bench', { url: broker.url, root });
      const shared = { context, broker, connectionId, root, memory };
      const peak = await measurePeak(shared);
      return { text: outagePage(await withDevices((devices) => measure({ ...shared, devices }, peak))) };
    } finally {
      for (const watch of watches.values()) watch.stop();
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
  const { context, devices, connectionId } = scene;
  const { backing } = context;
  const readings = readingsFrom(20);
  const perSecond = Math.round(peak / 2);
  const phase = nameOfPhases(scene);
  phase('before');
  await devices.ask({ ask: 'start', url: scene.broker.url, root: scene.root, readings, perSecond });
  await pause(context.quick ? 10_000 : 30_000);
  const before = await memoryOf(scene, ['before'], 0.5);
  const outages: Outage[] = [];
  for (const seconds of context.quick ? AWAY_QUICK : AWAY_SECONDS) {
    outages.push(await outage(scene, { seconds, perSecond, readings }));
    phase('between');
    await pause(10_000);
  }
  const { sent } = await devices.ask({ ask: 'stop' });
  await assertAllStored(backing, connectionId, readings, sent);
  return { peak, offered: perSecond, sent, before, outages };
}

/** Postgres goes, comes back, and what has waited is caught up with. */
async function outage(
  scene: Scene,
  { seconds, perSecond, readings }: { seconds: number; perSecond: number; readings: Readings },
): Promise<Outage> {
  const { context, devices } = scene;
  const { backing } = context;
  const phase = nameOfPhases(scene);
  phase(`away ${seconds}`);
  const stopped = performance.now();
  await backing.postgres.kill();
  await pause(seconds * 1_000);
  const away = await memoryOf(scene, [`away ${seconds}`], 1);
  await backing.postgres.start();
  const awaySeconds = (performance.now() - stopped) / 1_000;
  phase(`after ${seconds}`);
  const back = performance.now();
  const behind = async () => (await devices.ask({ ask: 'sent' })).sent - (await storedUntil(backing, readings));
  const behindAtReturn = await behind();
  context.say(`  Postgres is back after ${Math.round(awaySeconds)} s, ${behindAtReturn} messages behind`);
  let near = 0;
  await until('it has caught up', async () => {
    near = (await behind()) <= perSecond * BEHIND_SECONDS ? near + 1 : 0;
    return near >= LOOKS;
  });
  const catchUpSeconds = (performance.now() - back) / 1_000;
  context.say(`  caught up in ${Math.round(catchUpSeconds)} s`);
  const most = await memoryOf(scene, [`away ${seconds}`, `after ${seconds}`], 1);
  context.say(`  ${JSON.stringify({ away, most })}`);
  return { awaySeconds, behindAtReturn, catchUpSeconds, away, most };
}

const nameOfPhases = (scene: Scene) => (phase: string) => {
  for (const service of SERVICES) scene.memory[service].phase = phase;
};

/** What was resident in some phases, and what is held now. */
async function memoryOf(scene: Scene, phases: readonly string[], share: number): Promise<MemoryOf> {
  const read = async (service: Service) => {
    const watch = scene.memory[service];
    const resident = watch.resident(phases, share);
    return { resident, ...(await watch.held()) };
  };
  return { adapter: await read('adapter'), ingest: await read('ingest') };
}
