/** Last millisecond that RFC 3339 can write. */
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
/** Larger numbers of seconds lie beyond the year 5000, smaller numbers of milliseconds in 1973. */
const SECONDS_END = 1e11;
const MILLISECONDS_END = 1e14;
const ZONE = /(?:[zZ]|[+-]\d{2}:?\d{2})$/;

/**
 * Milliseconds since 1970 UTC of a time as the platform writes it: ISO text, or a number of seconds, milliseconds or
 * microseconds, also as text. Undefined for anything else. Parts of a millisecond are cut off.
 */
export function readTime(written: string | number | null | undefined): number | undefined {
  if (written === null || written === undefined || written === '') return undefined;
  const number = Number(written);
  const ms = Number.isNaN(number) ? readText(String(written)) : readNumber(number);
  return ms >= 0 && ms <= LAST_MS ? ms : undefined;
}

function readNumber(number: number): number {
  if (number < SECONDS_END) return Math.floor(number * 1_000);
  return Math.floor(number < MILLISECONDS_END ? number : number / 1_000);
}

/** The platform keeps UTC: a text that names no zone is of it. */
function readText(text: string): number {
  const trimmed = text.trim();
  if (!/^\d{4}-\d{2}-\d{2}/.test(trimmed)) return Number.NaN;
  return Date.parse(/[T ]\d{2}:/.test(trimmed) && !ZONE.test(trimmed) ? `${trimmed.replace(' ', 'T')}Z` : trimmed);
}
