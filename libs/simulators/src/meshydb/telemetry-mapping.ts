import type { TrueValue } from '../kit/series-log.ts';
import type { Document } from './document.ts';
import type { TimeUnit } from './options.ts';

export const WORK_ORDERS = 'workorder';
export const READINGS = 'reading';

export interface ValueField {
  field: string;
  signal?: string;
  /** UCUM. */
  unit?: string;
}

/** What makes points of documents, as an application would agree on it. */
export interface TelemetryMapping {
  mesh: string;
  deviceField: string;
  deviceNameField: string;
  timeField: string;
  timeUnit: TimeUnit;
  values: ValueField[];
}

const FIELDS: readonly ValueField[] = [
  { field: 'temperature', unit: 'Cel' },
  { field: 'humidity', unit: '%' },
  { field: 'occupied' },
  { field: 'mode' },
  { field: 'battery.voltage', signal: 'battery', unit: 'V' },
  { field: 'co2', unit: '[ppm]' },
];

export const telemetryMapping = (timeUnit: TimeUnit, fields: number): TelemetryMapping => ({
  mesh: READINGS,
  deviceField: 'device',
  deviceNameField: 'deviceName',
  timeField: 'ts',
  timeUnit,
  values: Array.from({ length: fields }, (_, i) => FIELDS[i] ?? { field: `value${i + 1}` }),
});

/** As the time field holds it. */
export function writtenTime(ts: number, unit: TimeUnit): number | string {
  if (unit === 'iso') return new Date(ts).toISOString();
  return unit === 's' ? ts / 1000 : ts;
}

function readTime(value: TrueValue | undefined, unit: TimeUnit): number | undefined {
  const ms = unit === 'iso' ? Date.parse(String(value)) : Math.round(Number(value) * (unit === 's' ? 1000 : 1));
  const fits = unit === 'iso' ? typeof value === 'string' : typeof value === 'number';
  return fits && Number.isFinite(ms) ? ms : undefined;
}

const at = (document: Document, path: string): TrueValue | undefined =>
  path.split('.').reduce<TrueValue | undefined>((value, name) => {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject && Object.hasOwn(value, name) ? value[name] : undefined;
  }, document);

/** Milliseconds since 1970 UTC; undefined when the document has no such time. */
export const timeOf = (document: Document, { timeField, timeUnit }: TelemetryMapping): number | undefined =>
  readTime(at(document, timeField), timeUnit);

export interface MappedPoint {
  device: string;
  signal: string;
  ts: number;
  value: TrueValue;
}

/** The points a document stands for: none without a device or a time, none for what is missing or null. */
export function pointsOf(document: Document, mapping: TelemetryMapping): MappedPoint[] {
  const device = at(document, mapping.deviceField);
  const ts = timeOf(document, mapping);
  if (typeof device !== 'string' || device === '' || ts === undefined) return [];
  return mapping.values.flatMap(({ field, signal }) => {
    const value = at(document, field);
    return value === undefined || value === null ? [] : [{ device, signal: signal ?? field, ts, value }];
  });
}
