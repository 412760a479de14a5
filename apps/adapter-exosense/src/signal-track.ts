import type { PointValue } from '@tributary/adapter-kit';

export interface Reading {
  tsMs: number;
  value: PointValue['value'];
}

/** An answer to "the newest so many". */
export interface Newest {
  readings: readonly Reading[];
  /** Rows as they came, those that could not be read included. */
  rows: number;
  /** How many were asked for. */
  limit: number;
  nowMs: number;
}

export interface Found {
  /** Not handed on before, oldest first. */
  fresh: Reading[];
  /** Set if the answer does not reach back to what was handed on before: what lies between was not seen. */
  gap?: { fromMs: number; toMs: number };
  /** The answer was full and may hide what came late since the last one that reached back far enough. */
  shallow: boolean;
  /** What a shallow answer hides besides the gap: late points may lie there. */
  hidden?: { fromMs: number; toMs: number };
  /** So many points would reach back far enough, if they all lie as close together as those of a shallow answer. */
  enough?: number;
}

/** Points dated further ahead than this say nothing of how far we have come. */
const AHEAD_MS = 5 * 60_000;
const MOST_REMEMBERED = 5_000;

/**
 * How far one signal has been handed on. The platform answers only "the newest so many", so that each answer must be
 * seen to overlap what came before: one that is full and wholly newer than the watermark hides a gap. `look` says what
 * an answer brings and changes nothing; `advance` is called once it is handed on.
 */
export class SignalTrack {
  /** Newest time handed on, by the platform's clock. */
  #watermarkMs: number | undefined;
  /**
   * The watermark as of the last answer that was not shallow. What came late since then lies behind it by the look-back at
   * most; a shallow answer moves the watermark, and must not move this.
   */
  #deepMs: number | undefined;
  /** What was handed on since the look-back before that. */
  #recent = new Map<number, string>();

  /**
   * `standInMs`: up to where everything was handed on before we remember, for a signal without watermark. Undefined
   * where nothing was: then there is nothing to overlap.
   */
  constructor(
    private readonly standInMs: number | undefined,
    private readonly lookBackMs: number,
  ) {}

  get watermarkMs(): number | undefined {
    return this.#watermarkMs;
  }

  /** How many points an answer must hold to reach back far enough. */
  get held(): number {
    return this.#recent.size;
  }

  /** Points in so much time, by those that are held. */
  expected(spanMs: number): number {
    const heldMs = this.lookBackMs + (this.#watermarkMs ?? 0) - (this.#deepMs ?? this.#watermarkMs ?? 0);
    return (this.#recent.size * spanMs) / Math.max(1, heldMs);
  }

  look({ readings, rows, limit, nowMs }: Newest): Found {
    const sorted = readings.toSorted((a, b) => a.tsMs - b.tsMs);
    const base = this.#baseMs();
    const horizonMs = this.#horizonMs();
    const isOver = ({ tsMs }: Reading) => tsMs > horizonMs || (tsMs <= nowMs + AHEAD_MS && this.#isAhead(nowMs));
    const fresh = sorted.filter((one) => isOver(one) && this.#recent.get(one.tsMs) !== fingerprint(one.value));
    const oldestMs = sorted[0]?.tsMs;
    const full = rows >= limit;
    if (!full || oldestMs === undefined || base === undefined) return { fresh, shallow: false };
    const gap = oldestMs > base ? { gap: { fromMs: base, toMs: oldestMs } } : {};
    const reachMs = this.#watermarkMs === undefined ? base : horizonMs;
    if (oldestMs <= reachMs) return { fresh, ...gap, shallow: false };
    const newestMs = sorted.at(-1)?.tsMs ?? oldestMs;
    const enough = Math.ceil((rows * (newestMs - reachMs)) / Math.max(1, newestMs - oldestMs));
    const hidden = { fromMs: reachMs, toMs: Math.min(base, oldestMs) };
    return { fresh, ...gap, shallow: true, enough, ...(hidden.fromMs < hidden.toMs ? { hidden } : {}) };
  }

  /** `settled`: a shallow answer counts as one that is not, for more is not to be had. */
  advance(newest: Newest, settled = false): void {
    const { readings, nowMs } = newest;
    const isDeep = settled || !this.look(newest).shallow;
    if (readings.length > 0) this.#move(readings, nowMs);
    if (isDeep || this.#deepMs === undefined) this.#deepMs = this.#watermarkMs;
    this.#remember(readings);
  }

  #move(readings: readonly Reading[], nowMs: number): void {
    const times = readings.map(({ tsMs }) => tsMs);
    // A device whose clock runs far ahead must not hide what it reports once it is set right.
    const sensible = times.filter((tsMs) => tsMs <= nowMs + AHEAD_MS);
    const newestMs = Math.max(...(sensible.length > 0 ? sensible : times));
    const before = this.#watermarkMs ?? Number.NEGATIVE_INFINITY;
    this.#watermarkMs = this.#isAhead(nowMs) ? newestMs : Math.max(before, newestMs);
    if (this.#deepMs !== undefined) this.#deepMs = Math.min(this.#deepMs, this.#watermarkMs);
  }

  #isAhead(nowMs: number): boolean {
    return (this.#watermarkMs ?? Number.NEGATIVE_INFINITY) > nowMs + AHEAD_MS;
  }

  /** What comes late from now on, or has since the last answer that reached so far, is newer than this. */
  #horizonMs(): number {
    return (this.#deepMs ?? Number.NEGATIVE_INFINITY) - this.lookBackMs;
  }

  /**
   * Up to here everything was handed on. What stands in for a watermark is a time of the platform's clock, and the
   * device's own may be behind it: the look-back is the room for that.
   */
  #baseMs(): number | undefined {
    if (this.#watermarkMs !== undefined || this.standInMs === undefined) return this.#watermarkMs;
    return this.standInMs - this.lookBackMs;
  }

  #remember(readings: readonly Reading[]): void {
    for (const { tsMs, value } of readings) this.#recent.set(tsMs, fingerprint(value));
    const horizonMs = this.#horizonMs();
    for (const tsMs of this.#recent.keys()) if (tsMs <= horizonMs) this.#recent.delete(tsMs);
    if (this.#recent.size <= MOST_REMEMBERED) return;
    const newest = [...this.#recent].sort(([a], [b]) => b - a).slice(0, MOST_REMEMBERED);
    this.#recent = new Map(newest);
  }
}

const fingerprint = (value: PointValue['value']): string => JSON.stringify(value) ?? '';
