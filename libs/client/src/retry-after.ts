/**
 * Milliseconds that `Retry-After` asks to wait (RFC 9110 section 10.2.3): seconds, or a date, which is held against the
 * answer's own `Date` where it has one, because clocks differ. Undefined where there is none that can be read.
 */
export function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const text = headers.get('retry-after')?.trim();
  if (!text) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1_000);
  const until = Date.parse(text);
  if (Number.isNaN(until)) return undefined;
  const answeredAt = Date.parse(headers.get('date') ?? '');
  return Math.max(0, until - (Number.isNaN(answeredAt) ? nowMs : answeredAt));
}
