import { MalformedResponseError } from '@tributary/contracts';

type ExactReviver = (key: string, value: unknown, context: { source?: string }) => unknown;

/** A whole number that a double cannot hold is kept as its digits; everything else is as JSON has it. */
const keepDigits: ExactReviver = (_key, value, { source }) =>
  typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined && /^-?\d+$/.test(source)
    ? source
    : value;

/** `JSON.parse` that loses no digit. Throws `MalformedResponseError`, which repeats nothing of the text. */
export function parseExactJson(operation: string, text: string): unknown {
  try {
    return JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown);
  } catch (cause) {
    throw new MalformedResponseError(`${operation}: expected JSON`, { cause });
  }
}
