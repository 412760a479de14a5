import type { TimeRange } from '@tributary/database';

/** A repair that was read to its end; what it was about may be missing all the same. */
export interface EndedRepair extends TimeRange {
  subject: string;
  endedMs: number;
}

/** A range that stays missing however often it is read is not read once more. */
export const MOST_READS = 6;
const PAUSE = { baseMs: 60_000, capMs: 3_600_000 };

/**
 * Whether a range that is missing is to be read now, later, or never again: repairs of it that came to their end and left
 * it missing make the pauses grow.
 */
export function turnOf(
  part: TimeRange & { subject: string },
  lately: readonly EndedRepair[],
  nowMs: number,
): 'now' | 'later' | 'never' {
  const before = lately.filter(
    ({ subject, fromMs, toMs }) => subject === part.subject && fromMs < part.toMs && part.fromMs < toMs,
  );
  if (before.length === 0) return 'now';
  if (before.length >= MOST_READS) return 'never';
  const pauseMs = Math.min(PAUSE.capMs, PAUSE.baseMs * 2 ** (before.length - 1));
  return nowMs - Math.max(...before.map(({ endedMs }) => endedMs)) >= pauseMs ? 'now' : 'later';
}
