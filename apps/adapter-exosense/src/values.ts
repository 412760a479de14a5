import { type PointValue, parseExactJson } from '@tributary/adapter-kit';
import { isPlatformError, type Json } from '@tributary/contracts';
import type { Datapoint } from './wire.ts';

type Value = PointValue['value'];

/**
 * A value by the signal's primitive type. Undefined where there is none of this type: a number that is not one, a truth
 * value that is neither.
 */
export function readValue(
  { value, valueString }: Pick<Datapoint, 'value' | 'valueString'>,
  primitiveType: string | undefined,
): Value | undefined {
  switch (primitiveType) {
    case 'NUMERIC':
      return readNumber(value) ?? readNumber(valueString);
    case 'BOOLEAN':
      return readTruth(valueString) ?? readTruth(value);
    case 'JSON':
      return readJson(textOf(valueString ?? value));
    case 'STRING':
      return textOf(valueString ?? value);
    default:
      return readNumber(value) ?? textOf(valueString ?? value);
  }
}

function readNumber(written: Datapoint['value']): number | undefined {
  if (typeof written === 'boolean' || written === null || written === undefined || written === '') return undefined;
  const number = Number(written);
  return Number.isFinite(number) ? number : undefined;
}

const truths: Readonly<Record<string, boolean>> = { true: true, false: false, '1': true, '0': false };

function readTruth(written: Datapoint['value']): boolean | undefined {
  const text = String(written ?? '').toLowerCase();
  return Object.hasOwn(truths, text) ? truths[text] : undefined;
}

/** Text that is no JSON is kept as text. */
function readJson(text: string | undefined): Value | undefined {
  if (text === undefined) return undefined;
  try {
    const json = parseExactJson('value', text) as Json;
    return json === null ? undefined : json;
  } catch (error) {
    if (isPlatformError(error)) return text;
    throw error;
  }
}

const textOf = (written: Datapoint['value']): string | undefined =>
  written === null || written === undefined ? undefined : String(written);
