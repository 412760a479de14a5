import { MalformedResponseError } from '@tributary/contracts';

/**
 * JSON whose numbers can be written back to the digit. A whole number that a double cannot hold is a raw number: it is
 * sent again as it came, and shown as its digits.
 */
export interface RawNumber {
  readonly rawJSON: string;
}

/** Not in the compiler's library yet (ECMAScript proposal "JSON.parse source text access"). */
const exact = JSON as unknown as {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
  rawJSON(digits: string): RawNumber;
  isRawJSON(value: unknown): value is RawNumber;
};

export const isRawNumber = (value: unknown): value is RawNumber => exact.isRawJSON(value);

/** Throws `MalformedResponseError`, which repeats nothing of the text. */
export function parseDocuments(operation: string, text: string): unknown {
  try {
    return exact.parse(text, (key, value, { source }) => {
      // A trap for whoever copies members one by one; no application writes it.
      if (key === '__proto__') return undefined;
      const tooLong = typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source ?? '');
      return tooLong && source !== undefined ? exact.rawJSON(source) : value;
    });
  } catch (cause) {
    if (cause instanceof RangeError) throw new MalformedResponseError(`${operation}: the answer is nested too deeply`);
    throw new MalformedResponseError(`${operation}: expected JSON`, { cause });
  }
}
