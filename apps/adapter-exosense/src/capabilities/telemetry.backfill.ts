import type { Call, CoveredSpan, GapReport, NativeId, Observation } from '@tributary/adapter-kit';
import { isPlatformError, type PlatformError } from '@tributary/contracts';
import { ASK_EVERY_MS, DAY_MS, type ReportRow, type Reports, SIGNAL_DAYS } from '../reports.ts';
import { filled } from '../sweep-cover.ts';

/** A time of one signal that was not seen. */
export interface Gap {
  device: NativeId;
  signal: NativeId;
  name: string;
  fromMs: number;
  toMs: number;
}

/** What a look has brought; `commit` is called when it is handed on. */
export interface Brought {
  items: Observation[];
  covers?: CoveredSpan[];
  commit(): void;
}

export interface BackfillOptions {
  reports: Reports;
  /** Observations of rows of a report, of these gaps. */
  observe(rows: readonly ReportRow[], gaps: readonly Gap[]): Observation[];
}

interface Job {
  id: string;
  gaps: Gap[];
  askAtMs: number;
  /** A job that failed is made once more. */
  again: boolean;
  failures: number;
}

const MOST_FAILURES = 20;
const passing: readonly PlatformError['code'][] = ['unavailable', 'timeout', 'rate-limited'];

/** Fills gaps by reports, one job at a time, a step whenever it is due; what cannot be filled is said. */
export class Backfills {
  #waiting: Gap[] = [];
  #job: Job | undefined;
  /** By device; made anew when gaps come or go. */
  #since: Map<NativeId, number> | undefined;

  constructor(private readonly options: BackfillOptions) {}

  add(gap: Gap): void {
    this.#waiting.push(gap);
    this.#since = undefined;
  }

  /** Since when something of the device is missing that may still come. */
  missingSinceMs(device: NativeId): number {
    this.#since ??= sinceWhen([...this.#waiting, ...(this.#job?.gaps ?? [])]);
    return this.#since.get(device) ?? Number.POSITIVE_INFINITY;
  }

  /** Gaps that wait or are being filled. */
  get open(): number {
    return this.#waiting.length + (this.#job?.gaps.length ?? 0);
  }

  isDue(nowMs: number): boolean {
    return this.#job ? nowMs >= this.#job.askAtMs : this.#waiting.length > 0;
  }

  forget(): void {
    this.#waiting = [];
    this.#job = undefined;
    this.#since = undefined;
  }

  /** One step: a job is made, asked for, or fetched. Throws only when the credentials were refused. */
  async *step(nowMs: number, call: Call): AsyncGenerator<Brought, void, undefined> {
    const job = this.#job;
    try {
      if (!job) yield* this.#begin(nowMs, call);
      else yield* this.#follow(job, nowMs, call);
    } catch (error) {
      if (!isPlatformError(error) || error.code === 'authentication') throw error;
      yield* this.#failed(job, error, nowMs);
    }
  }

  async *#begin(nowMs: number, call: Call, again = false): AsyncGenerator<Brought, void, undefined> {
    const gaps = togetherFrom(this.#waiting);
    const id = await this.options.reports.create(
      { signals: gaps.map(({ signal, name }) => ({ id: signal, name })), ...rangeOf(gaps) },
      call,
    );
    this.#drop(gaps);
    this.#job = { id, gaps, askAtMs: nowMs + ASK_EVERY_MS, again, failures: 0 };
  }

  async *#follow(job: Job, nowMs: number, call: Call): AsyncGenerator<Brought, void, undefined> {
    const state = await this.options.reports.state(job.id, call);
    job.askAtMs = nowMs + ASK_EVERY_MS;
    if (state === 'waiting') return;
    if (state === 'ready') {
      for await (const rows of this.options.reports.rows(job.id, call)) {
        yield { items: this.options.observe(rows, job.gaps), commit: () => {} };
      }
      yield { items: [], covers: job.gaps.map(filled), commit: () => this.#end() };
    } else if (job.again) {
      yield this.#giveUp(job.gaps, 'the platform could not make a report of it', () => this.#end());
    } else {
      this.#waiting.unshift(...job.gaps);
      this.#job = undefined;
      yield* this.#begin(nowMs, call, true);
    }
  }

  *#failed(job: Job | undefined, error: PlatformError, nowMs: number): Generator<Brought, void, undefined> {
    if (job && passing.includes(error.code) && ++job.failures < MOST_FAILURES) {
      job.askAtMs = nowMs + ASK_EVERY_MS;
      return;
    }
    if (job) {
      yield this.#giveUp(job.gaps, `no report of it can be had: ${error.code}`, () => this.#end());
      return;
    }
    // Without a job nothing was made: what passes is tried again at the next round.
    if (passing.includes(error.code)) return;
    const gaps = togetherFrom(this.#waiting);
    yield this.#giveUp(gaps, `no report of it can be had: ${error.code}`, () => {
      this.#drop(gaps);
    });
  }

  #end(): void {
    this.#job = undefined;
    this.#since = undefined;
  }

  #drop(gaps: readonly Gap[]): void {
    const gone = new Set(gaps);
    this.#waiting = this.#waiting.filter((gap) => !gone.has(gap));
    this.#since = undefined;
  }

  #giveUp(gaps: readonly Gap[], reason: string, commit: () => void): Brought {
    return { items: gaps.map((gap) => gapObservation(gap, reason)), commit };
  }
}

export function gapObservation({ device, signal, fromMs, toMs }: Gap, reason: string): Observation {
  const gap: GapReport = { device, signal, fromMs, toMs, reason };
  return { type: 'gap', gap };
}

/** The first gap and as many more as fit into one report. */
function togetherFrom(waiting: readonly Gap[]): Gap[] {
  const together: Gap[] = [];
  let range = { fromMs: Number.POSITIVE_INFINITY, toMs: Number.NEGATIVE_INFINITY };
  for (const gap of waiting) {
    const wider = { fromMs: Math.min(range.fromMs, gap.fromMs), toMs: Math.max(range.toMs, gap.toMs) };
    const days = Math.max(1, Math.ceil((wider.toMs - wider.fromMs) / DAY_MS));
    if (together.length > 0 && (together.length + 1) * days > SIGNAL_DAYS) continue;
    together.push(gap);
    range = wider;
  }
  return together;
}

function sinceWhen(gaps: readonly Gap[]): Map<NativeId, number> {
  const since = new Map<NativeId, number>();
  for (const { device, fromMs } of gaps) since.set(device, Math.min(fromMs, since.get(device) ?? fromMs));
  return since;
}

const rangeOf = (gaps: readonly Gap[]): { fromMs: number; toMs: number } => ({
  fromMs: Math.min(...gaps.map(({ fromMs }) => fromMs)),
  toMs: Math.max(...gaps.map(({ toMs }) => toMs)),
});
