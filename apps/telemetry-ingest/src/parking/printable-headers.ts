const MAX_DEPTH = 4;
const MAX_TEXT = 2_000;
const MAX_MEMBERS = 100;

/** Headers in a form that any JSON column takes: no bytes, no NUL, no lone surrogates, and not without end. */
export function printableHeaders(headers: Record<string, unknown>): Record<string, unknown> {
  return printable(headers, 0) as Record<string, unknown>;
}

function printable(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return value.slice(0, MAX_TEXT).toWellFormed().replaceAll('\0', '\ufffd');
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return String(value);
  if (Buffer.isBuffer(value)) return printable(value.toString('utf8'), depth);
  if (typeof value !== 'object' || value === null) return value ?? null;
  if (depth >= MAX_DEPTH) return '…';
  if (Array.isArray(value)) return value.slice(0, MAX_MEMBERS).map((member) => printable(member, depth + 1));
  const entries = Object.entries(value).slice(0, MAX_MEMBERS);
  return Object.fromEntries(entries.map(([key, member]) => [printable(key, depth), printable(member, depth + 1)]));
}
