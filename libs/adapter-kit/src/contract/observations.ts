import type { AttributeScope, FileInfo, Json, Origin } from '@tributary/contracts';
import type { Sourced } from '../lineage/data-source.ts';

export type NativeId = string;

/** Where to resume; flat and small. The kit stores it and never looks inside. */
export type Checkpoint = Record<string, string | number | boolean>;

/**
 * The source has been read for this stretch of its time, and everything it gave is in this page or in an earlier one of
 * the same round. Half-open, milliseconds since 1970 by the source's clock: the times that its points carry.
 */
export interface CoveredSpan {
  /** Without `device` and `space`: every device of the connection. */
  device?: NativeId;
  /** Every device in this space. */
  space?: NativeId;
  /** Absent: every signal. */
  signal?: string;
  fromMs: number;
  toMs: number;
  /**
   * Default `complete`. `partial`: read, and the platform does not give everything. `missing`: it could not be read now,
   * and shall be read again. `unrecoverable`: the platform says that it can never be had. Of what one page says for the
   * same devices and signals the worst holds; what is said of fewer devices or signals is an exception to what is said of
   * more. A later page replaces only what was worse.
   */
  state?: 'complete' | 'partial' | 'missing' | 'unrecoverable';
  /** Why it is not complete, for people, without the platform's own words for things. */
  reason?: string;
}

/**
 * `checkpoint` is where to resume once every item of this page is safely with the broker. What a page `covers` is on
 * record from then on; without it nobody knows that the stretch was read.
 */
export interface Page<T> {
  items: T[];
  checkpoint?: Checkpoint;
  covers?: CoveredSpan[];
}

export interface SpaceRef {
  nativeId: NativeId;
  name: string;
  kind: string;
}

export interface DeviceSnapshot {
  nativeId: NativeId;
  name: string;
  kind?: string;
  label?: string;
  description?: string;
  serial?: string;
  parent?: NativeId;
  /** How often it reports, where the platform says so; else it is learned. Milliseconds. */
  reportsEveryMs?: number;
  /** Where it is, outermost first. */
  spaces: SpaceRef[];
  properties: Record<string, Json>;
}

export interface PointValue {
  signal: string;
  /** Milliseconds since 1970 UTC. Absent where the source gives no time: the kit stamps receipt time, once. */
  tsMs?: number;
  value: number | boolean | string | Json[] | { [key: string]: Json };
  /** UCUM code, where known. */
  unit?: string;
}

/** Points of one device. */
export interface PointBatch extends Sourced {
  device: NativeId;
  origin: Origin;
  points: PointValue[];
}

export interface AttributeReport {
  scope: AttributeScope;
  name: string;
  /** Absent: the attribute was removed. */
  value?: Json;
  tsMs?: number;
}

export interface PlatformEventReport {
  device?: NativeId;
  name: string;
  tsMs: number;
  details: Record<string, Json>;
  /** The same key twice within the look-back is published once. */
  key: string;
}

/** A record was made, changed or is gone, seen by comparing; the kit gives it its revision. */
export interface EntityReport {
  entityType: string;
  nativeId: NativeId;
  name?: string;
  /** Empty for a removed one. */
  attributes: Record<string, Json>;
}

/**
 * Telemetry that was missed and cannot be had any more, or only as aggregates: said aloud instead of passed over. The
 * kit publishes it as the platform event `telemetry.gap`; the same gap twice is published once. Its times are those of
 * sending: what a device sent late within them is missing with the rest, though its own time may lie before.
 */
export interface GapReport {
  /** Without `device` and `space`: every device of the connection. */
  device?: NativeId;
  /** Every device in this space. */
  space?: NativeId;
  /** Absent: every signal. */
  signal?: string;
  fromMs: number;
  toMs: number;
  reason: string;
  /** What stands in its place, if anything does. */
  filledWith?: 'aggregates';
}

/** What a poll or a stream may bring; the kit publishes each to its area of the bus. */
export type Observation = Sourced &
  (
    | ({ type: 'points' } & PointBatch)
    | { type: 'attributes'; device: NativeId; attributes: AttributeReport[] }
    | { type: 'platform-event'; event: PlatformEventReport }
    | { type: 'file'; change: 'listed' | 'available'; file: FileInfo }
    | { type: 'entity'; change: 'created' | 'updated' | 'removed'; entity: EntityReport }
    | { type: 'gap'; gap: GapReport }
  );

/**
 * A stream says with each item `via` which message it came; of what calls have brought the kit knows that itself.
 * `done` is called when every point of the item is confirmed by the broker: only then may the source be acknowledged.
 * `receivedAtMs` is when it came, where that was before it is handed on; items come in that order. `opened` says that the
 * stream stands, before anything has come through it.
 */
export type StreamItem = (Observation & { done?: () => void; receivedAtMs?: number }) | { type: 'opened' };

/** A time in which a stream, or a part of it, was not read; milliseconds since 1970 UTC by our clock. */
export interface StreamInterruption {
  part: string;
  fromMs: number;
  toMs: number;
}
