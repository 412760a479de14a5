import type { Json } from '@tributary/contracts';

/**
 * A point as it travels in a batch: signal, time in milliseconds since 1970 UTC (a fraction down to a microsecond is
 * kept), value, UCUM unit where known. A tuple, because a sealed batch is JSON and names would be most of it.
 */
export type BatchPoint = readonly [signal: string, tsMs: number, value: Json, unit?: string | undefined];

/** The numbers that the points of a group have within the minute of their run in which the adapter received them. */
export interface GroupNumbers {
  run: string;
  /** Of the first point of the message; the others follow. */
  first: number;
  /** When the message was published, the bus had confirmed every number below this. */
  confirmed: number;
  /** Where a group holds only some points of its message: their places in it. */
  places?: readonly number[] | undefined;
}

/** Points of one device that carry one rev: what one message holds. */
export interface PointGroup {
  workspace: string;
  platform: string;
  connectionId: string;
  deviceId: string;
  nativeId: string;
  /** Whole number as text, 1 to 2^63-1. */
  rev: string;
  points: readonly BatchPoint[];
  /** When the adapter received them, milliseconds since 1970. The account knows nothing of a group without it. */
  receivedMs?: number | undefined;
  /** Absent where the publisher does not number: then every arrival counts. */
  numbers?: GroupNumbers | undefined;
}

/** What is committed at once. JSON-serialisable. */
export interface TelemetryBatch {
  groups: readonly PointGroup[];
  /** When the intake had all of it, milliseconds since 1970. */
  sealedMs?: number | undefined;
}

/**
 * - `expired`: older than the retention; there is no partition for it and none is made.
 * - `future`: more than a day ahead of our clock.
 * - `unstorable`: the value, the time or the rev has no form in Postgres (a NUL character, a lone surrogate, 2^63).
 * - `unknown-connection`: there is no such connection in that workspace, or the device belongs to another one.
 */
export type RefusalReason = 'expired' | 'future' | 'unstorable' | 'unknown-connection';

/** A point that was not stored and would not be if it came again. Indexes into the batch. */
export interface RefusedPoint {
  group: number;
  point: number;
  reason: RefusalReason;
}

export interface OutcomeCounts {
  /** New identities. */
  inserted: number;
  /** The identity was there with this very value, or is so within the batch. */
  duplicate: number;
  /** Replaced another value of a lesser rev, which is now a revision. */
  corrected: number;
  /** Came after another value of a greater rev, and is a revision itself. */
  superseded: number;
}

/** Every point of a batch is in exactly one of the counts: the account balances. */
export interface CommitReport extends OutcomeCounts {
  /** The same counts, of each connection that the batch holds points of. */
  connections: (OutcomeCounts & { connectionId: string })[];
  refused: RefusedPoint[];
  /** Which way was taken in the end. */
  path: 'copy' | 'merge' | 'none';
}
