import { createHash } from 'node:crypto';
import { MAX_VIA, type Via, type ViaMessage } from '@tributary/contracts';
import type { DataSource } from './data-source.ts';
import { redactedTopic } from './redacted-address.ts';

/** What maps, as it was built. */
export interface AdapterBuild {
  /** Name, version and digest of the whole. */
  adapter: string;
  /** Digest of what maps. */
  mapping?: string;
}

/** The first 96 bits of SHA-256, 16 characters of base64url. */
export const bytesDigest = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('base64url').slice(0, 16);

/** What an event says of where it comes from: bounded, whatever the number of its sources. Undefined if nothing is known. */
export function viaOf(sources: Iterable<DataSource>, build: AdapterBuild | undefined): Via | undefined {
  const distinct = [...new Set(sources)];
  const calls = distinct.flatMap((source) => source.calls ?? []);
  const pushed = distinct.flatMap((source) => source.message ?? []);
  const kept = { calls: calls.slice(-MAX_VIA), messages: pushed.slice(-MAX_VIA).map(viaMessage) };
  const untold = distinct.reduce((sum, source) => sum + (source.more ?? 0), 0);
  const more = untold + calls.length - kept.calls.length + pushed.length - kept.messages.length;
  const via: Via = {
    ...build,
    ...(kept.calls.length > 0 ? { calls: kept.calls } : {}),
    ...(kept.messages.length > 0 ? { messages: kept.messages } : {}),
    ...(more > 0 ? { more } : {}),
  };
  return Object.keys(via).length > 0 ? via : undefined;
}

function viaMessage({ topic, payload, qos, dup, receivedAtMs }: NonNullable<DataSource['message']>): ViaMessage {
  return {
    topic: redactedTopic(topic),
    ...(qos === undefined ? {} : { qos }),
    at: new Date(receivedAtMs).toISOString(),
    bytes: payload.length,
    digest: bytesDigest(payload),
    ...(dup ? { again: true } : {}),
  };
}
