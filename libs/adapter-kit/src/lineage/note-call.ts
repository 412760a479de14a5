import type { OutgoingRequest } from '../http/exchange.ts';
import { currentTrail } from './call-trail.ts';
import { redactedAddress } from './redacted-address.ts';
import { bytesDigest } from './via-of.ts';

/** Notes an answer for whoever keeps a trail of what is being read. A log-in brings nothing, and is not told. */
export function noteCall(
  { request, origin, path }: OutgoingRequest,
  answer: { status: number; bytes: Uint8Array; atMs: number; ms: number },
  hidden: readonly string[],
): void {
  const { status, bytes, atMs, ms } = answer;
  const trail = currentTrail();
  if (!trail || request.anonymous || status < 200 || status >= 300) return;
  trail.add({
    operation: request.operation.slice(0, 64),
    method: request.method,
    address: redactedAddress(`${origin}${path}`, [...hidden, ...(request.personal ?? [])]),
    status,
    at: new Date(atMs).toISOString(),
    ms: Math.max(0, Math.round(ms)),
    bytes: bytes.length,
    digest: bytesDigest(bytes),
  });
}
