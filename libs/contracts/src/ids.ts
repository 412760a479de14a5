import { createHash } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
/** 26 characters hold 128 bits. */
const ID_LENGTH = 26;

/** RFC 4648 base32, lower case, without padding. */
export function base32(bytes: Uint8Array): string {
  let text = '';
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(buffer >> bits) & 31];
    }
    buffer &= (1 << bits) - 1;
  }
  return bits > 0 ? text + ALPHABET[(buffer << (5 - bits)) & 31] : text;
}

/** The parts are length-prefixed, so that no two different lists of parts give one id. */
function derive(prefix: string, parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:${part};`);
  return `${prefix}_${base32(hash.digest().subarray(0, 16)).slice(0, ID_LENGTH)}`;
}

/** Any process computes the same id for the same device, so a second discovery never makes a twin. */
export const deviceId = (connectionId: string, nativeId: string): string => derive('dev', [connectionId, nativeId]);
export const spaceId = (connectionId: string, nativeId: string): string => derive('spc', [connectionId, nativeId]);
/** A file is known by its device and its full name. */
export const fileId = (connectionId: string, deviceNativeId: string, name: string): string =>
  derive('fil', [connectionId, deviceNativeId, name]);
/** A record is known by its type and the platform's id of it. */
export const entityId = (connectionId: string, type: string, nativeId: string): string =>
  derive('ent', [connectionId, type, nativeId]);

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
