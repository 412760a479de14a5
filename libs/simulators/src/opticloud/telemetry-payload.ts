import type { TrueValue } from '../kit/series-log.ts';

/** One value of a telemetry message or attribute update. */
export interface WrittenValue {
  value: TrueValue;
  /** Written as a floating point number: the platform then answers `42.0`, not `42`. */
  real: boolean;
}

export interface TimedValues {
  /** Absent: the platform's clock decides. */
  ts?: number;
  values: Map<string, WrittenValue>;
}

export class PayloadError extends Error {
  override readonly name = 'PayloadError';
}

/** A number whose text says that it is a floating point number although its value is whole. */
class Real {
  constructor(readonly value: number) {}
}

/** JSON that remembers whether a number was written as `42` or as `42.0`. Throws `PayloadError`. */
function parse(text: string): unknown {
  const reviver = (_key: string, value: unknown, context?: { source?: string }): unknown => {
    if (typeof value !== 'number') return value;
    if (!Number.isFinite(value)) throw new PayloadError('number out of range');
    return Number.isInteger(value) && /[.eE]/.test(context?.source ?? '') ? new Real(value) : value;
  };
  try {
    return JSON.parse(text, reviver);
  } catch (error) {
    throw error instanceof PayloadError ? error : new PayloadError('payload is not JSON');
  }
}

function plain(value: unknown): TrueValue {
  if (value instanceof Real) return value.value;
  if (Array.isArray(value)) return value.map(plain);
  if (isObject(value)) {
    const copy: { [key: string]: TrueValue } = {};
    for (const [key, member] of Object.entries(value)) {
      Object.defineProperty(copy, key, { value: plain(member), enumerable: true, writable: true, configurable: true });
    }
    return copy;
  }
  return value as TrueValue;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Real);

function written(value: unknown): WrittenValue {
  if (value === null || value === undefined) throw new PayloadError('a value must not be null');
  const real = value instanceof Real || (typeof value === 'number' && !Number.isInteger(value));
  return { value: plain(value), real };
}

function valuesOf(object: Record<string, unknown>): Map<string, WrittenValue> {
  return new Map(Object.entries(object).map(([key, value]) => [key, written(value)]));
}

function timedValues(item: unknown): TimedValues {
  if (!isObject(item)) throw new PayloadError('telemetry must be an object or an array of objects');
  if (!('ts' in item && 'values' in item)) return { values: valuesOf(item) };
  const { ts, values } = item;
  if (typeof ts !== 'number' || !Number.isInteger(ts))
    throw new PayloadError('ts must be a whole number of milliseconds');
  if (!isObject(values)) throw new PayloadError('values must be an object');
  return { ts, values: valuesOf(values) };
}

/** `{key: value}`, `{ts, values}`, or an array of either. */
export function parseTelemetry(text: string): TimedValues[] {
  const document = parse(text);
  return (Array.isArray(document) ? document : [document]).map(timedValues);
}

/** `{key: value}` alone. */
export function parseAttributes(text: string): Map<string, WrittenValue> {
  const document = parse(text);
  if (!isObject(document)) throw new PayloadError('attributes must be an object');
  return valuesOf(document);
}

/** Gateway form: `{device: telemetry[]}`. */
export function parseGatewayTelemetry(text: string): Map<string, TimedValues[]> {
  const document = parse(text);
  if (!isObject(document)) throw new PayloadError('gateway telemetry must be an object');
  return new Map(
    Object.entries(document).map(([device, list]) => {
      if (!Array.isArray(list)) throw new PayloadError('telemetry of a device must be an array');
      return [device, list.map(timedValues)];
    }),
  );
}

/** Gateway form: `{device: {key: value}}`. */
export function parseGatewayAttributes(text: string): Map<string, Map<string, WrittenValue>> {
  const document = parse(text);
  if (!isObject(document)) throw new PayloadError('gateway attributes must be an object');
  return new Map(
    Object.entries(document).map(([device, values]) => {
      if (!isObject(values)) throw new PayloadError('attributes of a device must be an object');
      return [device, valuesOf(values)];
    }),
  );
}

/** Any other JSON object a device sends. */
export function parseObject(text: string): Record<string, TrueValue> {
  const document = parse(text);
  if (!isObject(document)) throw new PayloadError('payload must be an object');
  return plain(document) as Record<string, TrueValue>;
}
