import type { CoverageReader } from '../coverage/coverage-reader.ts';
import type { CoverageInterval } from '../coverage/judge.ts';
import { joined } from '../coverage/spans.ts';
import type { TimeRange } from './backfill-rows.ts';

export interface GapsQuery extends TimeRange {
  connectionId: string;
  deviceIds: readonly string[];
  /** Absent or none: every signal. */
  signals?: readonly string[] | undefined;
}

export interface Gaps {
  /** In the order of time, without touching. */
  toRead: TimeRange[];
  /** What cannot be had, or not all of it; reading it again brings nothing more. */
  lost: (TimeRange & { reason: string })[];
}

/** What has been read by a backfill in part is all that can be had. */
const SOURCE = 'backfill';
const NO_REASON = 'it cannot be had';

/** What of the intervals would have to be read so that they were complete. What is read and not yet committed is not. */
export function gapsIn(intervals: readonly CoverageInterval[]): Gaps {
  const given = intervals.filter(
    ({ state, source }) => state === 'unrecoverable' || (state === 'partial' && source === SOURCE),
  );
  const open = intervals.filter(
    ({ state, source }) => state === 'missing' || (state === 'partial' && source !== SOURCE),
  );
  return {
    toRead: joined(open),
    lost: given.map(({ fromMs, toMs, reason = NO_REASON }) => ({ fromMs, toMs, reason })),
  };
}

/** The gaps of each device; of several signals, whatever one of them lacks. */
export async function gapsToRead(
  reader: Pick<CoverageReader, 'intervals'>,
  { signals = [], ...query }: GapsQuery,
): Promise<Map<string, Gaps>> {
  const wanted = signals.length === 0 ? [undefined] : signals;
  const found = new Map<string, Gaps>(query.deviceIds.map((id) => [id, { toRead: [], lost: [] }]));
  for (const signal of wanted) {
    for (const [id, intervals] of await reader.intervals({ ...query, signal })) {
      const before = found.get(id) ?? { toRead: [], lost: [] };
      const { toRead, lost } = gapsIn(intervals);
      found.set(id, { toRead: joined(before.toRead, toRead), lost: [...before.lost, ...lost] });
    }
  }
  return found;
}
