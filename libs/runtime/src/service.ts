import { z } from 'zod';
import { type Clock, systemClock } from './clock.ts';
import { compactHeap } from './compact-heap.ts';
import { ConfigError, EXIT_CONFIG, loadConfig, port } from './config.ts';
import { Health } from './health.ts';
import { createLogger, type Logger } from './logging.ts';
import { Metrics } from './metrics.ts';
import { HARD_EXIT_MS, Shutdown } from './shutdown.ts';
import { startTracing } from './tracing.ts';

/** Configuration that every service has. */
export const serviceConfig = {
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal'])
    .default('info')
    .describe('Least severe level that is logged.'),
  LOG_FORMAT: z.enum(['json', 'pretty']).default('json').describe('`json` for machines, `pretty` for people.'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional().describe('OTLP/HTTP endpoint for traces; without it tracing is off.'),
  PORT: port()
    .default(0)
    .describe('HTTP port of the service (for workers: /livez, /readyz, /metrics). 0 lets the system choose.'),
};

/** What a service's `start` is given. */
export interface ServiceContext<C> {
  config: C;
  log: Logger;
  metrics: Metrics;
  health: Health;
  clock: Clock;
  shutdown: Shutdown;
}

export interface ServiceDefinition<S extends z.ZodObject> {
  name: string;
  config: S;
  /** Resolves when everything is started (not: when everything it depends on answers). */
  start(context: ServiceContext<z.output<S>>): Promise<void>;
}

type BaseConfig = z.output<z.ZodObject<typeof serviceConfig>>;

/**
 * Runs a service until SIGTERM or SIGINT. Wrong configuration ends it with code 78 and all problems on standard error;
 * an error nobody caught ends it with 1, after the same orderly stop.
 */
export async function runService<S extends z.ZodObject>(definition: ServiceDefinition<S>): Promise<void> {
  const config = readConfigOrExit(definition);
  const base = config as BaseConfig;
  const log = createLogger({ service: definition.name, level: base.LOG_LEVEL, format: base.LOG_FORMAT });
  const shutdown = new Shutdown(log);
  const health = new Health(systemClock);
  const metrics = new Metrics(definition.name);
  metrics.collectProcessMetrics();
  shutdown.add('tracing', await startTracing(definition.name, base.OTEL_EXPORTER_OTLP_ENDPOINT));
  listenForTheEnd(shutdown, health, log);
  try {
    await definition.start({ config, log, metrics, health, clock: systemClock, shutdown });
    compactHeap();
  } catch (error) {
    log.fatal({ err: error }, 'could not start');
    await shutdown.run('failed start');
    process.exit(1);
  }
}

function readConfigOrExit<S extends z.ZodObject>(definition: ServiceDefinition<S>): z.output<S> {
  try {
    return loadConfig(definition.config, process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const lines = error.problems.map((p) => `  ${p.key}: ${p.problem}`);
    process.stderr.write(`${definition.name}: configuration is wrong\n${lines.join('\n')}\n`);
    process.exit(EXIT_CONFIG);
  }
}

function listenForTheEnd(shutdown: Shutdown, health: Health, log: Logger): void {
  const leave = (reason: string, code: number) => {
    health.stopping();
    setTimeout(() => process.exit(code || 1), HARD_EXIT_MS).unref();
    void shutdown.run(reason).then(() => process.exit(code));
  };
  process.once('SIGTERM', () => leave('SIGTERM', 0));
  process.once('SIGINT', () => leave('SIGINT', 0));
  // Started by a parent that keeps a channel: its death must not leave this process behind.
  if (process.channel) {
    process.once('disconnect', () => leave('the parent is gone', 0));
    process.channel.unref();
  }
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'an error that nobody caught');
    leave('uncaught error', 1);
  });
  process.on('unhandledRejection', (error) => {
    log.fatal({ err: error }, 'a rejection that nobody handled');
    leave('unhandled rejection', 1);
  });
}
