import { parseExactJson } from '@tributary/adapter-kit';
import { isPlatformError } from '@tributary/contracts';

/** Larger than what the vendor's broker lets through. */
const MOST_BYTES = 256 * 1024;
/** So many digits that a number may not hold them. */
const MANY_DIGITS = /\d{16}/;

/** JSON of a message, every digit kept; undefined for what is none. */
export function readPayload(payload: Uint8Array): unknown {
  if (payload.length > MOST_BYTES) return undefined;
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8');
  try {
    // Reading digit by digit costs ten times as much.
    return MANY_DIGITS.test(text) ? parseExactJson('OCHNO-10', text) : JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError || isPlatformError(error)) return undefined;
    throw error;
  }
}
