import { isText, type OsfChannel, type OsfSample } from './channel.ts';
import { readValue, sizeOf } from './values.ts';

/** What a channel's next block may follow on from. */
export interface ChannelState {
  channel: OsfChannel;
  lastNs?: bigint;
  equidistant?: { startNs: bigint; stepNs: number; count: number };
}

export interface Block {
  version: 4 | 5;
  control: number;
  /** After the control byte; shorter than declared where the file was cut off. */
  content: Buffer;
  declaredBytes: number;
}

/** Control byte: what kind of block, and whether a count of samples precedes them. */
const KIND = 0x7f;
const COUNTED = 0x80;

const kinds = { message: 4, continued: 5, start: 6, relative: 7, absolute: 8 } as const;

/**
 * Samples of one block. Blocks that carry none (states, signatures, trusted times) give none; so do channels of a kind
 * that is not published. Throws `RangeError` when the block contradicts itself; what a cut-off block still holds whole
 * is decoded.
 */
export function decodeBlock(state: ChannelState, block: Block): OsfSample[] {
  if (state.channel.kind !== 'scalar') return [];
  switch (block.control & KIND) {
    case kinds.message:
      return isText(state.channel) ? message(state, block) : [];
    case kinds.absolute:
      return isText(state.channel) ? textAt(state, block) : absolute(state, block);
    case kinds.relative:
      return relative(state, block);
    case kinds.start:
      return start(state, block);
    case kinds.continued:
      return continued(state, block);
    default:
      return [];
  }
}

const isCounted = ({ control }: Block): boolean => (control & COUNTED) !== 0;

/** Strides that are whole: as many as are counted, or as many as a cut-off file still has. */
function strides(block: Block, at: number, stride: number): number {
  const { content, declaredBytes } = block;
  const counted = isCounted(block) ? content.readUInt32LE(at) : 1;
  const from = isCounted(block) ? at + 4 : at;
  if (from + counted * stride > declaredBytes) throw new RangeError('more samples than bytes');
  return Math.min(counted, Math.max(0, Math.floor((content.length - from) / stride)));
}

const afterCount = (block: Block, at: number): number => (isCounted(block) ? at + 4 : at);

function absolute(state: ChannelState, block: Block): OsfSample[] {
  const size = sizeOf(state.channel);
  if (size === undefined) return [];
  const { channel } = state;
  const from = afterCount(block, 0);
  return Array.from({ length: strides(block, 0, 8 + size) }, (_, n) => {
    const at = from + n * (8 + size);
    state.lastNs = block.content.readBigInt64LE(at);
    return { channel, ns: state.lastNs, value: readValue(channel, block.content, at + 8) };
  });
}

function relative(state: ChannelState, block: Block): OsfSample[] {
  const size = sizeOf(state.channel);
  if (size === undefined || state.lastNs === undefined) return [];
  const { channel } = state;
  const from = afterCount(block, 0);
  let ns = state.lastNs;
  const samples = Array.from({ length: strides(block, 0, 4 + size) }, (_, n) => {
    const at = from + n * (4 + size);
    ns += BigInt(block.content.readUInt32LE(at));
    return { channel, ns, value: readValue(channel, block.content, at + 4) };
  });
  state.lastNs = ns;
  return samples;
}

/** Older files give no rate here: the length tells. */
function start(state: ChannelState, block: Block): OsfSample[] {
  const size = sizeOf(state.channel);
  if (size === undefined) return [];
  const startNs = block.content.readBigInt64LE(0);
  const hasRate = fits(block, 16, size);
  if (!hasRate && !fits(block, 8, size)) throw new RangeError('an equidistant block of no known form');
  const stepNs = hasRate ? 1e9 / block.content.readDoubleLE(8) : state.channel.timeIncrementNs;
  if (!(stepNs > 0 && Number.isFinite(stepNs))) throw new RangeError('an equidistant block without a step');
  state.equidistant = { startNs, stepNs, count: 0 };
  return run(state, block, hasRate ? 16 : 8, size);
}

function fits(block: Block, at: number, size: number): boolean {
  if (!isCounted(block)) return block.declaredBytes === at + size;
  return block.content.length >= at + 4 && block.declaredBytes === at + 4 + block.content.readUInt32LE(at) * size;
}

function continued(state: ChannelState, block: Block): OsfSample[] {
  const size = sizeOf(state.channel);
  return size === undefined ? [] : run(state, block, 0, size);
}

function run(state: ChannelState, block: Block, at: number, size: number): OsfSample[] {
  const { channel, equidistant } = state;
  if (!equidistant) return [];
  const from = afterCount(block, at);
  const samples = Array.from({ length: strides(block, at, size) }, (_, n) => ({
    channel,
    ns: equidistant.startNs + BigInt(Math.round((equidistant.count + n) * equidistant.stepNs)),
    value: readValue(channel, block.content, from + n * size),
  }));
  equidistant.count += samples.length;
  const last = samples.at(-1);
  if (last) state.lastNs = last.ns;
  return samples;
}

/** Devices write every text this way, without the NUL that the specification promises. */
function message(state: ChannelState, { content, declaredBytes }: Block): OsfSample[] {
  if (content.length < declaredBytes) return [];
  const length = content.readUInt32LE(8);
  if (12 + length > content.length) throw new RangeError('a message longer than its block');
  return [textSample(state, content.readBigInt64LE(0), withoutNul(content.subarray(12, 12 + length)))];
}

/** OSF4 ends such a text with a NUL, always; OSF5 with nothing. */
function textAt(state: ChannelState, block: Block): OsfSample[] {
  const { content, declaredBytes, version } = block;
  if (content.length < declaredBytes || isCounted(block)) return [];
  const bytes = content.subarray(8, version === 4 ? Math.max(8, content.length - 1) : content.length);
  return [textSample(state, content.readBigInt64LE(0), bytes)];
}

function textSample(state: ChannelState, ns: bigint, bytes: Buffer): OsfSample {
  state.lastNs = ns;
  return { channel: state.channel, ns, value: bytes.toString('utf8') };
}

const withoutNul = (bytes: Buffer): Buffer => (bytes.at(-1) === 0 ? bytes.subarray(0, -1) : bytes);
