import { type Logger, type LoggerOptions, pino } from 'pino';
import { pretty } from './pretty-log.ts';
import { currentTraceId } from './tracing.ts';

export type { Logger } from 'pino';

export interface LogOptions {
  service: string;
  level: string;
  format: 'json' | 'pretty';
  /** Where lines go; standard output unless a test looks at them. */
  destination?: NodeJS.WritableStream;
}

const SECRET_WORDS = [
  'password',
  'secret',
  'token',
  'authorization',
  'credentials',
  'apiKey',
  'accessToken',
  'refreshToken',
];

/** Paths that pino replaces by stars, at the top and one or two levels down. Secrets proper are wrapped in `Secret`. */
const redactPaths = [
  ...SECRET_WORDS.flatMap((word) => [word, `*.${word}`, `*.*.${word}`]),
  'headers["x-authorization"]',
  '*.headers["x-authorization"]',
  'headers.cookie',
  '*.headers.cookie',
];

/** JSON lines with time, level, service, message and the trace id of the active span. */
export function createLogger(options: LogOptions): Logger {
  const settings: LoggerOptions = {
    level: options.level,
    base: { service: options.service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: redactPaths, censor: '***' },
    mixin: () => {
      const traceId = currentTraceId();
      return traceId ? { traceId } : {};
    },
  };
  if (options.destination) return pino(settings, options.destination);
  return pino(settings, options.format === 'pretty' ? pretty() : standardOutput());
}

/**
 * Standard output as a stream of Node's own. Pino's default destination waits for ever, at exit, for a reader that has
 * gone; here the lines of an orphan go nowhere, and it can leave.
 */
function standardOutput(): NodeJS.WritableStream {
  if (process.stdout.listenerCount('error', ignore) === 0) process.stdout.on('error', ignore);
  return process.stdout;
}

const ignore = (): void => undefined;

/** For tests and for library code that was given no logger. */
export const silentLogger: Logger = pino({ level: 'silent' });
