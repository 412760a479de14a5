import { ConfigError, createLogger, EXIT_CONFIG, type Logger, loadConfig } from '@tributary/runtime';
import { z } from 'zod';
import { findSimulators } from './kit/registry.ts';
import type { Simulator, SimulatorManifest } from './kit/simulator.ts';

const mainSettings = z.object({
  /** Names of platforms, parted by commas; all when absent. Arguments of the program come first. */
  SIMULATORS: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((name) => name.trim())
        .filter(Boolean),
    ),
  SIMULATORS_HOST: z.string().default('127.0.0.1'),
  /** `any`: free ones, whatever the settings of the platforms say; the line at the start tells which. */
  SIMULATORS_PORTS: z.enum(['usual', 'any']).default('usual'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
  LOG_FORMAT: z.enum(['json', 'pretty']).default('json'),
});

type MainSettings = z.output<typeof mainSettings>;

const manifests = await findSimulators();
const settings = readSettings(manifests);
// Standard output is for the one line that says where everything is; the log goes beside it.
const log = createLogger({
  service: 'simulators',
  level: settings.LOG_LEVEL,
  format: settings.LOG_FORMAT,
  destination: process.stderr,
});
const running: Simulator[] = [];
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void leave(signal, log));
// Started by a parent that keeps a channel: its death must not leave this process behind.
if (process.channel) {
  process.once('disconnect', () => void leave('the parent is gone', log));
  process.channel.unref();
}
await startAll(chosen(manifests, settings));

function readSettings(all: readonly SimulatorManifest[]): MainSettings & Record<string, unknown> {
  const schema = all.reduce<z.ZodObject>((merged, one) => merged.extend(one.settings.shape), mainSettings);
  try {
    const loaded = loadConfig(schema, process.env) as MainSettings & Record<string, unknown>;
    return loaded.SIMULATORS_PORTS === 'any' ? withAnyPorts(loaded) : loaded;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return refuse(error.problems.map(({ key, problem }) => `${key}: ${problem}`));
  }
}

function withAnyPorts<T extends Record<string, unknown>>(loaded: T): T {
  const ports = Object.keys(loaded).filter((name) => name.endsWith('_PORT'));
  return { ...loaded, ...Object.fromEntries(ports.map((name) => [name, 0])) };
}

function chosen(all: readonly SimulatorManifest[], { SIMULATORS }: MainSettings): SimulatorManifest[] {
  const asked = process.argv.slice(2);
  const names = asked.length > 0 ? asked : SIMULATORS;
  const unknown = names.filter((name) => !all.some((one) => one.platform === name));
  if (unknown.length > 0) refuse(unknown.map((name) => `SIMULATORS: no simulator is called ${name}`));
  return names.length === 0 ? [...all] : all.filter((one) => names.includes(one.platform));
}

function refuse(problems: string[]): never {
  process.stderr.write(`simulators: configuration is wrong\n${problems.map((line) => `  ${line}\n`).join('')}`);
  process.exit(EXIT_CONFIG);
}

async function startAll(wanted: readonly SimulatorManifest[]): Promise<void> {
  try {
    for (const one of wanted) running.push(await one.start(settings, { host: settings.SIMULATORS_HOST, log }));
  } catch (error) {
    log.fatal({ err: error }, 'could not start');
    await Promise.all(running.map((one) => one.stop()));
    process.exit(1);
  }
  for (const one of running) {
    log.info(
      { platform: one.platform, url: one.url, ...one.addresses, controlUrl: one.controlUrl },
      'simulator started',
    );
  }
  process.stdout.write(`${JSON.stringify({ ready: true, simulators: running.map(announcement) })}\n`);
}

function announcement({ platform, url, addresses, controlUrl, demoConnection }: Simulator) {
  return { platform, url, ...addresses, controlUrl, demoConnection };
}

async function leave(reason: string, logger: Logger): Promise<void> {
  logger.info({ reason }, 'stopping');
  setTimeout(() => process.exit(1), 2_000).unref();
  await Promise.all(running.map((one) => one.stop()));
  process.exit(0);
}
