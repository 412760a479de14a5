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
export { failpoint } from './failpoints/failpoint.ts';
export type { Failpoint, FailpointName } from './failpoints/registry.ts';
export { Health, type ReadinessReport } from './health.ts';
export { newEventId, newId } from './ids.ts';
export { createLogger, type Logger, type LogOptions, silentLogger } from './logging.ts';
export { ManualClock } from './manual-clock.ts';
export { type Counter, type Gauge, type Histogram, type MetricOptions, Metrics } from './metrics.ts';
export { addressConfig } from './network/address-config.ts';
export {
  checkedUrl,
  checkHost,
  guardedLookup,
  isPrivateAddress,
  RefusedAddressError,
  type UrlRules,
} from './network/address-guard.ts';
export { retryAfterMs } from './network/retry-after.ts';
export { type OpsServer, startOpsServer } from './ops-server.ts';
export {
  isSecretName,
  REDACTED,
  type RedactedBytes,
  redactBytes,
  redactText,
  redactValue,
  secretValuesOf,
} from './redaction.ts';
export { replicaName } from './replica-name.ts';
export { Secret, secret } from './secret.ts';
export { serveOps } from './serve-ops.ts';
export { runService, type ServiceContext, type ServiceDefinition, serviceConfig } from './service.ts';
export { HARD_EXIT_MS, Shutdown } from './shutdown.ts';
export { currentTraceId, currentTraceparent, openSpan, type SpanOptions, startTracing, withSpan } from './tracing.ts';
