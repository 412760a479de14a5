import { isUtf8 } from 'node:buffer';
import type { Fault } from '../parking/reasons.ts';

/**
 * Largest body that is looked into. Publishers of ours stay below 64 KiB; this leaves room for one large value, and
 * equals what a batch may hold.
 */
export const MAX_BODY_BYTES = 1_048_576;

export type ReadBody = { ok: true; json: unknown } | { ok: false; fault: Fault };

const refuse = (reason: Fault['reason'], problem: string): ReadBody => ({
  ok: false,
  fault: { reason, problems: [{ path: '', problem }] },
});

/** Bytes to JSON. Never throws. */
export function readBody(body: Buffer): ReadBody {
  if (body.length > MAX_BODY_BYTES) return refuse('oversize', `larger than ${MAX_BODY_BYTES} bytes`);
  if (!isUtf8(body)) return refuse('encoding', 'not UTF-8');
  try {
    return { ok: true, json: JSON.parse(body.toString('utf8')) };
  } catch {
    // The parser's own message quotes the body, which may hold anything.
    return refuse('json', 'not JSON');
  }
}
