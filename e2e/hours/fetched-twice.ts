/** Points of one device, or of one signal of it, from then to then that an answer handed over; in simulated time. */
export interface HandedOver {
  /** Number in the platform's journal. */
  seq: number;
  /** When it was asked for. */
  at: number;
  device: string;
  signal?: string;
  fromMs: number;
  toMs: number;
  points: number;
}

interface Stretch {
  fromMs: number;
  toMs: number;
}

/** What the checkpoints of a connection said: this alone is what whoever comes after a kill knows. */
export interface Position {
  /** The newest entry of the platform's journal when they were read. */
  seq: number;
  /** Everything before has been handed on, by them. */
  untilMs: number;
  /** On record as missed and not read yet. */
  open: readonly Stretch[];
}

export interface FetchedTwiceQuery {
  /** In the order in which they were read; each is another one than that before. */
  positions: readonly Position[];
  /** From when on an answer may hand over again what was handed over before. */
  again(untilMs: number, atMs: number, points: number): number;
}

/** A minute of a device that was handed over again although it had been committed long before. */
export interface FetchedTwice {
  device: string;
  signal?: string;
  minuteMs: number;
  at: number[];
}

const MINUTE_MS = 60_000;

/**
 * What was fetched twice beyond the look-back: a minute that an answer handed over before, that lies before what the
 * checkpoint of that time allows to read again, and in no gap that was on record. A kill excuses nothing: after it the
 * checkpoint is as it was before. It counts as of the change before the last, for a look that is under way began with
 * that one, and measures how far late points may lie from there. Pure.
 */
export function fetchedTwice(answers: readonly HandedOver[], { positions, again }: FetchedTwiceQuery): FetchedTwice[] {
  const reads = new Map<string, FetchedTwice & { isTwice: boolean }>();
  for (const { seq, at, device, signal, fromMs, toMs, points } of answers.toSorted((a, b) => a.seq - b.seq)) {
    const known = positions.findLastIndex((one) => one.seq < seq);
    const [before, last] = [positions[known - 1], positions[known]];
    const allowedMs = before ? again(before.untilMs, at, points) : Number.NEGATIVE_INFINITY;
    const open = [...(before?.open ?? []), ...(last?.open ?? [])];
    for (const minuteMs of minutesIn(fromMs, toMs)) {
      const key = `${device} ${signal ?? ''} ${minuteMs}`;
      const read = reads.get(key);
      if (!read) {
        const what = { device, ...(signal === undefined ? {} : { signal }), minuteMs };
        reads.set(key, { ...what, at: [at], isTwice: false });
        continue;
      }
      read.at.push(at);
      read.isTwice ||= minuteMs + MINUTE_MS <= allowedMs && !open.some((gap) => isIn(minuteMs, gap));
    }
  }
  return [...reads.values()].flatMap(({ isTwice, ...read }) => (isTwice ? [read] : []));
}

/** Beginnings of the minutes that lie wholly within. */
function minutesIn(fromMs: number, toMs: number): number[] {
  const first = Math.ceil(fromMs / MINUTE_MS);
  const count = Math.max(0, Math.floor(toMs / MINUTE_MS) - first);
  return Array.from({ length: count }, (_, n) => (first + n) * MINUTE_MS);
}

const isIn = (minuteMs: number, { fromMs, toMs }: Stretch): boolean => minuteMs < toMs && minuteMs + MINUTE_MS > fromMs;
