import { deflateSync, gzipSync } from 'node:zlib';

/** How a file is written. `device` is what devices write today; the others are all to be met somewhere. */
export const OSF_VARIANTS = [
  'device',
  'specification',
  'zlib',
  'plain',
  'equidistant-with-rate',
  'equidistant-without-rate',
  'trailer',
  'truncated',
  'unknown-data-type',
  'osf5',
] as const;
export type OsfVariant = (typeof OSF_VARIANTS)[number];

export interface OsfSample {
  channel: string;
  /** Nanoseconds since 1970 UTC, as decimal text because it exceeds what a double can hold. */
  tsNs: string;
  value: number | boolean | string | { lat: number; lon: number; alt: number };
}

export interface OsfDescription {
  variant: OsfVariant;
  creator: string;
  tag: string;
  startMs: number;
  endMs: number;
  /** Samples per channel. */
  count: number;
  seed: number;
  /** Makes the file at least so large, with a channel of raw bytes. */
  padBytes?: number;
}

type DataType = 'double' | 'float' | 'int32' | 'bool' | 'gpslocation' | 'string' | 'binary' | 'mystery';

interface Channel {
  index: number;
  name: string;
  datatype: DataType;
  unit: string;
  timeIncrementNs?: number;
  valueAt(n: number): OsfSample['value'];
}

const SINGLE = 0;
const MANY = 0x80;
const MESSAGE_EVENT = 4;
const START_DATA = 6;
const CONTINUED_DATA = 5;
const ABSOLUTE_STAMPS = 8;

const wave = (n: number, seed: number, scale: number): number =>
  Math.round((Math.sin((n + seed) / 7) * scale + scale) * 100) / 100;

function channelsOf(description: OsfDescription): Channel[] {
  const { variant, seed, startMs, endMs, count } = description;
  const equidistant = variant.startsWith('equidistant');
  const incrementNs = Math.round(((endMs - startMs) * 1_000_000) / count);
  const timeIncrement = equidistant ? { timeIncrementNs: incrementNs } : {};
  const channels: Channel[] = [
    {
      index: 0,
      name: 'Motor.Drehzahl',
      datatype: 'double',
      unit: '1/min',
      ...timeIncrement,
      valueAt: (n) => wave(n, seed, 1500),
    },
    {
      index: 1,
      name: 'Motor.Temperatur',
      datatype: 'float',
      unit: '°C',
      valueAt: (n) => Math.fround(wave(n, seed, 60)),
    },
    { index: 2, name: 'Tür.Zyklen', datatype: 'int32', unit: '', valueAt: (n) => seed * 1000 + n },
    { index: 3, name: 'Tür.offen', datatype: 'bool', unit: '', valueAt: (n) => (n + seed) % 5 === 0 },
    {
      index: 4,
      name: 'GPS.Location',
      datatype: 'gpslocation',
      unit: '',
      valueAt: (n) => ({ lat: 50.1 + n / 10_000, lon: 8.6 + seed / 1000, alt: 110 }),
    },
    {
      index: 5,
      name: 'Meldung',
      datatype: 'string',
      unit: '',
      valueAt: (n) => (n % 2 === 0 ? 'läuft' : 'Störung 停止'),
    },
  ];
  if (variant === 'unknown-data-type') {
    channels.push({ index: 6, name: 'Rätsel', datatype: 'mystery', unit: '', valueAt: () => 0 });
  }
  if (description.padBytes) {
    channels.push({ index: 7, name: 'Kamera', datatype: 'binary', unit: '', valueAt: () => '' });
  }
  return channels;
}

/** What a reader should find in the file, channel by channel. The cut-off rest of a truncated file is not among it. */
export function osfSamples(description: OsfDescription): OsfSample[] {
  const samples: OsfSample[] = [];
  for (const channel of channelsOf(description)) {
    if (channel.datatype === 'mystery' || channel.datatype === 'binary') continue;
    const lost = description.variant === 'truncated' && channel.datatype === 'string' ? 1 : 0;
    for (let n = 0; n < countOf(channel, description) - lost; n++) {
      samples.push({ channel: channel.name, tsNs: String(timeOf(channel, description, n)), value: channel.valueAt(n) });
    }
  }
  return samples;
}

/** The bytes as they lie on the device or on the server, compressed or not. */
export function writeOsf(description: OsfDescription): Buffer {
  const body = [...blocks(description), ...padding(description)];
  const raw = Buffer.concat([header(description), ...body, ...trailer(description)]);
  const whole = description.variant === 'truncated' ? raw.subarray(0, raw.length - 5) : raw;
  if (description.variant === 'plain') return whole;
  if (description.variant === 'zlib') return deflateSync(whole);
  return gzipSync(whole, description.padBytes ? { level: 0 } : {});
}

const countOf = (channel: Channel, { count }: OsfDescription): number =>
  channel.datatype === 'string' ? Math.min(4, count) : count;

function timeOf(channel: Channel, { startMs, endMs, count }: OsfDescription, n: number): bigint {
  const stepNs = channel.timeIncrementNs ?? Math.round(((endMs - startMs) * 1_000_000) / count);
  // Odd nanoseconds, so that nobody gets away with milliseconds.
  return BigInt(startMs) * 1_000_000n + BigInt(channel.timeIncrementNs ? 0 : 137) + BigInt(n) * BigInt(stepNs);
}

function header(description: OsfDescription): Buffer {
  const identifier = { specification: 'OSF4', osf5: 'OSF5' }[description.variant as string] ?? 'OCEAN_STREAM_FORMAT4';
  const meta = Buffer.from(description.variant === 'osf5' ? jsonMeta(description) : xmlMeta(description));
  return Buffer.concat([Buffer.from(`${identifier} ${meta.length}\n`, 'ascii'), meta]);
}

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

function xmlMeta(description: OsfDescription): string {
  // Quirk: the specification calls the root "osf", devices in the field call it "optimeas".
  const root = description.variant === 'specification' ? 'osf' : 'optimeas';
  const channels = channelsOf(description).map(
    (channel) =>
      `<channel index="${channel.index}" name="${escapeXml(channel.name)}" channeltype="scalar" datatype="${channel.datatype}"` +
      `${channel.timeIncrementNs ? ` timeincrement="${channel.timeIncrementNs}"` : ''} physicalunit="${escapeXml(channel.unit)}"` +
      ` sizeoflengthvalue="${lengthSize(channel)}"/>`,
  );
  const created = new Date(description.startMs).toISOString();
  return (
    `<?xml version="1.0" encoding="UTF-8"?><${root} version="4" created_utc="${created}" creator="${escapeXml(description.creator)}"` +
    ` reason="SEQUENCE" namespacesep="." tag="${escapeXml(description.tag)}"><channels count="${channels.length}">${channels.join('')}</channels>` +
    `<infos><info name="firmware" value="5.4.1" datatype="string"/></infos></${root}>`
  );
}

function jsonMeta(description: OsfDescription): string {
  const channels = channelsOf(description).map((channel) => ({
    index: channel.index,
    name: channel.name,
    channeltype: 'scalar',
    datatype: channel.datatype,
    physicalunit: channel.unit,
    sizeoflengthvalue: lengthSize(channel),
  }));
  const osf = {
    version: 5,
    created_utc: new Date(description.startMs).toISOString(),
    creator: description.creator,
    tag: description.tag,
  };
  return JSON.stringify({ osf: { ...osf, channels, infos: [] } });
}

function blocks(description: OsfDescription): Buffer[] {
  return channelsOf(description).flatMap((channel) => {
    if (channel.datatype === 'binary') return [];
    if (channel.datatype === 'string') return stringBlocks(channel, description);
    if (channel.timeIncrementNs) return equidistantBlocks(channel, description);
    return stampedBlocks(channel, description);
  });
}

/** Device files hold single samples and runs of samples side by side. */
function stampedBlocks(channel: Channel, description: OsfDescription): Buffer[] {
  const count = countOf(channel, description);
  const result = [block(channel, ABSOLUTE_STAMPS | SINGLE, stamped(channel, description, 0))];
  for (let from = 1; from < count; from += 500) {
    const run = Array.from({ length: Math.min(500, count - from) }, (_, i) => stamped(channel, description, from + i));
    result.push(block(channel, ABSOLUTE_STAMPS | MANY, Buffer.concat([uint32(run.length), ...run])));
  }
  return result;
}

function stamped(channel: Channel, description: OsfDescription, n: number): Buffer {
  return Buffer.concat([int64(timeOf(channel, description, n)), encode(channel, channel.valueAt(n))]);
}

function equidistantBlocks(channel: Channel, description: OsfDescription): Buffer[] {
  const count = countOf(channel, description);
  const half = Math.ceil(count / 2);
  const values = (from: number, to: number) =>
    Buffer.concat(Array.from({ length: to - from }, (_, i) => encode(channel, channel.valueAt(from + i))));
  const rate = description.variant === 'equidistant-with-rate' ? [double(1e9 / (channel.timeIncrementNs ?? 1))] : [];
  const start = Buffer.concat([int64(timeOf(channel, description, 0)), ...rate, uint32(half), values(0, half)]);
  const rest = Buffer.concat([uint32(count - half), values(half, count)]);
  return [block(channel, START_DATA | MANY, start), block(channel, CONTINUED_DATA | MANY, rest)];
}

/** OSF4: message events. OSF5: absolute stamps, the value being the rest of the block. */
function stringBlocks(channel: Channel, description: OsfDescription): Buffer[] {
  return Array.from({ length: countOf(channel, description) }, (_, n) => {
    const time = int64(timeOf(channel, description, n));
    const text = Buffer.from(String(channel.valueAt(n)));
    if (description.variant === 'osf5') return block(channel, ABSOLUTE_STAMPS, Buffer.concat([time, text]));
    if (description.variant === 'specification') {
      // Quirk: here the specification's terminating NUL is present; device files lack it.
      return block(channel, ABSOLUTE_STAMPS, Buffer.concat([time, text, Buffer.of(0)]));
    }
    return block(channel, MESSAGE_EVENT, Buffer.concat([time, uint32(text.length), text]));
  });
}

function block(channel: Channel, control: number, content: Buffer): Buffer {
  const length = content.length + 1;
  const size = lengthSize(channel) === 4 ? uint32(length) : uint16(length);
  return Buffer.concat([uint16(channel.index), size, Buffer.of(control), content]);
}

const PADDING = 256 * 1024;

/** Raw bytes of a camera, say; each block different, none compressible. */
function padding(description: OsfDescription): Buffer[] {
  const channel = channelsOf(description).find((one) => one.datatype === 'binary');
  const count = Math.ceil((description.padBytes ?? 0) / PADDING);
  if (!channel) return [];
  return Array.from({ length: count }, (_, n) => {
    const noise = Buffer.alloc(PADDING);
    for (let i = 0; i < PADDING; i += 4) noise.writeUInt32LE(Math.imul(i + n * PADDING + 1, 0x9e3779b1) >>> 0, i);
    const time = int64(BigInt(description.startMs) * 1_000_000n + BigInt(n));
    return block(channel, ABSOLUTE_STAMPS | SINGLE, Buffer.concat([time, noise, Buffer.of(0)]));
  });
}

const lengthSize = (channel: Channel): 2 | 4 =>
  channel.datatype === 'string' || channel.datatype === 'binary' ? 4 : 2;

function trailer(description: OsfDescription): Buffer[] {
  if (description.variant !== 'trailer') return [];
  const xml = Buffer.from(
    `<trailer finalized_utc="${new Date(description.endMs).toISOString()}" reason="SEQUENCE"><channels/></trailer>`,
  );
  const info = Buffer.concat([uint16(0xffff), uint32(xml.length + 1), Buffer.of(0), xml]);
  const magic = `OSF_STREAM_END ${info.length}`.padEnd(40, '=');
  return [info, Buffer.from(magic, 'ascii')];
}

function encode(channel: Channel, value: OsfSample['value']): Buffer {
  switch (channel.datatype) {
    case 'double':
      return double(Number(value));
    case 'float': {
      const buffer = Buffer.alloc(4);
      buffer.writeFloatLE(Number(value));
      return buffer;
    }
    case 'int32': {
      const buffer = Buffer.alloc(4);
      buffer.writeInt32LE(Number(value));
      return buffer;
    }
    case 'bool':
      return Buffer.of(value ? 1 : 0);
    case 'gpslocation': {
      const at = value as { lat: number; lon: number; alt: number };
      return Buffer.concat([double(at.lat), double(at.lon), double(at.alt)]);
    }
    default:
      return Buffer.alloc(12, 0x5a);
  }
}

function uint16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeUInt16LE(value);
  return buffer;
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}

function int64(value: bigint): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64LE(value);
  return buffer;
}

function double(value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeDoubleLE(value);
  return buffer;
}
