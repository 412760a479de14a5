import type { CoveredSpan } from '@tributary/adapter-kit';
import type { Gap } from './telemetry.state.ts';

const BESIDE = 'it is being read beside live data';
const REFUSED = 'a part of the readings could not be read';

/**
 * What live data covers: from round to round one stretch for all devices, for a round reads every stream up to the same
 * bound. While a stream is refused nobody knows whose readings it holds, so the stretch is covered in part; once it is
 * read again, from where it was left, the whole of that time is. Pure.
 */
export class TailCover {
  #partialSinceMs: number | undefined;

  /** A round has read [fromMs, toMs); `refused`: streams that it had to pass over. */
  round({ fromMs, toMs }: { fromMs: number; toMs: number }, refused: number): CoveredSpan[] {
    if (refused > 0) {
      this.#partialSinceMs ??= fromMs;
      return within([{ fromMs, toMs, state: 'partial', reason: REFUSED }]);
    }
    const sinceMs = Math.min(fromMs, this.#partialSinceMs ?? fromMs);
    this.#partialSinceMs = undefined;
    return within([{ fromMs: sinceMs, toMs }]);
  }
}

/** What has been missed and is read by slices from now on, so that nobody else begins to. */
export const besides = (gaps: readonly Gap[]): CoveredSpan[] =>
  within(
    gaps
      .filter(({ stream }) => stream === undefined)
      .map(({ fromMs, toMs }) => ({ fromMs, toMs, state: 'partial', reason: BESIDE })),
  );

/** One slice of a gap. Which devices a single stream measures is not known by their names: of those nothing is said. */
export function slice(gap: Gap, window: { fromMs: number; toMs: number }, refused: number): CoveredSpan[] {
  if (gap.stream !== undefined) return [];
  return within([refused > 0 ? { ...window, state: 'partial', reason: REFUSED } : window]);
}

const within = (spans: CoveredSpan[]): CoveredSpan[] => spans.filter(({ fromMs, toMs }) => fromMs < toMs);
