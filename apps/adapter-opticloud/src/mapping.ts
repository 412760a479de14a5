import {
  type AttributeReport,
  type DeviceSnapshot,
  digest,
  type NativeId,
  type PlatformEventReport,
  type PointValue,
  type SpaceRef,
} from '@tributary/adapter-kit';
import type { AttributeScope, EntityRecord, FileInfo, Json } from '@tributary/contracts';
import { readValue, type ValueReading } from './values.ts';
import type {
  AttributeAnswer,
  AttributeRow,
  CommunicationEntry,
  Device,
  FileRow,
  GeoLogFile,
  SeriesRow,
  SharedUpdate,
} from './wire.ts';

/** RFC 3339 from milliseconds. */
export const instant = (ms: number): string => new Date(ms).toISOString();

export interface Tenant {
  id: string;
  name: string;
}

/** The tenant is where a device is; projects are not in the vendor's document. */
export function deviceSnapshot(device: Device, tenant: Tenant, serial?: string): DeviceSnapshot {
  const info = typeof device.additionalInfo === 'object' ? (device.additionalInfo ?? {}) : {};
  const { description, ...additionalInfo } = info;
  const space: SpaceRef = { nativeId: tenant.id, name: tenant.name, kind: 'tenant' };
  return {
    nativeId: device.id.id,
    name: device.name,
    ...(device.type ? { kind: device.type } : {}),
    ...(device.label ? { label: device.label } : {}),
    ...(typeof description === 'string' && description !== '' ? { description } : {}),
    ...(serial ? { serial } : {}),
    spaces: [space],
    properties: {
      ...(device.createdTime == null ? {} : { createdAt: instant(device.createdTime) }),
      ...(Object.keys(additionalInfo).length === 0 ? {} : { additionalInfo }),
    },
  };
}

export function deviceEntity(snapshot: DeviceSnapshot): EntityRecord {
  const { nativeId, name, kind, label, description, properties } = snapshot;
  const attributes: Record<string, Json> = {
    id: nativeId,
    name,
    ...(kind === undefined ? {} : { type: kind }),
    ...(label === undefined ? {} : { label }),
    ...(description === undefined ? {} : { description }),
    ...properties,
  };
  return { type: 'device', nativeId, etag: digest(attributes), name, attributes };
}

/** Rows without a value (null) give no point. */
export function pointsOf(rows: readonly SeriesRow[], reading: ValueReading): PointValue[] {
  return rows.flatMap(({ key, ts, value }) => {
    const read = readValue(value, reading);
    return read === undefined ? [] : [{ signal: key, tsMs: ts, value: read }];
  });
}

export function attributeReports(scope: AttributeScope, rows: readonly AttributeRow[]): AttributeReport[] {
  return rows.map(({ key, value, lastUpdateTs }) => ({
    scope,
    name: key,
    value,
    ...(lastUpdateTs == null ? {} : { tsMs: lastUpdateTs }),
  }));
}

/** What a device is answered over MQTT; keys it does not have are left out. */
export function attributesAnswered({ client = {}, shared = {} }: AttributeAnswer): AttributeReport[] {
  const reports = (scope: AttributeScope, values: Record<string, Json>) =>
    Object.entries(values).map(([name, value]) => ({ scope, name, value }));
  return [...reports('client', client), ...reports('shared', shared)];
}

/** A change of shared attributes as a device is told it: values by name, or the names of those deleted. */
export function sharedChanges(update: SharedUpdate): AttributeReport[] {
  const { deleted, ...changed } = update;
  const removed = Array.isArray(deleted) ? deleted.filter((name) => typeof name === 'string') : undefined;
  const values = removed === undefined ? update : changed;
  return [
    ...Object.entries(values).map(([name, value]): AttributeReport => ({ scope: 'shared', name, value })),
    ...(removed ?? []).map((name): AttributeReport => ({ scope: 'shared', name })),
  ];
}

/** Client attributes that devices of this vendor keep their serial number in, best first. */
const SERIAL_NAMES = ['serialNumber', 'serial_number', 'serial', 'serialnumber'];

export function serialOf(attributes: readonly AttributeReport[]): string | undefined {
  const client = attributes.filter(({ scope }) => scope === 'client');
  const values = SERIAL_NAMES.map((name) => client.find((attribute) => attribute.name === name)?.value);
  const found = values.find((value) => (typeof value === 'string' && value !== '') || typeof value === 'number');
  return found === undefined ? undefined : String(found);
}

/** Words of the communication log; what is not here is kept as `device.communication` with its word in the details. */
const eventNames: Readonly<Record<string, string>> = {
  PING: 'device.ping',
  ATTN: 'device.attention',
  UPLOAD: 'device.file',
  RETURN_FILE: 'device.file',
  RETURN_LIST: 'device.file-list',
  RETURN_ERROR: 'device.error',
  RETURN_SCPI: 'device.script-result',
  RETURN_BASH: 'device.script-result',
  ACKNOWLEDGMENT_FIRMWARE_UPDATE: 'device.firmware-update',
  PROGRESS_FIRMWARE_UPDATE: 'device.firmware-update',
  RETURN_FIRMWARE_UPDATE: 'device.firmware-update',
  RETURN_CANCEL: 'device.cancelled',
};

export function platformEvent(device: NativeId, entry: CommunicationEntry): PlatformEventReport {
  const { time, type, content } = entry;
  return {
    device,
    name: eventNames[type] ?? 'device.communication',
    tsMs: time,
    details: { type, ...(content === undefined ? {} : { content }) },
    key: `${device}/${time}/${type}/${digest(content ?? null)}`,
  };
}

/** Words that only a device says: each is proof that it called in. */
export const isFromDevice = ({ type }: CommunicationEntry): boolean => type in eventNames;
export const isListAnswer = ({ type }: CommunicationEntry): boolean => type === 'RETURN_LIST';

export function fileOnServer(device: NativeId, row: FileRow): FileInfo {
  return {
    deviceNativeId: device,
    name: row.name,
    location: 'platform',
    ...(row.size == null ? {} : { sizeBytes: row.size }),
    ...(row.startTime == null ? {} : { from: instant(row.startTime) }),
    ...(row.endTime == null ? {} : { to: instant(row.endTime) }),
    ...(row.tag ? { tag: row.tag } : {}),
  };
}

const locations = { '0': 'device', '1': 'requested', '2': 'platform', '3': 'both' } as const;

/** Quirk: times of this listing are seconds (API page, "Retrieve the complete file list"). */
export function fileListed(device: NativeId, file: GeoLogFile): FileInfo {
  return {
    deviceNativeId: device,
    name: file.filename,
    location: locations[file.status],
    ...(file.size === undefined ? {} : { sizeBytes: file.size }),
    ...(file.starttime === undefined ? {} : { from: instant(file.starttime * 1000) }),
    ...(file.endtime === undefined ? {} : { to: instant(file.endtime * 1000) }),
    ...(file.tag ? { tag: file.tag } : {}),
  };
}

/**
 * One catalogue of two listings. Where a file is, the complete listing knows; its times are whole seconds, so those of
 * the server's own listing are preferred.
 */
export function mergeFiles(onServer: readonly FileInfo[], complete: readonly FileInfo[]): FileInfo[] {
  const files = new Map(complete.map((file) => [file.name, file]));
  for (const file of onServer) {
    const listed = files.get(file.name);
    files.set(file.name, listed ? { ...listed, ...file, location: listed.location } : file);
  }
  return [...files.values()].sort((a, b) => (a.from ?? '').localeCompare(b.from ?? '') || a.name.localeCompare(b.name));
}

/** Payloads for a device's telemetry topic: one for each time, and one more when a signal comes twice. */
export function telemetryPayloads(points: readonly PointValue[]): Record<string, Json>[] {
  const rounds: { tsMs: number | undefined; values: Map<string, Json> }[] = [];
  for (const { signal, tsMs, value } of points) {
    const round = rounds.findLast((candidate) => candidate.tsMs === tsMs);
    if (round && !round.values.has(signal)) round.values.set(signal, value);
    else rounds.push({ tsMs, values: new Map([[signal, value]]) });
  }
  return rounds.map(({ tsMs, values }) => {
    const byName = Object.fromEntries(values);
    return tsMs === undefined ? byName : { ts: tsMs, values: byName };
  });
}
