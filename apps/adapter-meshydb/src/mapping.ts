import { digest, type EntityReport, type NativeId, type PointBatch, type PointValue } from '@tributary/adapter-kit';
import type { EntityRecord, Json, Origin, PlatformUser } from '@tributary/contracts';
import type { DocumentMapping } from './config.ts';
import { isRawNumber } from './exact-document.ts';
import { shownName, storedName } from './names.ts';
import type { MeshDocument, User } from './wire.ts';

/** How documents of one mesh are shown as entities. */
export interface EntityNaming {
  type: string;
  nameField?: string | undefined;
}

/** A document as a record: the id beside its members, their names as the application means them. */
export function entityRecord(document: MeshDocument, { type, nameField }: EntityNaming): EntityRecord {
  const attributes = attributesOf(document);
  const name = nameField === undefined ? undefined : textAt(attributes, nameField);
  return {
    type,
    nativeId: document._id,
    etag: digest(attributes),
    ...(name === undefined ? {} : { name }),
    attributes,
  };
}

export const entityReport = ({ type, nativeId, name, attributes }: EntityRecord): EntityReport => ({
  entityType: type,
  nativeId,
  ...(name === undefined ? {} : { name }),
  attributes,
});

export function attributesOf({ _id, ...members }: MeshDocument): Record<string, Json> {
  return shownMembers(members);
}

const shownMembers = (members: Readonly<Record<string, unknown>>): Record<string, Json> =>
  Object.fromEntries(Object.entries(members).map(([name, value]) => [shownName(name), shown(value)]));

/** A whole number that a double cannot hold is shown as its digits. */
function shown(value: unknown): Json {
  if (isRawNumber(value)) return value.rawJSON;
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value === 'object' && value !== null) return shownMembers(value as Record<string, unknown>);
  return value as Json;
}

/** A value as it is stored: names of members escaped, at every depth. */
export function stored(value: Json): unknown {
  if (Array.isArray(value)) return value.map(stored);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [storedName(name), stored(member)]));
}

/**
 * A merge patch (RFC 7396) on a stored document. What the patch does not name stays as it was stored, to the digit and
 * to the letter of its name.
 */
export function patched(members: Readonly<Record<string, unknown>>, patch: Readonly<Record<string, Json>>) {
  const merged = new Map(Object.entries(members));
  for (const [name, value] of Object.entries(patch)) {
    const there = [...merged.keys()].find((candidate) => shownName(candidate) === name) ?? storedName(name);
    if (value === null) merged.delete(there);
    else merged.set(there, isMembers(value) ? patchedMember(merged.get(there), value) : stored(value));
  }
  return Object.fromEntries(merged);
}

const patchedMember = (before: unknown, patch: Record<string, Json>): Record<string, unknown> =>
  patched(isMembers(before) && !isRawNumber(before) ? before : {}, patch);

const isMembers = <T>(value: T): value is T & Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value at a dotted path; own members only. */
export function valueAt(attributes: Readonly<Record<string, Json>>, field: string): Json | undefined {
  let value: Json | undefined = attributes as Json;
  for (const name of field.split('.')) {
    if (!isMembers(value) || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, Json>)[name];
  }
  return value;
}

function textAt(attributes: Readonly<Record<string, Json>>, field: string): string | undefined {
  const value = valueAt(attributes, field);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A measurement as its document holds it. */
export interface Reading {
  device: NativeId;
  deviceName?: string;
  points: PointValue[];
}

/** Why a document is no measurement, by field of the mapping. */
export type Misfit = 'deviceField' | 'timeField' | 'values';

const MOST_ID_CHARACTERS = 512;

/** What a document says under a mapping, or which part of the mapping does not fit it. */
export function readingOf(document: MeshDocument, mapping: DocumentMapping): Reading | Misfit {
  const attributes = attributesOf(document);
  const device = textAt(attributes, mapping.deviceField);
  if (device === undefined || device.length > MOST_ID_CHARACTERS) return 'deviceField';
  const tsMs = timeFrom(valueAt(attributes, mapping.timeField), mapping.timeUnit);
  if (tsMs === undefined) return 'timeField';
  const points = mapping.values.flatMap(({ field, signal, unit }): PointValue[] => {
    const value = valueAt(attributes, field);
    if (value === undefined || value === null) return [];
    return [{ signal: signal ?? field, tsMs, value, ...(unit === undefined ? {} : { unit }) }];
  });
  if (points.length === 0) return 'values';
  const deviceName = mapping.deviceNameField === undefined ? undefined : textAt(attributes, mapping.deviceNameField);
  return { device, ...(deviceName === undefined ? {} : { deviceName }), points };
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})$/i;

/** Milliseconds since 1970; undefined for what is no time in this unit. */
export function timeFrom(value: Json | undefined, unit: DocumentMapping['timeUnit']): number | undefined {
  if (unit === 'iso') {
    const ms = typeof value === 'string' && INSTANT.test(value) ? Date.parse(value) : Number.NaN;
    return Number.isNaN(ms) ? undefined : ms;
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  return unit === 's' ? Math.round(value * 1_000) : Math.round(value);
}

/**
 * Points of several documents, one batch a device. Of two values for one identity the later document's counts: it is
 * the correction.
 */
export function batchesOf(readings: readonly Reading[], origin: Origin): PointBatch[] {
  const batches = new Map<NativeId, Map<string, PointValue>>();
  for (const { device, points } of readings) {
    const batch = batches.get(device) ?? new Map<string, PointValue>();
    for (const point of points) {
      const identity = `${point.tsMs} ${point.signal}`;
      // The last one written stands last.
      batch.delete(identity);
      batch.set(identity, point);
    }
    batches.set(device, batch);
  }
  return [...batches].map(([device, points]) => ({ device, origin, points: [...points.values()] }));
}

export function platformUser(user: User): PlatformUser {
  const { id, username, firstName, lastName, emailAddress, isActive, phoneNumber, verified, anonymous, roles } = user;
  const displayName = [firstName, lastName].filter((part) => part).join(' ');
  const rest = { firstName, lastName, phoneNumber, verified, anonymous, roles };
  return {
    nativeId: id,
    username,
    ...(emailAddress ? { email: emailAddress } : {}),
    ...(displayName === '' ? {} : { displayName }),
    ...(typeof isActive === 'boolean' ? { active: isActive } : {}),
    attributes: Object.fromEntries(
      Object.entries(rest).filter(([, value]) => value !== undefined && value !== null),
    ) as Record<string, Json>,
  };
}
