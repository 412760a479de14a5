import { SHARED_DEFAULTS, type SimulatorOptions } from '../kit/simulator-options.ts';
import type { SchemaDialect } from './schema-dialect.ts';

/** What can be set about the simulated ExoSense. */
export interface ExosenseOptions extends SimulatorOptions {
  /** GraphQL and report files; 0 lets the system choose. */
  port: number;
  /** Assets of the scenario. */
  devices: number;
  signalsPerDevice: number;
  /** Signal i reports at every `rates[i]`-th turn of its asset; the list is repeated. */
  rates: readonly number[];
  /**
   * Signals that are not as others, on the second asset: without history, archived, without any data. Of one without
   * history the ground truth keeps the last value alone: what a reader stored of it before is more than the truth.
   */
  oddSignals: ReadonlyArray<'history-off' | 'archived' | 'empty'>;
  limits: ExosenseLimits;
  execution: ExecutionOptions;
  answers: AnswerOptions;
  schema: SchemaDialect;
  reports: ReportOptions;
  /** A device that says nothing for so long is in the state `timeout`. */
  silenceMs: number;
  /** Whether an administrator has switched device control on. */
  controlEnabled: boolean;
}

export interface ExosenseLimits {
  windowMs: number;
  /** Per token and window. */
  requests: number;
  /** Milliseconds of execution per token and window. */
  timeMs: number;
  /** Milliseconds of execution of one request. */
  requestTimeMs: number;
  /** Requests of all tokens together per window; 0 is no such limit. */
  instanceRequests: number;
  /** Assets with data that one request may read before memory is exceeded; 0 is no such limit. */
  assetsWithData: number;
}

export interface ExecutionOptions {
  /** Scenario milliseconds really waited per simulated millisecond; 0 answers at once and still reports the time. */
  scale: number;
  baseMs: number;
  perAssetMs: number;
  perSignalMs: number;
  perPointMs: number;
  /** Anything else that is listed. */
  perItemMs: number;
  /** The whole is multiplied by it. */
  factor: number;
}

export interface AnswerOptions {
  /** HTTP status of an answer that says that a limit was exceeded. */
  limitStatus: 200 | 429;
  /** Whether such an answer carries `Retry-After`. */
  limitRetryAfter: boolean;
  /** A request that takes too long: HTTP 504 with HTML or nothing, a cut connection, or the error's name. */
  timeout: 'html' | 'empty' | 'cut' | 'named';
  /** A mutation that the role forbids: the field is null and says so, or the whole request is HTTP 403. */
  forbidden: 'field' | 'http';
  /** Whether `rateUsage.time` already holds the request it comes with. */
  rateTimeIncludesCurrent: boolean;
  /** Below the Organization tier there is no API. */
  organizationTier: boolean;
}

export interface ReportOptions {
  queuedMs: number;
  runningMs: number;
  /** How long a completed report can be fetched. */
  keptMs: number;
  /** Signals times days that one report may hold. */
  signalDays: number;
}

export const DEFAULT_PORTS = { api: 4740, control: 4749 } as const;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const defaultOptions: ExosenseOptions = {
  ...SHARED_DEFAULTS,
  port: DEFAULT_PORTS.api,
  controlPort: DEFAULT_PORTS.control,
  devices: 250,
  signalsPerDevice: 8,
  rates: [1],
  oddSignals: ['archived', 'empty'],
  historyMs: 5 * MINUTE,
  retentionMs: HOUR,
  limits: {
    windowMs: 10_000,
    requests: 10,
    timeMs: 100_000,
    requestTimeMs: 10_000,
    instanceRequests: 0,
    assetsWithData: 0,
  },
  execution: {
    scale: 0,
    baseMs: 20,
    perAssetMs: 2,
    perSignalMs: 0.5,
    perPointMs: 0.02,
    perItemMs: 0.2,
    factor: 1,
  },
  answers: {
    limitStatus: 200,
    limitRetryAfter: false,
    timeout: 'html',
    forbidden: 'field',
    rateTimeIncludesCurrent: false,
    organizationTier: true,
  },
  schema: { without: [], rename: {}, rangeArguments: false },
  reports: { queuedMs: 5_000, runningMs: 10_000, keptMs: HOUR, signalDays: 600 },
  silenceMs: MINUTE,
  controlEnabled: true,
};

/** Members that are objects can be given in part. */
export type GivenOptions = Partial<
  Omit<ExosenseOptions, 'limits' | 'execution' | 'answers' | 'schema' | 'reports' | 'irregular'>
> & {
  [K in 'limits' | 'execution' | 'answers' | 'schema' | 'reports' | 'irregular']?: Partial<ExosenseOptions[K]>;
};

export const withDefaults = (given: GivenOptions): ExosenseOptions => ({
  ...defaultOptions,
  ...given,
  limits: { ...defaultOptions.limits, ...given.limits },
  execution: { ...defaultOptions.execution, ...given.execution },
  answers: { ...defaultOptions.answers, ...given.answers },
  schema: { ...defaultOptions.schema, ...given.schema },
  reports: { ...defaultOptions.reports, ...given.reports },
  irregular: { ...defaultOptions.irregular, ...given.irregular },
});
