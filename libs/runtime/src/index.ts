export { type Clock, systemClock } from './clock.ts';
export {
  ConfigError,
  type ConfigProblem,
  duration,
  EXIT_CONFIG,
  flag,
  integer,
  loadConfig,
  parseDuration,
  port,
  serviceUrl,
} from './config.ts';
export { failpoint } from './failpoints.ts';
export { Health, type ReadinessReport } from './health.ts';
export { newEventId, newId } from './ids.ts';
export { createLogger, type Logger, type LogOptions, silentLogger } from './logging.ts';
export { ManualClock } from './manual-clock.ts';
export { type Counter, type Gauge, type Histogram, type MetricOptions, Metrics } from './metrics.ts';
export { type OpsServer, startOpsServer } from './ops-server.ts';
export { Secret, secret } from './secret.ts';
export { runService, type ServiceContext, type ServiceDefinition, serviceConfig } from './service.ts';
export { HARD_EXIT_MS, Shutdown } from './shutdown.ts';
export { currentTraceId, currentTraceparent, type SpanOptions, startTracing, withSpan } from './tracing.ts';
