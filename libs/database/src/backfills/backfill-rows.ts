import type { BackfillKind, BackfillPartCounts, BackfillState, backfillPartStates } from '@tributary/contracts';
import type { CheckpointValue } from '../connections/checkpoints.ts';

export type BackfillPartState = (typeof backfillPartStates)[number];

/** Half-open, milliseconds since 1970 UTC. */
export interface TimeRange {
  fromMs: number;
  toMs: number;
}

/** Of one device, or of one part of a stream ('' where it has only one). */
export type PartSubject = { deviceId: string; nativeId: string } | { streamPart: string };

export type NewPart = PartSubject & TimeRange & { estimatedCalls: number };

export interface NewBackfill extends TimeRange {
  workspace: string;
  connectionId: string;
  kind: BackfillKind;
  /** As they were asked for; absent: all of the connection. */
  deviceIds?: readonly string[] | undefined;
  filter?: string | undefined;
  /** Absent: every signal. */
  signals?: readonly string[] | undefined;
  onlyGaps: boolean;
  askedBy?: string | undefined;
  estimate: { calls: number; ms: number };
  reason?: string | undefined;
  /** In the order in which they shall be read. */
  parts: readonly NewPart[];
}

/** What a replica needs to read a part. */
export interface OpenPart extends TimeRange {
  backfillId: string;
  number: number;
  workspace: string;
  connectionId: string;
  kind: BackfillKind;
  onlyGaps: boolean;
  deviceId?: string;
  nativeId?: string;
  streamPart?: string;
  signals: string[];
  estimatedCalls: number;
  attempts: number;
  refusals: number;
  resume?: CheckpointValue;
  points: number;
}

/** Who reads it: the lease's epoch, and the attempt that claimed it. */
export interface PartClaim {
  backfillId: string;
  number: number;
  connectionId: string;
  epoch: number;
  attempt: number;
}

/** A backfill as its events tell of it. */
export interface BackfillStanding extends TimeRange {
  id: string;
  workspace: string;
  connectionId: string;
  platform: string;
  kind: BackfillKind;
  state: BackfillState;
  reason?: string;
  parts: BackfillPartCounts;
  points: number;
  calls: number;
}

export interface PartRow {
  backfill_id: string;
  number: number;
  workspace_id: string;
  connection_id: string;
  kind: BackfillKind;
  only_gaps: boolean;
  device_id: string | null;
  native_id: string | null;
  stream_part: string | null;
  signals: string[] | null;
  from_ts: Date;
  to_ts: Date;
  estimated_calls: number;
  attempts: number;
  refusals: number;
  resume: CheckpointValue | null;
  points: string;
}

/** Of `backfill_part p join backfill b`. */
export const PART_COLUMNS = `p.backfill_id, p.number, p.workspace_id, p.connection_id, b.kind, b.only_gaps, p.device_id,
  p.native_id, p.stream_part, p.signals, p.from_ts, p.to_ts, p.estimated_calls, p.attempts, p.refusals, p.resume, p.points`;

export const presentPart = (row: PartRow): OpenPart => ({
  backfillId: row.backfill_id,
  number: row.number,
  workspace: row.workspace_id,
  connectionId: row.connection_id,
  kind: row.kind,
  onlyGaps: row.only_gaps,
  ...(row.device_id === null ? {} : { deviceId: row.device_id }),
  ...(row.native_id === null ? {} : { nativeId: row.native_id }),
  ...(row.stream_part === null ? {} : { streamPart: row.stream_part }),
  signals: row.signals ?? [],
  fromMs: row.from_ts.getTime(),
  toMs: row.to_ts.getTime(),
  estimatedCalls: row.estimated_calls,
  attempts: row.attempts,
  refusals: row.refusals,
  ...(row.resume === null ? {} : { resume: row.resume }),
  points: Number(row.points),
});

/** Parts of `b` by state, as `{state: count}`, and what they brought. */
export const STANDING = `(select jsonb_object_agg(s.state, s.parts) from
    (select state, count(*)::int as parts from backfill_part p where p.backfill_id = b.id group by state) s) as by_state,
  (select coalesce(sum(points), 0)::float8 from backfill_part p where p.backfill_id = b.id) as points,
  (select coalesce(sum(calls), 0)::float8 from backfill_part p where p.backfill_id = b.id) as calls`;

export interface StandingRow {
  by_state: Partial<Record<BackfillPartState, number>> | null;
  points: number;
  calls: number;
}

export function partCounts(byState: StandingRow['by_state']): BackfillPartCounts {
  const { waiting = 0, running = 0, done = 0, unrecoverable = 0, cancelled = 0 } = byState ?? {};
  const total = waiting + running + done + unrecoverable + cancelled;
  return { total, waiting, running, done, unrecoverable, cancelled };
}
