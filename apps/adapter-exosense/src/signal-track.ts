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
  /** The answer was full and may hide points within the look-back that came late. */
  shallow: boolean;
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
  /** What was handed on within the look-back. */
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

  /** How many points the look-back holds. */
  get density(): number {
    return this.#recent.size;
  }

  look({ readings, rows, limit }: Newest): Found {
    const sorted = readings.toSorted((a, b) => a.tsMs - b.tsMs);
    const base = this.#baseMs();
    const horizonMs = (this.#watermarkMs ?? Number.NEGATIVE_INFINITY) - this.lookBackMs;
    const fresh = sorted.filter(({ tsMs, value }) => tsMs > horizonMs && this.#recent.get(tsMs) !== fingerprint(value));
    const oldestMs = sorted[0]?.tsMs;
    const full = rows >= limit;
    if (!full || oldestMs === undefined || base === undefined) return { fresh, shallow: false };
    const gap = oldestMs > base ? { gap: { fromMs: base, toMs: oldestMs } } : {};
    const reachMs = this.#watermarkMs === undefined ? base : base - this.lookBackMs;
    return { fresh, ...gap, shallow: oldestMs > reachMs };
  }

  advance({ readings, nowMs }: Newest): void {
    if (readings.length === 0) return;
    const times = readings.map(({ tsMs }) => tsMs);
    // A device whose clock runs far ahead must not hide what it reports once it is set right.
    const sensible = times.filter((tsMs) => tsMs <= nowMs + AHEAD_MS);
    const newestMs = Math.max(...(sensible.length > 0 ? sensible : times));
    const before = this.#watermarkMs ?? Number.NEGATIVE_INFINITY;
    this.#watermarkMs = before > nowMs + AHEAD_MS ? newestMs : Math.max(before, newestMs);
    this.#remember(readings);
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
    const horizonMs = (this.#watermarkMs ?? 0) - this.lookBackMs;
    for (const tsMs of this.#recent.keys()) if (tsMs <= horizonMs) this.#recent.delete(tsMs);
    if (this.#recent.size <= MOST_REMEMBERED) return;
    const newest = [...this.#recent].sort(([a], [b]) => b - a).slice(0, MOST_REMEMBERED);
    this.#recent = new Map(newest);
  }
}

const fingerprint = (value: PointValue['value']): string => JSON.stringify(value) ?? '';
