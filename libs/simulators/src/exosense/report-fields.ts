import { timeText } from './datapoint.ts';
import type { ReportJob } from './reports.ts';
import { type Execution, rootField } from './resolver.ts';
import type { Resolvers } from './schema-dialect.ts';
import { FieldError, InputRefused, notFound } from './vendor-error.ts';

interface CreateReportArgs {
  report_info: {
    start_timestamp: number;
    end_timestamp: number;
    signals: Array<{ id: string; name?: string | null }>;
    assetNames?: Array<string | null> | null;
    timezone?: { format?: string | null; offset?: number | null } | null;
  };
}

const SECONDS_A_DAY = 86_400;
const DEFAULT_EXPIRY_S = 600;
export const ISO_FORMAT = '%Y-%m-%dT%H:%M:%S.%f%z';

export const reportFields: Resolvers = {
  Mutation: { createReport: rootField<CreateReportArgs>(create) },
  Query: {
    reportStatus: rootField<{ job_id: string }>(({ job_id }, execution) => status(jobOf(job_id, execution), execution)),
    report: rootField<{ job_id: string; expires_in?: number | null }>((args, execution) => {
      const { reports, clock, publicUrl } = execution.state;
      const job = jobOf(args.job_id, execution);
      const state = reports.stateOf(job);
      if (state !== 'completed') throw new FieldError(`Report is ${state}`);
      const expiresIn = args.expires_in ?? DEFAULT_EXPIRY_S;
      if (expiresIn <= 0) throw new InputRefused('expires_in must be positive');
      return `${publicUrl}${reports.path(job, Math.floor(clock.now() / 1000) + expiresIn)}`;
    }),
  },
};

function jobOf(id: string, { state }: Execution): ReportJob {
  const job = state.reports.get(id);
  if (!job) throw notFound('Report');
  return job;
}

function create({ report_info: info }: CreateReportArgs, { state, caller, meter }: Execution): string {
  const { start_timestamp: start, end_timestamp: end } = info;
  if (start >= end) throw new InputRefused('start_timestamp must be before end_timestamp');
  if (info.signals.length === 0) throw new InputRefused('signals must not be empty');
  const signals = info.signals.map(({ id }) => {
    const signal = state.signalFor(caller, id);
    if (!signal) throw notFound('Signal');
    return signal;
  });
  const signalDays = signals.length * Math.ceil((end - start) / SECONDS_A_DAY);
  if (signalDays > state.options.reports.signalDays) throw new FieldError('Report exceeds the limit of signal days');
  meter.items(signals.length);
  const assetNames = (info.assetNames ?? []).flatMap((name) => name ?? []);
  const timezone = { format: info.timezone?.format ?? ISO_FORMAT, offset: info.timezone?.offset ?? 0 };
  return state.reports.create({ signals, assetNames, from: start * 1000, to: end * 1000, timezone }).id;
}

function status(job: ReportJob, { state }: Execution) {
  return {
    job_id: job.id,
    state: state.reports.stateOf(job),
    format: 'csv',
    query: {
      start_timestamp: job.from / 1000,
      end_timestamp: job.to / 1000,
      signals: job.signals.map(({ id, name }) => ({ id, name })),
      assetNames: job.assetNames,
      timezone: job.timezone,
    },
    length: null,
    filename: job.filename,
    content_id: job.contentId,
    start_time: timeText(job.startTime),
    update_time: timeText(state.reports.updateTime(job)),
  };
}
