import { crc32c } from '../../src/osf/crc32c.ts';

/** Bytes of measurement files for tests: small, written by hand from the format's description. */

export const u8 = (n: number) => Buffer.from([n]);
export const u16 = (n: number) => sized(2, (b) => b.writeUInt16LE(n));
export const u32 = (n: number) => sized(4, (b) => b.writeUInt32LE(n));
export const i64 = (n: bigint) => sized(8, (b) => b.writeBigInt64LE(n));
export const u64 = (n: bigint) => sized(8, (b) => b.writeBigUInt64LE(n));
export const f32 = (n: number) => sized(4, (b) => b.writeFloatLE(n));
export const f64 = (n: number) => sized(8, (b) => b.writeDoubleLE(n));

export interface ChannelText {
  index: number;
  name: string;
  datatype: string;
  [attribute: string]: string | number;
}

export function header(channels: readonly ChannelText[], line = 'OSF4', root = 'osf'): Buffer {
  const list = channels.map((channel) => `<channel ${attributes(channel)}/>`).join('');
  const xml = Buffer.from(`<?xml version="1.0"?><${root} version="4"><channels>${list}</channels><infos/></${root}>`);
  return Buffer.concat([Buffer.from(`${line} ${xml.length}\n`), xml]);
}

export function jsonHeader(channels: readonly ChannelText[], tokens = ''): Buffer {
  const json = Buffer.from(JSON.stringify({ osf: { version: 5, channels, infos: [] } }));
  return Buffer.concat([Buffer.from(`OSF5 ${json.length}${tokens}\n`), json]);
}

export interface BlockOptions {
  lengthBytes?: 2 | 4;
  checksum?: boolean;
}

/** Index, length, control, content and where asked for a checksum, which the length counts in. */
export function block(index: number, control: number, content: readonly Buffer[], options: BlockOptions = {}): Buffer {
  const body = Buffer.concat([u8(control), ...content]);
  const length = body.length + (options.checksum ? 4 : 0);
  const head = Buffer.concat([u16(index), options.lengthBytes === 4 ? u32(length) : u16(length)]);
  return Buffer.concat([head, body, ...(options.checksum ? [u32(crc32c(head, body))] : [])]);
}

const attributes = (channel: ChannelText) =>
  Object.entries(channel)
    .map(([name, value]) => `${name}="${value}"`)
    .join(' ');

function sized(bytes: number, write: (into: Buffer) => void): Buffer {
  const buffer = Buffer.alloc(bytes);
  write(buffer);
  return buffer;
}
