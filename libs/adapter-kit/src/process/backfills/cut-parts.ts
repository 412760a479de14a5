import type { TimeRange } from '@tributary/database';
import type { HistoryCost } from '../../contract.ts';

export interface CutPart extends TimeRange {
  /** Estimated, of the platform; at least 1. */
  calls: number;
  budget?: string;
}

/** Calls of one part, about: small enough that little is read twice, large enough that few rows tell of them. */
const CALLS_PER_PART = 20;
/** Of one gap; longer parts are the lesser evil. */
const MOST_PARTS = 200;
/** What a platform without a word about it is taken for: one call a day of history. */
const USUAL_STEP_MS = 86_400_000;

/** Of an adapter that does not tell. */
export const usualCost = ({ fromMs, toMs }: TimeRange): HistoryCost => ({
  calls: Math.max(1, Math.ceil((toMs - fromMs) / USUAL_STEP_MS)),
  stepMs: USUAL_STEP_MS,
});

/**
 * Cuts a gap into parts of about `CALLS_PER_PART` calls, at multiples of what one call reads. The parts tile the gap in
 * the order of time; nothing for an empty one.
 */
export function cutGap(gap: TimeRange, costOf: (range: TimeRange) => HistoryCost): CutPart[] {
  if (gap.toMs <= gap.fromMs) return [];
  const whole = costOf(gap);
  const pieces = Math.min(MOST_PARTS, Math.max(1, Math.ceil(whole.calls / CALLS_PER_PART)));
  const partMs = inSteps((gap.toMs - gap.fromMs) / pieces, whole.stepMs);
  const parts: CutPart[] = [];
  for (let fromMs = gap.fromMs; fromMs < gap.toMs; fromMs += partMs) {
    const range = { fromMs, toMs: Math.min(gap.toMs, fromMs + partMs) };
    const { calls, budget } = pieces === 1 ? whole : costOf(range);
    parts.push({ ...range, calls: Math.max(1, Math.ceil(calls)), ...(budget === undefined ? {} : { budget }) });
  }
  return parts;
}

/** Rounded up to whole steps, and to whole milliseconds. */
function inSteps(ms: number, stepMs: number | undefined): number {
  if (stepMs === undefined || !(stepMs >= 1)) return Math.max(1, Math.ceil(ms));
  return Math.max(1, Math.ceil(Math.ceil(ms / stepMs) * stepMs));
}
