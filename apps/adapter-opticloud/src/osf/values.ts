import type { OsfChannel, OsfValue } from './channel.ts';

interface Layout {
  bytes: number;
  read(from: Buffer, at: number): OsfValue;
}

/** A whole number that a double cannot hold is kept as its digits. */
const whole = (value: bigint): OsfValue =>
  value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value.toString();

const layouts: Readonly<Record<string, Layout>> = {
  bool: { bytes: 1, read: (from, at) => from.readUInt8(at) !== 0 },
  int8: { bytes: 1, read: (from, at) => from.readInt8(at) },
  uint8: { bytes: 1, read: (from, at) => from.readUInt8(at) },
  int16: { bytes: 2, read: (from, at) => from.readInt16LE(at) },
  uint16: { bytes: 2, read: (from, at) => from.readUInt16LE(at) },
  int32: { bytes: 4, read: (from, at) => from.readInt32LE(at) },
  uint32: { bytes: 4, read: (from, at) => from.readUInt32LE(at) },
  int64: { bytes: 8, read: (from, at) => whole(from.readBigInt64LE(at)) },
  uint64: { bytes: 8, read: (from, at) => whole(from.readBigUInt64LE(at)) },
  float: { bytes: 4, read: (from, at) => from.readFloatLE(at) },
  double: { bytes: 8, read: (from, at) => from.readDoubleLE(at) },
  // Latitude comes first, whatever an older text says.
  gpslocation: {
    bytes: 24,
    read: (from, at) => ({
      lat: from.readDoubleLE(at),
      lon: from.readDoubleLE(at + 8),
      alt: from.readDoubleLE(at + 16),
    }),
  },
};

/** Bytes of one sample of fixed length; undefined for text and for what this reader does not know. */
export const sizeOf = ({ dataType }: OsfChannel): number | undefined =>
  Object.hasOwn(layouts, dataType) ? layouts[dataType]?.bytes : undefined;

/** Reads one sample of fixed length, scaled where the channel says so. */
export function readValue({ dataType, scale, offset }: OsfChannel, from: Buffer, at: number): OsfValue {
  const layout = layouts[dataType];
  if (!layout) throw new RangeError('a data type without a layout');
  const raw = layout.read(from, at);
  const scaled = scale !== 1 || offset !== 0;
  return scaled && typeof raw !== 'object' && typeof raw !== 'boolean' ? scale * Number(raw) + offset : raw;
}
