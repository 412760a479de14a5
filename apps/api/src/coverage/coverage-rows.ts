import type { CoverageIntervalResource } from '@tributary/contracts';
import { type CoverageInterval, lengthOf } from '@tributary/database';

export interface Range {
  fromMs: number;
  toMs: number;
}

const iso = (ms: number): string => new Date(ms).toISOString();

export const texts = ({ fromMs, toMs }: Range) => ({ from: iso(fromMs), to: iso(toMs) });

export function presentInterval(interval: CoverageInterval): CoverageIntervalResource {
  const { state, source, run, reason, statedAtMs } = interval;
  return {
    ...texts(interval),
    state,
    ...(source === undefined ? {} : { source }),
    ...(run === undefined ? {} : { run }),
    ...(reason === undefined ? {} : { reason }),
    ...(statedAtMs === undefined ? {} : { statedAt: iso(statedAtMs) }),
  };
}

const of = (intervals: readonly CoverageInterval[], state: CoverageInterval['state']) =>
  intervals.filter((interval) => interval.state === state);

/** How much of the range is complete. */
export function presentShare(range: Range, intervals: readonly CoverageInterval[]) {
  const complete = of(intervals, 'complete');
  const [first, last] = [complete[0], complete.at(-1)];
  return {
    complete: complete.length === intervals.length,
    completeShare: lengthOf(complete) / (range.toMs - range.fromMs),
    ...(first ? { firstComplete: iso(first.fromMs) } : {}),
    ...(last ? { lastComplete: iso(last.toMs) } : {}),
  };
}

export function presentSummary(range: Range, intervals: readonly CoverageInterval[]) {
  const oldest = intervals.find(({ state }) => state === 'missing' || state === 'unrecoverable');
  return {
    ...presentShare(range, intervals),
    missingSeconds: lengthOf(of(intervals, 'missing')) / 1_000,
    unrecoverableSeconds: lengthOf(of(intervals, 'unrecoverable')) / 1_000,
    ...(oldest ? { oldestHole: presentInterval(oldest) } : {}),
  };
}
