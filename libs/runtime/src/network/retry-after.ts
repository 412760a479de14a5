/** Whoever asks for more is asked again after this long: 15 minutes. */
const MAX_RETRY_AFTER_MS = 15 * 60_000;

/**
 * Reads `Retry-After`, given in seconds or as an HTTP date, as milliseconds from `nowMs`; at most `maxMs`, never negative.
 * A date is taken relative to the answer's own `Date` where there is one, so that clocks that differ do no harm.
 */
export function retryAfterMs(
  headers: Record<string, string>,
  nowMs: number,
  maxMs = MAX_RETRY_AFTER_MS,
): number | undefined {
  const text = headers['retry-after']?.trim();
  if (!text) return undefined;
  const within = (ms: number) => Math.round(Math.min(Math.max(ms, 0), maxMs));
  if (/^\d+(\.\d+)?$/.test(text)) return within(Number(text) * 1_000);
  const at = Date.parse(text);
  if (Number.isNaN(at)) return undefined;
  const theirNow = Date.parse(headers.date ?? '');
  return within(at - (Number.isNaN(theirNow) ? nowMs : theirNow));
}
