import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ScenarioClock } from '../kit/scenario-clock.ts';
import type { Signal } from './asset.ts';
import type { ReportOptions } from './options.ts';

export type ReportState = 'queued' | 'running' | 'completed' | 'failed' | 'expired';
export type ReportOutcome = 'completed' | 'failed' | 'expired';

export interface ReportOrder {
  signals: Signal[];
  assetNames: string[];
  /** Milliseconds since 1970 UTC. */
  from: number;
  /** Exclusive. */
  to: number;
  /** How times are written: in the manner of `strftime`, and hours east of UTC. */
  timezone: { format: string; offset: number };
}

export interface ReportJob extends ReportOrder {
  id: string;
  contentId: string;
  filename: string;
  /** Wall clock. */
  startTime: number;
  outcome: ReportOutcome;
}

export type Download = { job: ReportJob } | { refused: 403 | 404 | 410 };

/** Report jobs, and the addresses that their files can be fetched from. */
export class Reports {
  readonly #clock: ScenarioClock;
  readonly #options: ReportOptions;
  readonly #newId: () => string;
  readonly #key = randomBytes(32);
  readonly #jobs = new Map<string, { job: ReportJob; began: number }>();
  readonly #outcomes: ReportOutcome[] = [];

  constructor(clock: ScenarioClock, options: ReportOptions, newId: () => string) {
    this.#clock = clock;
    this.#options = options;
    this.#newId = newId;
  }

  create(order: ReportOrder): ReportJob {
    const id = this.#newId();
    const job: ReportJob = {
      ...order,
      id,
      contentId: this.#newId(),
      filename: `report-${id.slice(0, 8)}.csv`,
      startTime: this.#clock.now(),
      outcome: this.#outcomes.shift() ?? 'completed',
    };
    this.#jobs.set(id, { job, began: this.#clock.monotonicMs() });
    return job;
  }

  /** What becomes of the next so many reports. */
  next(outcome: ReportOutcome, count: number): void {
    for (let i = 0; i < count; i++) this.#outcomes.push(outcome);
  }

  get(id: string): ReportJob | undefined {
    return this.#jobs.get(id)?.job;
  }

  stateOf(job: ReportJob): ReportState {
    const age = this.#clock.monotonicMs() - (this.#jobs.get(job.id)?.began ?? 0);
    const { queuedMs, runningMs, keptMs } = this.#options;
    if (age < queuedMs) return 'queued';
    if (age < queuedMs + runningMs) return 'running';
    return job.outcome === 'completed' && age >= queuedMs + runningMs + keptMs ? 'expired' : job.outcome;
  }

  /** Wall clock of the last change. */
  updateTime(job: ReportJob): number {
    const { queuedMs, runningMs } = this.#options;
    const steps = { queued: 0, running: queuedMs, completed: queuedMs + runningMs };
    const state = this.stateOf(job);
    return job.startTime + (state === 'queued' || state === 'running' ? steps[state] : steps.completed);
  }

  /** Good until the wall clock says `expires`, in seconds; whoever has it may fetch. */
  path(job: ReportJob, expires: number): string {
    return `/reports/${job.contentId}?expires=${expires}&signature=${this.#sign(job.contentId, expires)}`;
  }

  download(contentId: string, expires: number, signature: string): Download {
    const found = [...this.#jobs.values()].find(({ job }) => job.contentId === contentId);
    if (!found) return { refused: 404 };
    const given = Buffer.from(signature);
    const right = Buffer.from(this.#sign(contentId, expires));
    if (given.length !== right.length || !timingSafeEqual(given, right)) return { refused: 403 };
    if (this.#clock.now() >= expires * 1000) return { refused: 403 };
    return this.stateOf(found.job) === 'completed' ? { job: found.job } : { refused: 410 };
  }

  #sign(contentId: string, expires: number): string {
    return createHmac('sha256', this.#key).update(`${contentId} ${expires}`).digest('hex');
  }
}
