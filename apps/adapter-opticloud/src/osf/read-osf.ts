import { ByteSource } from './byte-source.ts';
import type { OsfChannel, OsfSample } from './channel.ts';
import { crc32c } from './crc32c.ts';
import { type ChannelState, decodeBlock } from './decode-block.ts';
import { type MagicLine, readMagicLine } from './magic-line.ts';
import { readMetablock } from './metablock.ts';
import { sizeOf } from './values.ts';

/** What went by without becoming a sample. */
export interface OsfReport {
  truncated: boolean;
  /** Blocks that contradict themselves, fail their checksum or belong to no channel. */
  skippedBlocks: number;
  /** Names of channels of a kind that this reader does not know. */
  unreadChannels: string[];
  /** Channels whose description does not fit. */
  unfitChannels: number;
}

const MAX_LINE_BYTES = 256;
const INFO_INDEX = 0xffff;
const SIGNATURE_INDEX = 0xfffe;
const TRAILER = Buffer.from('OSF_STREAM_END', 'latin1');
/** A length beyond this is damage, not data. */
const MAX_BLOCK_BYTES = 64 * 1024 * 1024;

/**
 * Decodes a measurement file, unpacked, as its bytes come: samples block by block, in the order of the file. A file
 * that was cut off gives all that is whole, without an error. Throws `MalformedResponseError` for what is no
 * measurement file of version 4 or 5. `report` is filled in on the way.
 */
export async function* readOsf(
  bytes: AsyncIterable<Uint8Array>,
  report: OsfReport = newReport(),
): AsyncGenerator<OsfSample[], void, undefined> {
  const source = new ByteSource(bytes);
  try {
    const magic = readMagicLine(await source.line(MAX_LINE_BYTES));
    if (!(await source.fill(magic.metablockBytes))) {
      report.truncated = true;
      return;
    }
    const { channels, unfit } = readMetablock(source.take(magic.metablockBytes).toString('utf8'));
    report.unfitChannels = unfit;
    report.unreadChannels = [...channels.values()].filter((channel) => !isReadable(channel)).map(({ name }) => name);
    yield* readBlocks(source, { magic, channels, report });
  } finally {
    await source.close();
  }
}

export const newReport = (): OsfReport => ({
  truncated: false,
  skippedBlocks: 0,
  unreadChannels: [],
  unfitChannels: 0,
});

const isReadable = (channel: OsfChannel): boolean =>
  channel.kind === 'scalar' && (channel.dataType === 'string' || sizeOf(channel) !== undefined);

interface Reading {
  magic: MagicLine;
  channels: Map<number, OsfChannel>;
  report: OsfReport;
}

async function* readBlocks(source: ByteSource, reading: Reading): AsyncGenerator<OsfSample[], void, undefined> {
  const { channels, report } = reading;
  const states = new Map<number, ChannelState>([...channels].map(([index, channel]) => [index, { channel }]));
  while (await source.fill(1)) {
    if ((await source.fill(TRAILER.length)) && source.peek(TRAILER.length).equals(TRAILER)) return;
    const block = await nextBlock(source, reading);
    if (block === 'end') return;
    const state = states.get(block.index);
    const samples = state ? decoded(state, block, reading) : skipped(block, report);
    if (samples.length > 0) yield samples;
    if (report.truncated) return;
  }
}

interface RawBlock {
  index: number;
  /** Index and length as they stood in the file: the checksum covers them. */
  head: Buffer;
  body: Buffer;
  declaredBytes: number;
}

async function nextBlock(source: ByteSource, { channels, report }: Reading): Promise<RawBlock | 'end'> {
  if (!(await source.fill(2))) return cutOff(report);
  const index = source.peek(2).readUInt16LE(0);
  const lengthBytes = index >= SIGNATURE_INDEX ? 4 : (channels.get(index)?.lengthBytes ?? 2);
  if (!(await source.fill(2 + lengthBytes))) return cutOff(report);
  const head = Buffer.from(source.take(2 + lengthBytes));
  const declaredBytes = head.readUIntLE(2, lengthBytes);
  if (declaredBytes > MAX_BLOCK_BYTES) return cutOff(report);
  report.truncated = !(await source.fill(declaredBytes));
  return { index, head, body: source.take(declaredBytes), declaredBytes };
}

function cutOff(report: OsfReport): 'end' {
  report.truncated = true;
  return 'end';
}

const CHECKSUM_BYTES = 4;

/** A block that cannot be read is passed over; equidistant data then waits for its next start. */
function decoded(
  state: ChannelState,
  { head, body, declaredBytes }: RawBlock,
  { magic, report }: Reading,
): OsfSample[] {
  const end = magic.checksums ? CHECKSUM_BYTES : 0;
  try {
    if (body.length === 0) throw new RangeError('an empty block');
    if (magic.checksums && !isIntact(head, body, report)) throw new RangeError('a wrong checksum');
    const content = magic.checksums ? body.subarray(1, body.length - end) : body.subarray(1);
    return decodeBlock(state, {
      version: magic.version,
      control: body.readUInt8(0),
      content,
      declaredBytes: declaredBytes - 1 - end,
    });
  } catch (error) {
    if (!isOutOfRange(error)) throw error;
    delete state.equidistant;
    if (!report.truncated) report.skippedBlocks++;
    return [];
  }
}

/** Ours, and those of a buffer that is read beyond its end. */
const isOutOfRange = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'name' in error && error.name === 'RangeError';

/** What was cut off has lost its checksum, and is not to be trusted without. */
function isIntact(head: Buffer, body: Buffer, report: OsfReport): boolean {
  if (report.truncated || body.length < CHECKSUM_BYTES + 1) return false;
  const covered = body.subarray(0, body.length - CHECKSUM_BYTES);
  return crc32c(head, covered) === body.readUInt32LE(covered.length);
}

/** Information and signature blocks are no loss; a block of an unknown channel is counted. */
function skipped({ index }: RawBlock, report: OsfReport): OsfSample[] {
  if (index !== INFO_INDEX && index !== SIGNATURE_INDEX && !report.truncated) report.skippedBlocks++;
  return [];
}
