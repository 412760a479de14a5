/** A vendor that asks for more is asked again after this long: 15 minutes. */
export const MAX_RETRY_AFTER_MS = 15 * 60_000;

/**
 * Reads `Retry-After`, given in seconds or as an HTTP date, as milliseconds from `nowMs`; capped, never negative.
 * A date is taken relative to the answer's own `Date` where there is one, so that clocks that differ do no harm.
 */
export function retryAfterMs(headers: Record<string, string>, nowMs: number): number | undefined {
  const text = headers['retry-after']?.trim();
  if (!text) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return cap(Number(text) * 1_000);
  const at = Date.parse(text);
  if (Number.isNaN(at)) return undefined;
  const vendorNow = Date.parse(headers.date ?? '');
  return cap(at - (Number.isNaN(vendorNow) ? nowMs : vendorNow));
}

const cap = (ms: number) => Math.round(Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS));
