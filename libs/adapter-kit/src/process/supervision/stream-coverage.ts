import type { SpanStatement } from '@tributary/database';
import type { CoveredSpan, GapReport, Observation, Page } from '../../contract.ts';
import { type Speaker, statementOfGap, statementsOf } from '../coverage/covered.ts';

export interface StreamCoverageOptions {
  connectionId: string;
  /** Name of the stream's checkpoint. */
  source: string;
  /** Whose telemetry the stream brings; undefined where it brings none. */
  scope: Pick<CoveredSpan, 'space'> | undefined;
  /** What the points are numbered under now. */
  run: () => string | undefined;
  /** What is younger than the last item by less than this may still be under way; milliseconds. */
  underWayMs: number;
}

type Missed = Pick<CoveredSpan, 'fromMs' | 'toMs'>;

/** What is to be written with the next checkpoint; call `written` once it is. */
export interface Statements {
  list: SpanStatement[];
  written(): void;
}

const UNHEARD = 'nobody listened to the stream; what it brought is being looked for';

/**
 * What a stream, or one part of it, says of stretches of time. What it brought while it stood is covered by the time of
 * its receipt: a device that sends late is known by what it sends then.
 */
export class StreamCoverage {
  readonly #options: StreamCoverageOptions;
  readonly #waiting: SpanStatement[] = [];
  /** Losses that reach beyond what is claimed: a claim that comes later must not hide them. */
  #lost: GapReport[] = [];
  /** Everything before is stated; undefined while the stream has never stood. */
  #statedMs: number | undefined;

  constructor(options: StreamCoverageOptions) {
    this.#options = options;
  }

  /** The stream stands again: it had been read until `seenMs`, and `missed` nobody has heard. */
  begin(missed: Missed | undefined, standsFromMs: number, seenMs: number | undefined): void {
    if (seenMs !== undefined) this.#waiting.push(...this.#claimUntil(seenMs));
    if (missed) this.#say({ items: [], covers: [{ ...missed, state: 'missing', reason: UNHEARD }] });
    this.#statedMs = standsFromMs;
  }

  /** The stream itself, or its repair, says that something is lost. */
  lose(gap: GapReport): void {
    this.#waiting.push(statementOfGap(gap, this.#speaker));
    this.#lost.push(gap);
  }

  /** What was missed has been looked for, and this came of it. */
  repaired(missed: Missed, found: readonly Pick<Page<Observation>, 'items' | 'covers'>[]): void {
    if (!this.#options.scope) return;
    const items = found.flatMap((page) => page.items.filter(({ type }) => type === 'gap'));
    this.#say({ items, covers: [missed, ...found.flatMap(({ covers = [] }) => covers)] });
  }

  /** Everything that came until then is confirmed. */
  until(seenMs: number): Statements {
    const claim = this.#claimUntil(seenMs);
    const waiting = [...this.#waiting];
    const hidden = claim.length === 0 ? [] : this.#lost;
    const toMs = claim.at(-1)?.toMs;
    return {
      list: [...claim, ...waiting, ...hidden.map((gap) => statementOfGap(gap, this.#speaker))],
      written: () => {
        this.#waiting.splice(0, waiting.length);
        if (toMs === undefined || this.#statedMs === undefined || toMs <= this.#statedMs) return;
        this.#statedMs = toMs;
        this.#lost = this.#lost.filter((gap) => gap.toMs > toMs);
      },
    };
  }

  #claimUntil(seenMs: number): SpanStatement[] {
    const fromMs = this.#statedMs;
    const toMs = seenMs - this.#options.underWayMs;
    return fromMs === undefined || toMs <= fromMs ? [] : this.#statements({ items: [], covers: [{ fromMs, toMs }] });
  }

  #say(page: Pick<Page<Observation>, 'items' | 'covers'>): void {
    this.#waiting.push(...this.#statements(page));
  }

  /** Nothing where the stream brings no telemetry. What names nobody is said of those whose telemetry it brings. */
  #statements({ items, covers = [] }: Pick<Page<Observation>, 'items' | 'covers'>): SpanStatement[] {
    const { scope } = this.#options;
    if (!scope) return [];
    const named = covers.map((span) =>
      span.device === undefined && span.space === undefined ? { ...span, ...scope } : span,
    );
    return statementsOf({ items, covers: named }, this.#speaker);
  }

  get #speaker(): Speaker {
    const { connectionId, source, run } = this.#options;
    return { connectionId, source, run: run() };
  }
}
