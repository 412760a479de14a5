import type { ConservationCounts, ConservationMinute, conservationState } from '@tributary/contracts';
import { parseRanges } from '@tributary/database';
import type { z } from 'zod';

/** Sums of the account; `set_aside` by rule. */
export interface CountsRow {
  received: number;
  stored: number;
  duplicate: number;
  corrected: number;
  superseded: number;
  parked: number;
  unchanged: number;
  unacknowledged: number;
  expired: number;
  unknown_connection: number;
  discarded: number;
  in_flight: number;
  missing: number;
  imbalance: number;
  set_aside: Record<string, number>;
}

export interface MinuteRow extends CountsRow {
  minute: Date;
  connection_id: string;
  run: string;
  redelivered: number;
  holes: string;
}

/** Columns of `CountsRow` that are numbers. */
export const COUNTS = [
  'received',
  'stored',
  'duplicate',
  'corrected',
  'superseded',
  'parked',
  'unchanged',
  'unacknowledged',
  'expired',
  'unknown_connection',
  'discarded',
  'in_flight',
  'missing',
  'imbalance',
] as const satisfies readonly (keyof CountsRow)[];

export function presentCounts(row: CountsRow): ConservationCounts {
  const { received, stored, duplicate, corrected, superseded, parked, missing } = row;
  const rules = {
    unchanged: row.unchanged,
    unacknowledged: row.unacknowledged,
    expired: row.expired,
    'unknown-connection': row.unknown_connection,
    discarded: row.discarded,
    ...row.set_aside,
  };
  const dropped = Object.fromEntries(Object.entries(rules).filter(([, points]) => points > 0));
  const kept = { received, stored, duplicate, corrected, superseded, parked };
  return { ...kept, dropped, inFlight: row.in_flight, missing };
}

export function stateOf({ imbalance, in_flight }: CountsRow): z.output<typeof conservationState> {
  if (imbalance > 0) return 'unbalanced';
  return in_flight > 0 ? 'open' : 'balanced';
}

/** A minute of a connection, from the rows of its runs. */
export function presentMinute(rows: readonly MinuteRow[]): ConservationMinute {
  const [first] = rows as [MinuteRow];
  const sum = sumOf(rows);
  return {
    connectionId: first.connection_id,
    minute: first.minute.toISOString(),
    state: stateOf(sum),
    ...presentCounts(sum),
    redelivered: rows.reduce((total, { redelivered }) => total + redelivered, 0),
    holes: rows.flatMap(({ run, holes }) =>
      parseRanges(holes).map(([from, to]) => ({ run, first: from, points: to - from })),
    ),
  };
}

function sumOf(rows: readonly CountsRow[]): CountsRow {
  const counts = COUNTS.map((name) => [name, rows.reduce((total, row) => total + row[name], 0)]);
  const setAside: Record<string, number> = {};
  for (const [rule, points] of rows.flatMap((row) => Object.entries(row.set_aside))) {
    setAside[rule] = (setAside[rule] ?? 0) + points;
  }
  return { ...Object.fromEntries(counts), set_aside: setAside } as CountsRow;
}
