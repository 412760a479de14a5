import {
  deviceId as deriveDeviceId,
  type ParsedEvent,
  type Point,
  parseEvent,
  point as pointSchema,
  type RunNumbers,
  telemetryData,
} from '@tributary/contracts';
import type { Fault } from '../parking/reasons.ts';
import { isSurelyJson } from './surely-json.ts';

/** What ingest needs of a telemetry event; `points` have passed the contract. */
export interface TelemetryMessage {
  id: string;
  workspace: string;
  connectionId: string;
  platform: string;
  origin: string;
  deviceId: string;
  nativeId: string;
  rev: string;
  /** When the adapter received the points, milliseconds since 1970. */
  receivedMs: number;
  /** Of whoever published it, where it traces. */
  traceparent?: string | undefined;
  /** Absent where the publisher does not number its points. */
  run?: RunNumbers | undefined;
  points: Point[];
  /** Where only some points of a message are kept: their places in the message as it came. */
  places?: number[];
}

/** `good` holds the points that can be stored although the message as a whole does not fit. */
export type ParsedTelemetry =
  | { ok: true; message: TelemetryMessage }
  | { ok: false; fault: Fault; good?: TelemetryMessage };

const TELEMETRY = 'io.tributary.telemetry.observed.v1';
export const SOURCE = /^\/workspaces\/([a-z0-9_-]+)\/connections\/(con_[a-z2-7]{26})$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const DEVICE_ID = /^dev_[a-z2-7]{26}$/;
const REV = /^[1-9]\d{0,18}$/;
const RUN_ID = /^run_[a-z2-7]{26}$/;
const PLATFORM = /^[a-z][a-z0-9-]{0,39}$/;
/** The usual spelling of a time; anything else is left to the contract. Day 29 and above need a calendar. */
const TIME = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?Z$/;
const ORIGINS = new Set(['live', 'poll', 'backfill', 'replay', 'import']);
export const MAX_POINTS = 500;

type Loose = Record<string, unknown>;

const isText = (value: unknown, max: number): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= max;
const isObject = (value: unknown): value is Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isTime = (value: unknown): value is string => typeof value === 'string' && TIME.test(value);

/**
 * Reads a telemetry event. Accepts exactly what the contract's `parseEvent` accepts: a hand-written check lets pass what
 * fits beyond doubt, and everything else is put to the contract itself, which also names the problems.
 */
export function parseTelemetry(json: unknown): ParsedTelemetry {
  const message = readSurely(json) ?? readByContract(json);
  if ('fault' in message) return message;
  return agrees(message) ? { ok: true, message } : { ok: false, fault: mismatch() };
}

/** Devices whose id was derived before; emptied when full, so that it stays small whatever ids arrive. */
const derived = new Map<string, string>();
const MAX_DERIVED = 50_000;

/** The device id must be the one that (connection, native id) give, or one connection could write another's series. */
function agrees(message: TelemetryMessage): boolean {
  const key = `${message.connectionId} ${message.nativeId}`;
  if (derived.get(key) === message.deviceId) return true;
  if (deriveDeviceId(message.connectionId, message.nativeId) !== message.deviceId) return false;
  if (derived.size >= MAX_DERIVED) derived.clear();
  derived.set(key, message.deviceId);
  return true;
}

const mismatch = (): Fault => ({
  reason: 'mismatch',
  problems: [{ path: '/data/deviceId', problem: 'is not the id of this native id on this connection' }],
});

/** Undefined where there is any doubt. */
function readSurely(json: unknown): TelemetryMessage | undefined {
  if (!isObject(json) || json.type !== TELEMETRY || !hasPlainEnvelope(json)) return undefined;
  const source = SOURCE.exec(json.source as string);
  const data = json.data;
  if (!source || source[2] !== json.connectionid || !isObject(data)) return undefined;
  const { deviceId, nativeId, rev, points } = data;
  if (typeof deviceId !== 'string' || !DEVICE_ID.test(deviceId)) return undefined;
  if (!isText(nativeId, 512) || typeof rev !== 'string' || !REV.test(rev)) return undefined;
  if (!Array.isArray(points) || points.length === 0 || points.length > MAX_POINTS) return undefined;
  const run = readRun(data.run);
  const read = run === null ? undefined : readPoints(points);
  if (!read || run === null) return undefined;
  return {
    id: json.id as string,
    workspace: source[1] as string,
    connectionId: source[2] as string,
    platform: json.platform as string,
    origin: json.origin as string,
    deviceId,
    nativeId,
    rev,
    receivedMs: Date.parse(json.time as string),
    traceparent: json.traceparent as string | undefined,
    ...(run === undefined ? {} : { run }),
    points: read,
  };
}

/** Null where there is doubt. */
function readRun(run: unknown): RunNumbers | undefined | null {
  if (run === undefined) return undefined;
  if (!isObject(run)) return null;
  const { id, first, confirmed } = run;
  return typeof id === 'string' && RUN_ID.test(id) && isCount(first) && isCount(confirmed)
    ? { id, first, confirmed }
    : null;
}

function hasPlainEnvelope(json: Loose): boolean {
  return (
    json.specversion === '1.0' &&
    json.datacontenttype === 'application/json' &&
    typeof json.id === 'string' &&
    UUID.test(json.id) &&
    typeof json.source === 'string' &&
    isText(json.subject, 1_024) &&
    isTime(json.time) &&
    typeof json.dataschema === 'string' &&
    typeof json.platform === 'string' &&
    PLATFORM.test(json.platform) &&
    typeof json.origin === 'string' &&
    ORIGINS.has(json.origin) &&
    (json.traceparent === undefined || typeof json.traceparent === 'string')
  );
}

function readPoints(points: readonly unknown[]): Point[] | undefined {
  const read: Point[] = [];
  for (const candidate of points) {
    if (!isObject(candidate)) return undefined;
    const { signal, ts, value, unit } = candidate;
    if (!isText(signal, 256) || !isTime(ts) || value === null || !isSurelyJson(value)) return undefined;
    if (unit === undefined) read.push({ signal, ts, value });
    else if (typeof unit === 'string' && unit.length <= 64) read.push({ signal, ts, value, unit });
    else return undefined;
  }
  return read;
}

function readByContract(json: unknown): TelemetryMessage | Exclude<ParsedTelemetry, { ok: true }> {
  const parsed = parseSafely(json);
  if (!parsed.ok) return refuse({ reason: 'schema', problems: parsed.problems }, json);
  if (parsed.name !== 'telemetry.observed') {
    return refuse({ reason: 'wrong-queue', problems: [{ path: '/type', problem: 'is not telemetry' }] }, undefined);
  }
  const { event, workspace } = parsed;
  if (!event.source.endsWith(`/${event.connectionid}`)) {
    const problem = { path: '/connectionid', problem: 'is not the connection of the source' };
    return refuse({ reason: 'mismatch', problems: [problem] }, undefined);
  }
  const { via: _told, ...data } = telemetryData.parse(event.data);
  return {
    id: event.id,
    workspace,
    connectionId: event.connectionid,
    platform: event.platform,
    origin: event.origin,
    receivedMs: Date.parse(event.time),
    traceparent: event.traceparent,
    ...data,
  };
}

/** The contract walks values recursively, so a value that is nested a thousand deep makes it overflow the stack. */
function parseSafely(json: unknown): ParsedEvent {
  try {
    return parseEvent(json);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { ok: false, problems: [{ path: '', problem: 'nested too deeply' }] };
  }
}

/** Most problems that are kept of one message. */
const MAX_PROBLEMS = 50;

function refuse(fault: Fault, json: unknown): Exclude<ParsedTelemetry, { ok: true }> {
  const kept: Fault = { reason: fault.reason, problems: fault.problems.slice(0, MAX_PROBLEMS) };
  const good = json === undefined ? undefined : salvage(json);
  return good ? { ok: false, fault: kept, good } : { ok: false, fault: kept };
}

/** The good points of a message whose envelope and device are good and some of whose points are not. */
function salvage(json: unknown): TelemetryMessage | undefined {
  if (!isObject(json) || !isObject(json.data) || !Array.isArray(json.data.points)) return undefined;
  const { points } = json.data;
  if (points.length > MAX_POINTS) return undefined;
  const places = [...points.keys()].filter((place) => fitsAsPoint(points[place]));
  if (places.length === 0 || places.length === points.length) return undefined;
  const good = places.map((place) => points[place]);
  const message = readByContract({ ...json, data: { ...json.data, points: good } });
  return 'fault' in message || !agrees(message) ? undefined : { ...message, places };
}

function fitsAsPoint(candidate: unknown): boolean {
  try {
    return pointSchema.safeParse(candidate).success;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return false;
  }
}
