import type { PointValue } from '@tributary/adapter-kit';
import type { Json } from '@tributary/contracts';

export type ValueReading = 'native' | 'infer';

/**
 * A point's value, or undefined for null, which says that there is none. A whole number beyond 2^53 arrives here as its
 * digits and stays so. With `infer`, text is read as what it spells.
 */
export function readValue(value: Json, reading: ValueReading): PointValue['value'] | undefined {
  if (value === null) return undefined;
  return reading === 'infer' && typeof value === 'string' ? inferred(value) : value;
}

/** Only text that says exactly what the type would print is taken for it: `007` stays text, so does a long number. */
function inferred(text: string): PointValue['value'] {
  if (text === 'true') return true;
  if (text === 'false') return false;
  if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)) return exactNumber(text) ?? text;
  return /^[{[]/.test(text) ? (structure(text) ?? text) : text;
}

function exactNumber(text: string): number | undefined {
  const number = Number(text);
  const exact = /^-?\d+$/.test(text) ? Number.isSafeInteger(number) : Number.isFinite(number);
  return exact ? number : undefined;
}

function structure(text: string): Json[] | { [key: string]: Json } | undefined {
  try {
    return JSON.parse(text) as Json[] | { [key: string]: Json };
  } catch {
    return undefined;
  }
}
