import type { Checkpoint } from '@tributary/adapter-kit';

/** Time that has been missed and is read beside live data: of every stream, or of one. */
export interface Gap {
  fromMs: number;
  toMs: number;
  /** Flattened name. */
  stream?: string;
}

/** What the tail knows, in a checkpoint that grows with the number of stream types and never with that of devices. */
export interface TailState {
  /** Upper bound of the last round that came to its end. */
  cycleMs?: number;
  /** Newest time handed on, by flattened stream. */
  watermarks: Map<string, number>;
  gaps: Gap[];
  /** When the last day was last read again. */
  rescanMs?: number;
}

/** More gaps than this become fewer, longer ones: reading twice is harmless, forgetting is not. */
const MAX_GAPS = 8;
const WATERMARK = 'w.';

export function readTailState(from: Checkpoint | undefined): TailState {
  const entries = Object.entries(from ?? {});
  const watermarks = entries.flatMap(([key, value]): [string, number][] =>
    key.startsWith(WATERMARK) && typeof value === 'number' ? [[key.slice(WATERMARK.length), value]] : [],
  );
  const gaps = Array.from({ length: MAX_GAPS }, (_, n) => gapAt(from ?? {}, n)).flatMap((gap) => gap ?? []);
  const [cycleMs, rescanMs] = [from?.cycle, from?.rescan];
  return {
    watermarks: new Map(watermarks),
    gaps,
    ...(typeof cycleMs === 'number' ? { cycleMs } : {}),
    ...(typeof rescanMs === 'number' ? { rescanMs } : {}),
  };
}

export function writeTailState({ cycleMs, watermarks, gaps, rescanMs }: TailState): Checkpoint {
  const kept = merged(gaps);
  return {
    ...(cycleMs === undefined ? {} : { cycle: cycleMs }),
    ...(rescanMs === undefined ? {} : { rescan: rescanMs }),
    ...Object.fromEntries([...watermarks].map(([stream, ms]) => [WATERMARK + stream, ms])),
    ...Object.assign({}, ...kept.map(gapMembers)),
  };
}

export const gapKey = ({ fromMs, toMs, stream = '' }: Gap): string => `${fromMs}-${toMs}-${stream}`;

function gapAt(from: Checkpoint, n: number): Gap | undefined {
  const [fromMs, toMs, stream] = [from[`gap${n}.from`], from[`gap${n}.to`], from[`gap${n}.stream`]];
  if (typeof fromMs !== 'number' || typeof toMs !== 'number' || fromMs >= toMs) return undefined;
  return { fromMs, toMs, ...(typeof stream === 'string' ? { stream } : {}) };
}

const gapMembers = ({ fromMs, toMs, stream }: Gap, n: number): Checkpoint => ({
  [`gap${n}.from`]: fromMs,
  [`gap${n}.to`]: toMs,
  ...(stream === undefined ? {} : { [`gap${n}.stream`]: stream }),
});

/** The newest stay as they are; the oldest become one of all streams. */
export function merged(gaps: readonly Gap[]): Gap[] {
  const sorted = gaps.toSorted((a, b) => b.toMs - a.toMs);
  if (sorted.length <= MAX_GAPS) return sorted;
  const old = sorted.slice(MAX_GAPS - 1);
  const one = { fromMs: Math.min(...old.map(({ fromMs }) => fromMs)), toMs: Math.max(...old.map(({ toMs }) => toMs)) };
  return [...sorted.slice(0, MAX_GAPS - 1), one];
}
