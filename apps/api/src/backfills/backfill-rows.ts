import type { BackfillKind, BackfillPart, BackfillResource, BackfillState } from '@tributary/contracts';
import { partCounts, STANDING, type StandingRow } from '@tributary/database';
import type { ListDefinition } from '../lists/list-query.ts';
import { isoDuration } from './pace.ts';

export interface BackfillRow extends StandingRow, Record<string, unknown> {
  id: string;
  connection_id: string;
  kind: BackfillKind;
  state: BackfillState;
  from_ts: Date;
  to_ts: Date;
  device_ids: string[];
  filter: string | null;
  signals: string[];
  only_gaps: boolean;
  asked_by: string | null;
  estimated_calls: number;
  estimated_ms: string;
  calls_to_make: number;
  reason: string | null;
  created_at: Date;
  started_at: Date | null;
  ended_at: Date | null;
  updated_at: Date;
}

/** Calls that were estimated for the parts that are still open. */
const CALLS_TO_MAKE = `(select coalesce(sum(greatest(p.estimated_calls - p.calls, 0)), 0)::float8 from backfill_part p
  where p.backfill_id = b.id and p.state in ('waiting', 'running')) as calls_to_make`;

export const backfillList: ListDefinition = {
  name: 'backfills',
  select: `b.id, b.connection_id, b.kind, b.state, b.from_ts, b.to_ts, b.device_ids, b.filter, b.signals, b.only_gaps,
    b.asked_by, b.estimated_calls, b.estimated_ms, b.reason, b.created_at, b.started_at, b.ended_at, b.updated_at,
    ${CALLS_TO_MAKE}, ${STANDING}`,
  from: 'backfill b',
  filter: {
    id: { type: 'id', sql: 'b.id' },
    connectionId: { type: 'id', sql: 'b.connection_id' },
    kind: { type: 'id', sql: 'b.kind' },
    state: { type: 'id', sql: 'b.state' },
    from: { type: 'instant', sql: 'b.from_ts' },
    to: { type: 'instant', sql: 'b.to_ts' },
    createdAt: { type: 'instant', sql: 'b.created_at' },
    endedAt: { type: 'instant', sql: 'b.ended_at' },
  },
  sort: {
    createdAt: { sql: 'b.created_at', type: 'timestamptz' },
    from: { sql: 'b.from_ts', type: 'timestamptz' },
  },
  key: { sql: 'b.id', type: 'text', descending: true },
};

export function presentBackfill(row: BackfillRow): BackfillResource {
  const open = row.state === 'planned' || row.state === 'running';
  const estimatedMs = Number(row.estimated_ms);
  const share = row.estimated_calls === 0 ? 0 : row.calls_to_make / row.estimated_calls;
  const remaining = { calls: Math.round(row.calls_to_make), duration: isoDuration(estimatedMs * share) };
  return {
    id: row.id,
    connectionId: row.connection_id,
    kind: row.kind,
    state: row.state,
    from: row.from_ts.toISOString(),
    to: row.to_ts.toISOString(),
    ...(row.device_ids.length === 0 ? {} : { devices: row.device_ids }),
    ...(row.filter === null ? {} : { filter: row.filter }),
    ...(row.signals.length === 0 ? {} : { signals: row.signals }),
    onlyGaps: row.only_gaps,
    ...(row.asked_by === null ? {} : { askedBy: row.asked_by }),
    parts: partCounts(row.by_state),
    points: row.points,
    calls: row.calls,
    percent: open ? Math.floor(Math.min(99, Math.max(0, 1 - share) * 100)) : 100,
    estimate: { calls: row.estimated_calls, duration: isoDuration(estimatedMs) },
    ...(open ? { remaining } : {}),
    ...(row.reason === null ? {} : { reason: row.reason }),
    createdAt: row.created_at.toISOString(),
    ...(row.started_at === null ? {} : { startedAt: row.started_at.toISOString() }),
    ...(row.ended_at === null ? {} : { endedAt: row.ended_at.toISOString() }),
    updatedAt: row.updated_at.toISOString(),
  };
}

export interface PartRow extends Record<string, unknown> {
  number: number;
  device_id: string | null;
  signals: string[];
  from_ts: Date;
  to_ts: Date;
  state: BackfillPart['state'];
  attempts: number;
  not_before: Date;
  points: string;
  calls: string;
  estimated_calls: number;
  reason: string | null;
}

export const partList: ListDefinition = {
  name: 'backfill-parts',
  select: `p.number, p.device_id, p.signals, p.from_ts, p.to_ts, p.state, p.attempts, p.not_before, p.points, p.calls,
    p.estimated_calls, p.reason`,
  from: 'backfill_part p',
  filter: {
    number: { type: 'number', sql: 'p.number' },
    deviceId: { type: 'id', sql: 'p.device_id' },
    state: { type: 'id', sql: 'p.state' },
    from: { type: 'instant', sql: 'p.from_ts' },
    to: { type: 'instant', sql: 'p.to_ts' },
  },
  sort: { from: { sql: 'p.from_ts', type: 'timestamptz' } },
  key: { sql: 'p.number', type: 'integer' },
};

export const presentPart = (row: PartRow): BackfillPart => ({
  number: row.number,
  ...(row.device_id === null ? {} : { deviceId: row.device_id }),
  ...(row.signals.length === 0 ? {} : { signals: row.signals }),
  from: row.from_ts.toISOString(),
  to: row.to_ts.toISOString(),
  state: row.state,
  attempts: row.attempts,
  ...(row.state === 'waiting' && row.attempts > 0 ? { nextTryAt: row.not_before.toISOString() } : {}),
  points: Number(row.points),
  calls: Number(row.calls),
  estimatedCalls: row.estimated_calls,
  ...(row.reason === null ? {} : { reason: row.reason }),
});
