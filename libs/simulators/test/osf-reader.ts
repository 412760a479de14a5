import { gunzipSync, inflateSync } from 'node:zlib';
import { XMLParser } from 'fast-xml-parser';
import type { OsfSample } from '../src/opticloud/osf-writer.ts';
import { dig } from './opticloud-caller.ts';

interface Channel {
  name: string;
  datatype: string;
  lengthBytes: number;
  stepNs: bigint;
  /** Where the next equidistant sample stands. */
  nextNs: bigint;
}

const SIZES: Record<string, number> = { double: 8, float: 4, int32: 4, bool: 1, gpslocation: 24 };

export interface ReadOsf {
  identifier: string;
  root: string;
  samples: OsfSample[];
}

/** A reader written from the file format alone, to hold against the writer. */
export function readOsf(file: Buffer): ReadOsf {
  const bytes = decompressed(file);
  const lineEnd = bytes.indexOf(0x0a);
  const [identifier = '', length] = bytes.subarray(0, lineEnd).toString('ascii').split(' ');
  const meta = bytes.subarray(lineEnd + 1, lineEnd + 1 + Number(length)).toString('utf8');
  const { root, channels } = meta.startsWith('{') ? fromJson(meta) : fromXml(meta);
  const samples: OsfSample[] = [];
  let at = lineEnd + 1 + Number(length);
  while (at + 2 <= bytes.length) {
    const index = bytes.readUInt16LE(at);
    if (index === 0xffff) break;
    const channel = channels.get(index);
    if (!channel) throw new Error(`no channel ${index}`);
    const size = channel.lengthBytes === 4 ? bytes.readUInt32LE(at + 2) : bytes.readUInt16LE(at + 2);
    const start = at + 2 + channel.lengthBytes;
    if (start + size > bytes.length) break;
    samples.push(...decode(channel, bytes.subarray(start, start + size), identifier));
    at = start + size;
  }
  return { identifier, root, samples };
}

function decompressed(file: Buffer): Buffer {
  if (file[0] === 0x1f && file[1] === 0x8b) return gunzipSync(file);
  return file[0] === 0x78 ? inflateSync(file) : file;
}

function fromXml(text: string): { root: string; channels: Map<number, Channel> } {
  const document = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '' }).parse(text) as object;
  const root = Object.keys(document).find((name) => name !== '?xml') ?? '';
  const rows = dig(document, root, 'channels', 'channel') as Array<Record<string, string>>;
  return { root, channels: new Map(rows.map((row) => [Number(row.index), channelOf(row)])) };
}

function fromJson(text: string): { root: string; channels: Map<number, Channel> } {
  const rows = dig(JSON.parse(text), 'osf', 'channels') as Array<Record<string, string>>;
  return { root: 'osf', channels: new Map(rows.map((row) => [Number(row.index), channelOf(row)])) };
}

const channelOf = (row: Record<string, string>): Channel => ({
  name: row.name ?? '',
  datatype: row.datatype ?? '',
  lengthBytes: Number(row.sizeoflengthvalue ?? 2),
  stepNs: BigInt(row.timeincrement ?? 0),
  nextNs: 0n,
});

function decode(channel: Channel, block: Buffer, identifier: string): OsfSample[] {
  const type = (block[0] ?? 0) & 0x7f;
  const many = ((block[0] ?? 0) & 0x80) !== 0;
  const sample = (tsNs: bigint, value: OsfSample['value']) => ({ channel: channel.name, tsNs: String(tsNs), value });
  if (type === 4) {
    const length = block.readUInt32LE(9);
    return [sample(block.readBigInt64LE(1), block.subarray(13, 13 + length).toString('utf8'))];
  }
  if (channel.datatype === 'string') {
    const text = block.subarray(9, identifier === 'OSF5' ? undefined : block.length - 1);
    return [sample(block.readBigInt64LE(1), text.toString('utf8'))];
  }
  const size = SIZES[channel.datatype];
  if (size === undefined) return [];
  if (type === 8) return absolute(channel, block, many, size, sample);
  return equidistant(channel, block, type, size, sample);
}

type MakeSample = (tsNs: bigint, value: OsfSample['value']) => OsfSample;

function absolute(channel: Channel, block: Buffer, many: boolean, size: number, sample: MakeSample): OsfSample[] {
  const first = many ? 5 : 1;
  const count = many ? block.readUInt32LE(1) : 1;
  if (block.length !== first + count * (8 + size)) throw new Error('block length does not fit its count');
  return Array.from({ length: count }, (_, n) => {
    const at = first + n * (8 + size);
    return sample(block.readBigInt64LE(at), valueAt(channel, block, at + 8));
  });
}

function equidistant(channel: Channel, block: Buffer, type: number, size: number, sample: MakeSample): OsfSample[] {
  let at = 1;
  if (type === 6) {
    channel.nextNs = block.readBigInt64LE(1);
    at = 9;
    // With a sample rate in front of the count, the lengths add up in another way.
    const hasRate = block.length > 21 && block.length === 21 + block.readUInt32LE(17) * size;
    if (hasRate) channel.stepNs = BigInt(Math.round(1e9 / block.readDoubleLE(9)));
    if (hasRate) at = 17;
  }
  const count = block.readUInt32LE(at);
  return Array.from({ length: count }, (_, n) => {
    const tsNs = channel.nextNs;
    channel.nextNs += channel.stepNs;
    return sample(tsNs, valueAt(channel, block, at + 4 + n * size));
  });
}

function valueAt(channel: Channel, block: Buffer, at: number): OsfSample['value'] {
  switch (channel.datatype) {
    case 'double':
      return block.readDoubleLE(at);
    case 'float':
      return block.readFloatLE(at);
    case 'int32':
      return block.readInt32LE(at);
    case 'bool':
      return block[at] === 1;
    default:
      return { lat: block.readDoubleLE(at), lon: block.readDoubleLE(at + 8), alt: block.readDoubleLE(at + 16) };
  }
}
