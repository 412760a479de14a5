import type { PointGroup, RefusalReason, RefusedPoint, TelemetryBatch } from './batch.ts';
import { DAY_MS, dayOf } from './partitions.ts';
import { isStorableText, PointRows, parseRev } from './point-rows.ts';
import { belongs, type DeviceEntry, type SeriesEntry } from './series-resolver.ts';

/** A point further ahead of our clock than this is refused: a wrong clock must not decide what is newest. */
export const MAX_AHEAD_MS = DAY_MS;

export interface ReadBatch {
  rows: PointRows;
  refused: RefusedPoint[];
  /** Days (since 1970) that the rows fall in. */
  days: Set<number>;
  /** Newest row of each series; by number of the series. */
  newest: Map<number, { entry: SeriesEntry; deviceId: string; tsUs: number }>;
  units: Map<SeriesEntry, { unit: string; rev: bigint }>;
  /** No row is at or before the newest point known of its series, and no identity comes twice: most likely all are new. */
  allAhead: boolean;
}

export interface TimeRules {
  nowMs: number;
  /** Points of days before the one this lies in are refused. */
  keepFromMs: number;
}

/** Decides what of a batch can be stored, and lays it out for Postgres. */
export function readBatch(batch: TelemetryBatch, devices: Map<string, DeviceEntry>, rules: TimeRules): ReadBatch {
  const rows = new PointRows(batch.groups.reduce((sum, group) => sum + group.points.length, 0));
  const read: ReadBatch = {
    rows,
    refused: [],
    days: new Set(),
    newest: new Map(),
    units: new Map(),
    allAhead: true,
  };
  batch.groups.forEach((group, index) => {
    readGroup(group, index, devices.get(group.deviceId), rules, read);
  });
  rows.arrange();
  if (rows.waves > 1) read.allAhead = false;
  return read;
}

function readGroup(
  group: PointGroup,
  index: number,
  device: DeviceEntry | undefined,
  rules: TimeRules,
  read: ReadBatch,
): void {
  const rev = parseRev(group.rev);
  const firstDayMs = dayOf(rules.keepFromMs) * DAY_MS;
  const lastMs = rules.nowMs + MAX_AHEAD_MS;
  const known = belongs(device, group) ? device : undefined;
  const noteAll = (entry: SeriesEntry, unit: string | undefined, ofRev: bigint) => {
    note(entry, group.deviceId, read);
    if (unit !== undefined && unit !== entry.unit && isStorableText(unit)) proposeUnit(entry, unit, ofRev, read);
  };
  group.points.forEach(([signal, tsMs, value, unit], point) => {
    const entry = known?.signals.get(signal);
    const refuse = (reason: RefusalReason) => {
      read.refused.push({ group: index, point, reason });
    };
    if (rev === undefined || !Number.isFinite(tsMs) || !isStorableText(signal)) refuse('unstorable');
    else if (!entry) refuse('unknown-connection');
    else if (tsMs < firstDayMs) refuse('expired');
    else if (tsMs > lastMs) refuse('future');
    else if (!read.rows.add(entry.id, tsMs, rev, value, index, point)) refuse('unstorable');
    else noteAll(entry, unit, rev);
  });
}

function note(entry: SeriesEntry, deviceId: string, read: ReadBatch): void {
  const tsUs = read.rows.tsUs[read.rows.size - 1] as number;
  read.days.add(dayOf(tsUs / 1000));
  if (tsUs <= entry.newestUs) read.allAhead = false;
  const newest = read.newest.get(entry.id);
  if (!newest) read.newest.set(entry.id, { entry, deviceId, tsUs });
  else if (tsUs > newest.tsUs) newest.tsUs = tsUs;
}

function proposeUnit(entry: SeriesEntry, unit: string, rev: bigint, read: ReadBatch): void {
  if (rev <= entry.unitRev) return;
  const proposed = read.units.get(entry);
  if (!proposed || rev > proposed.rev) read.units.set(entry, { unit, rev });
}
