import { createHash } from 'node:crypto';
import type { Json } from '@tributary/contracts';
import { canonical } from '../../digest.ts';

/** Short text that stands for a value: the value itself where that is shorter than a digest. */
export function fingerprint(value: Json | undefined): string {
  const text = canonical(value);
  return text.length <= 27 ? text : createHash('sha256').update(text).digest('base64url').slice(0, 27);
}

/**
 * An event id that is the same whenever it is computed from the same parts: a UUIDv7 whose time is the event's own
 * (milliseconds since 1970) and whose other bits are a digest. What is read twice is published under one id.
 */
export function derivedEventId(tsMs: number, ...parts: string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:${part};`);
  const bytes = hash.digest().subarray(0, 16);
  bytes.writeUIntBE(Math.min(Math.max(0, Math.floor(tsMs)), 2 ** 48 - 1), 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
