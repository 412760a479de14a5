import { fraction } from '../kit/seeded.ts';
import type { TrueValue } from '../kit/series-log.ts';
import type { Document } from './document.ts';
import { type TelemetryMapping, writtenTime } from './telemetry-mapping.ts';

/** What writes readings. */
export interface ReadingDevice {
  /** As the device field of its readings holds it. */
  readonly id: string;
  readonly name: string;
  readonly index: number;
}

const MODES = ['auto', 'manuell', 'Störung: Tür 3', 'off', '停止', 'back to "normal" 🚆'];
const WRONG = 1;

const round = (value: number): number => Math.round(value * 100) / 100;

type ValueAt = (n: number, random: number, device: number) => TrueValue;

const VALUES: readonly ValueAt[] = [
  (n, r, d) => round(20 + (d % 5) + 3 * Math.sin((n + d) / 20) + r),
  (n, r) => round(50 + 10 * Math.sin(n / 30) + r),
  (_n, r) => r < 0.4,
  (_n, r) => MODES[Math.floor(r * MODES.length)] ?? '',
  (n) => round(3.7 - (n % 1_000) / 5_000),
  (n, r) => 400 + Math.round(300 * (1 + Math.sin(n / 50)) + r * 10),
];

/** The n-th value of a field. Two devices, two fields, and two turns of a device rarely have the same. */
function measured(seed: number, device: number, field: number, n: number): TrueValue {
  const random = fraction(seed, device, field, n);
  return VALUES[field]?.(n, random, device) ?? round(random * 1_000);
}

/** What a field should have been: another value, of the same type. */
function corrected(seed: number, device: number, field: number, n: number): TrueValue {
  const wrong = measured(seed, device, field, n);
  if (typeof wrong === 'boolean') return !wrong;
  return typeof wrong === 'number'
    ? round(wrong + 1 + fraction(seed, device, field, n, WRONG))
    : `${String(wrong)} (?)`;
}

export interface Reading {
  ts: number;
  values: readonly TrueValue[];
}

/** The values of a device's n-th reading. */
export const valuesAt = (seed: number, device: number, n: number, fields: number): TrueValue[] =>
  Array.from({ length: fields }, (_, field) => measured(seed, device, field, n));

/** What they should have been: another value of one field. */
export function correctedValues(seed: number, device: number, n: number, values: readonly TrueValue[]): TrueValue[] {
  const wrong = (n + device) % values.length;
  return values.map((value, field) => (field === wrong ? corrected(seed, device, field, n) : value));
}

/** As the application writes it. */
export function readingDocument(
  device: ReadingDevice,
  { ts, values }: Reading,
  mapping: TelemetryMapping,
  writtenAt: number,
): Document {
  const document: Document = {
    [mapping.deviceField]: device.id,
    [mapping.deviceNameField]: device.name,
    [mapping.timeField]: writtenTime(ts, mapping.timeUnit),
  };
  for (const [i, { field }] of mapping.values.entries()) setMember(document, field.split('.'), values[i] ?? null);
  document.updatedAt = new Date(writtenAt).toISOString();
  return document;
}

function setMember(document: Document, [name = '', ...rest]: string[], value: TrueValue): void {
  if (rest.length === 0) {
    document[name] = value;
    return;
  }
  const member = document[name];
  const inner = typeof member === 'object' && member !== null && !Array.isArray(member) ? member : {};
  document[name] = inner;
  setMember(inner, rest, value);
}
