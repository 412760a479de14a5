import { once } from 'node:events';
import { adapterNames, House, repositoryRoot, type ServiceProcess } from '@tributary/testing/harness';
import type { Backing } from './backing/find.ts';
import { lockHouse } from './backing/house-lock.ts';
import { connectSimulators } from './connect-simulators.ts';
import { keepAddress, migrateDatabase, obtainApiKey, sealingKeys } from './local-state.ts';
import { parseLogArguments } from './log-arguments.ts';
import { LogView } from './log-view.ts';
import { choosePort } from './ports.ts';
import { SetupProblem, say, step } from './progress.ts';
import { report } from './report.ts';

const NAMESPACE = process.env.TRIBUTARY_NAMESPACE ?? 'tributary';
const READY_PATIENCE_MS = 90_000;

interface HouseRun {
  house: House;
  logs: LogView;
  apiPort: number;
  backing: Backing;
  signal: AbortSignal;
}

/** Starts everything, shows how to use it, and stays until it is interrupted. Returns the exit code. */
export async function runHouse(
  backing: Backing,
  { args, signal }: { args: string[]; signal: AbortSignal },
): Promise<number> {
  const { urls } = backing;
  const logs = new LogView(parseLogArguments(args, ['simulators', ...apps()]));
  const lock = await lockHouse({ databaseUrl: urls.DATABASE_URL, namespace: NAMESPACE, holder: repositoryRoot });
  const apiPort = await choosePort(process.env.API_PORT);
  const house = new House({
    backing: { databaseUrl: urls.DATABASE_URL, rabbitmqUrl: urls.RABBITMQ_URL, redisUrl: urls.REDIS_URL },
    namespace: NAMESPACE,
    keys: sealingKeys(),
    env: { API_PUBLIC_URL: `http://127.0.0.1:${apiPort}` },
    // No load balancer has to notice that this one leaves.
    envOf: { api: { PORT: String(apiPort), API_DRAIN: '0s' }, simulators: simulatorSettings() },
    onLine: (service, line) => logs.take(service, line),
  });
  try {
    await start({ house, logs, apiPort, backing, signal });
    await untilTheEnd(house, logs, signal);
    return 0;
  } finally {
    say('\nStopping …');
    await house.stop();
    await logs.close();
    await lock.release();
    say('The house is stopped.');
  }
}

/** What somebody has set for the simulators: their ports, devices, faults. */
const simulatorSettings = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      name.includes('SIMULATOR') && value !== undefined ? [[name, value]] : [],
    ),
  );

const apps = (): string[] => ['telemetry-ingest', 'api', 'webhooks', ...adapterNames()];

async function start({ house, logs, apiPort, backing, signal }: HouseRun): Promise<void> {
  const databaseUrl = backing.urls.DATABASE_URL;
  const apiUrl = `http://127.0.0.1:${apiPort}`;
  const startedAt = new Date();
  await step('database migrated', () => migrateDatabase(databaseUrl, signal));
  await step('simulators', () => untilReady([house.spawnSimulators()], logs, signal));
  await step(`services: ${apps().join(', ')}`, (progress) =>
    untilReady(
      apps().map((app) => house.spawnApp(app)),
      logs,
      signal,
      progress,
    ),
  );
  keepAddress(apiUrl);
  const key = await step('API key', () => obtainApiKey({ databaseUrl, apiUrl, signal }));
  const simulators = await house.simulators();
  const platforms = adapterNames().map((app) => app.slice('adapter-'.length));
  await step('one connection per platform', () => connectSimulators({ apiUrl, key, simulators, platforms, signal }));
  await report({ house, backing, apiUrl, key, simulators, startedAt, logs, signal });
}

/** Says by name who does not come, and why. */
async function untilReady(
  services: ServiceProcess[],
  logs: LogView,
  signal: AbortSignal,
  progress: (detail: string) => void = () => undefined,
): Promise<void> {
  const waiting = new Set(services.map((s) => s.name));
  const all = services.map(async (service) => {
    progress(`waiting for ${[...waiting].join(', ')}`);
    try {
      await service.ready(READY_PATIENCE_MS);
    } catch {
      throw new SetupProblem(`${await fate(service)}\n${logs.lastWords(service.name, service.output)}`);
    }
    waiting.delete(service.name);
    progress(`waiting for ${[...waiting].join(', ')}`);
  });
  await Promise.race([Promise.all(all), interrupted(signal)]);
}

async function fate(service: ServiceProcess): Promise<string> {
  if (service.running) return `${service.name} was not ready after ${READY_PATIENCE_MS / 1000} s. The last it said:`;
  const code = await service.exited;
  const how = code === null ? 'was killed from outside' : `has left by itself (exit code ${code})`;
  return `${service.name} ${how}. The last it said:`;
}

/** Ctrl-C is a good end; a service that leaves by itself is not. */
async function untilTheEnd(house: House, logs: LogView, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const left = house.all.map(async (service) => {
    await service.exited;
    return service;
  });
  const gone = await Promise.race([once(signal, 'abort').then(() => undefined), ...left]);
  if (gone && !signal.aborted) throw new SetupProblem(`${await fate(gone)}\n${logs.lastWords(gone.name, gone.output)}`);
}

async function interrupted(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort');
  throw signal.reason;
}
