import { Readable } from 'node:stream';
import type { Call, ConnectionKit, NativeId } from '@tributary/adapter-kit';
import { MalformedResponseError } from '@tributary/contracts';
import { parse } from 'csv-parse';
import { z } from 'zod';
import type { Instance } from './instance.ts';
import * as wire from './wire.ts';

/** What a report is asked for: values of signals within a time. */
export interface ReportAsked {
  signals: readonly { id: NativeId; name: string }[];
  fromMs: number;
  toMs: number;
}

export type ReportState = 'waiting' | 'ready' | 'failed';

/** Quirk: the size of a report is limited by signals times days; 600 is the vendor's example, and depends on the tier. */
export const SIGNAL_DAYS = 300;
export const DAY_MS = 86_400_000;
/** How often a job is asked for. */
export const ASK_EVERY_MS = 15_000;
const LINK_SECONDS = 600;
const LONGEST_ROW = 1024 * 1024;

/** One value of a report, as text. */
export interface ReportRow {
  signal: string;
  timestamp: string;
  value: string;
}

/** Reports: every stored value within a time, made by the platform in its own time and fetched as a file. */
export class Reports {
  #looksOfOne = 1;

  constructor(
    private readonly instance: Instance,
    private readonly kit: Pick<ConnectionKit, 'http' | 'items'>,
  ) {}

  /** How often a report is looked at before it is ready, as it was lately. */
  get looksOfOne(): number {
    return this.#looksOfOne;
  }

  tookLooks(looks: number): void {
    this.#looksOfOne = (this.#looksOfOne + looks) / 2;
  }

  async offered(call: Call): Promise<boolean> {
    const offered = await this.instance.offered(call);
    return offered.has('createReport') && offered.has('reportStatus') && offered.has('report');
  }

  /** Answers with the job's id. */
  async create({ signals, fromMs, toMs }: ReportAsked, call: Call): Promise<string> {
    const report = {
      start_timestamp: Math.floor(fromMs / 1_000),
      end_timestamp: Math.ceil(toMs / 1_000) + 1,
      signals: signals.map(({ id, name }) => ({ id, name })),
      assetNames: [],
      timezone: { format: '%Y-%m-%dT%H:%M:%S.%fZ', offset: 0 },
    };
    const { data } = await this.instance.order('createReport', { report }, call);
    const job = wire.job.safeParse(data.createReport);
    if (!job.success) throw new MalformedResponseError('createReport: expected the id of a job');
    return job.data;
  }

  async state(job: string, call: Call): Promise<ReportState> {
    const { data } = await this.instance.ask('reportStatus', { job }, call);
    const status = wire.reportStatus.safeParse(data.reportStatus);
    if (!status.success) throw new MalformedResponseError('reportStatus: expected a state');
    const state = status.data?.state.toLowerCase();
    if (state === 'completed') return 'ready';
    return state === undefined || state === 'failed' || state === 'expired' ? 'failed' : 'waiting';
  }

  /** The rows of a job that is ready. The file comes from an address of its own, outside the limits of the API. */
  async *rows(job: string, call: Call): AsyncGenerator<ReportRow[], void, undefined> {
    const { data } = await this.instance.ask('report', { job, expiresIn: LINK_SECONDS }, call);
    const address = wire.reportUrl.safeParse(data.report);
    if (!address.success) throw new MalformedResponseError('report: expected an address');
    const url = new URL(address.data);
    const file = await this.kit.http({ baseUrl: url.origin }).stream({
      method: 'GET',
      path: `${url.pathname}${url.search}`,
      operation: 'report-file',
      class: 'bulk',
      idempotent: true,
      // Not counted by the platform.
      cost: { requests: 0 },
      ...call,
    });
    yield* this.#read(file.bytes);
  }

  async *#read(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<ReportRow[], void, undefined> {
    const options = { columns: lowerCase, bom: true, relax_column_count: true, max_record_size: LONGEST_ROW };
    const records: AsyncIterable<unknown> = Readable.from(bytes).pipe(parse(options));
    let batch: unknown[] = [];
    try {
      for await (const record of records) {
        batch.push(record);
        if (batch.length < ROWS_AT_ONCE) continue;
        yield this.kit.items(reportRow, batch, 'row of a report');
        batch = [];
      }
    } catch (cause) {
      throw new MalformedResponseError('report-file: expected CSV', { cause });
    }
    yield this.kit.items(reportRow, batch, 'row of a report');
  }
}

const ROWS_AT_ONCE = 1_000;

const lowerCase = (names: string[]): string[] =>
  names.map((name) => name.trim().toLowerCase().replaceAll(/[ -]/g, '_'));

/** Quirk: the columns of the file are not documented; each is taken under its likely names. */
const reportRow = z
  .record(z.string(), z.string())
  .transform((row) => ({
    signal: row.signal_id ?? row.signalid ?? row.signal ?? '',
    timestamp: row.timestamp ?? row.time ?? row.date ?? '',
    value: row.value ?? '',
  }))
  .refine(({ signal, timestamp }) => signal !== '' && timestamp !== '', 'a row without signal or time');
