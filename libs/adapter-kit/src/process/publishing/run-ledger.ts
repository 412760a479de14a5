import type { RunNumbers } from '@tributary/contracts';
import {
  type AdapterEntry,
  leastMissing,
  minuteOf,
  type NumberRanges,
  rangesOf,
  sizeOf,
  union,
} from '@tributary/database';
import type { SetAsideReason } from './point-check.ts';

export interface RunLedgerOptions {
  workspace: string;
  connectionId: string;
  epoch: number;
  /** Never the same twice, in whatever process. */
  newRun: () => string;
}

export interface LedgerReport {
  entries: AdapterEntry[];
  /** Call once they are committed. */
  written(): void;
}

/** So long after a minute whatever was received in it has been numbered: the wait for company takes milliseconds. */
const PAST_MS = 120_000;

/** One minute of a run, as it fills: each point received ends in exactly one of the other counts. */
export class LedgerMinute {
  readonly run: string;
  readonly minuteMs: number;
  received = 0;
  unchanged = 0;
  unacknowledged = 0;
  numbered = 0;
  confirmed: NumberRanges = [];
  readonly setAside: Partial<Record<SetAsideReason, number>> = {};
  #source: { fromMs: number; toMs: number } | undefined;
  #changes = 0;
  #reported = 0;
  #saidPast = false;

  constructor(run: string, minuteMs: number) {
    this.run = run;
    this.minuteMs = minuteMs;
  }

  bring(points: number): void {
    this.received += points;
    this.#changes += 1;
  }

  leaveUnchanged(points = 1): void {
    this.unchanged += points;
    this.#changes += 1;
  }

  putAside(reason: SetAsideReason, points = 1): void {
    this.setAside[reason] = (this.setAside[reason] ?? 0) + points;
    this.#changes += 1;
  }

  /** They will not be published; the source is not acknowledged, and gives them again. */
  giveUp(points: number): void {
    this.unacknowledged += points;
    this.#changes += 1;
  }

  /** Between which times of the source its points lie. */
  get source(): { fromMs: number; toMs: number } | undefined {
    return this.#source;
  }

  /** Numbers for points that are about to be published; `times` are theirs by the source's clock, milliseconds since 1970. */
  number(points: number, times: Iterable<number> = []): RunNumbers {
    for (const ms of times) {
      const { fromMs, toMs } = this.#source ?? { fromMs: ms, toMs: ms + 1 };
      this.#source = { fromMs: Math.min(fromMs, ms), toMs: Math.max(toMs, ms + 1) };
    }
    const first = this.numbered;
    this.numbered += points;
    this.#changes += 1;
    return { id: this.run, first, confirmed: leastMissing(this.confirmed) };
  }

  confirm(first: number, points: number): void {
    this.confirmed = union(this.confirmed, rangesOf([[first, first + points]]));
    this.#changes += 1;
  }

  /** Received, and nothing has become of it yet. */
  get waiting(): number {
    const setAside = Object.values(this.setAside).reduce((sum, points) => sum + points, 0);
    return this.received - this.unchanged - setAside - this.unacknowledged - this.numbered;
  }

  get settled(): boolean {
    return this.#reported === this.#changes && this.waiting === 0 && sizeOf(this.confirmed) === this.numbered;
  }

  /** Has the account something to learn? */
  news(past: boolean): boolean {
    return this.#changes > this.#reported || (past && !this.#saidPast && this.waiting !== 0);
  }

  /** Marks what is known now; the returned function says that it is written. */
  mark(past: boolean): () => void {
    const changes = this.#changes;
    return () => {
      this.#reported = Math.max(this.#reported, changes);
      this.#saidPast ||= past;
    };
  }
}

/**
 * What a connection brought while one adapter owned it, by the minute, and the numbers under which it was handed to the
 * bus. It forgets a minute once the account knows everything of it.
 */
export class RunLedger {
  readonly #options: RunLedgerOptions;
  readonly #minutes = new Set<LedgerMinute>();
  #run: string;
  #current: LedgerMinute | undefined;
  #ended = false;

  constructor(options: RunLedgerOptions) {
    this.#options = options;
    this.#run = options.newRun();
  }

  /** Of what is published now. */
  get run(): string {
    return this.#run;
  }

  /** The minute of this moment, milliseconds since 1970. */
  at(nowMs: number): LedgerMinute {
    const minuteMs = minuteOf(nowMs);
    const current = this.#current;
    if (current?.minuteMs === minuteMs) return current;
    // The clock went back: numbers of that minute may be given already.
    if (current && minuteMs < current.minuteMs) this.#run = this.#options.newRun();
    const minute = new LedgerMinute(this.#run, minuteMs);
    this.#minutes.add(minute);
    this.#current = minute;
    return minute;
  }

  /** Nothing is published any more. What the bus has not confirmed by now, the source will give again. */
  end(): void {
    this.#ended = true;
    this.#current = undefined;
  }

  /** Ended, and the account knows everything. */
  get done(): boolean {
    return this.#ended && this.#minutes.size === 0;
  }

  /** What the account does not know yet; undefined when that is nothing. */
  report(nowMs: number): LedgerReport | undefined {
    const ended = this.#ended;
    const isPast = ({ minuteMs }: LedgerMinute) => nowMs >= minuteMs + PAST_MS;
    const news = [...this.#minutes].filter((minute) => ended || minute.news(isPast(minute)));
    if (news.length === 0) return undefined;
    const marks = news.map((minute) => minute.mark(isPast(minute)));
    return {
      entries: news.map((minute) => this.#entry(minute, { past: isPast(minute), ended })),
      written: () => {
        for (const mark of marks) mark();
        for (const minute of news)
          if (ended || (minute !== this.#current && minute.settled)) this.#minutes.delete(minute);
      },
    };
  }

  #entry(minute: LedgerMinute, { past, ended }: { past: boolean; ended: boolean }): AdapterEntry {
    const { workspace, connectionId, epoch } = this.#options;
    const { run, minuteMs, received, unchanged, unacknowledged, numbered, confirmed, setAside, source } = minute;
    const counts = { received, unchanged, unacknowledged, numbered, setAside: { ...setAside } };
    return { workspace, connectionId, epoch, run, minuteMs, ...counts, confirmed, source, past, ended };
  }
}
