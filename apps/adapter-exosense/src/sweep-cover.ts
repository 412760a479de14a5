import type { CoveredSpan, GapReport, NativeId } from '@tributary/adapter-kit';
import type { Gap } from './capabilities/telemetry.backfill.ts';

/** Values of the last seconds may still be on their way to the platform. */
export const LAG_MS = 10_000;

interface Looked {
  device: NativeId;
  /** Looked at then as far back as late points may lie. */
  wholeUntilMs: number;
  trouble: string | undefined;
}

/** Assets that one statement may name: what is wrong with all of them is not theirs. */
const MOST_NAMED = 1_000;

const BEING_FILLED = 'the platform holds more than it answers at once; it is being read in another way';
const NEWEST_ALONE = 'the platform keeps the newest value of this signal alone';
const TOO_MANY = 'the platform answers fewer values at once than late ones may lie behind';
const UNREADABLE = 'this device could not be read';
const UNKNOWN = 'the platform does not know this device any more';

/**
 * What the sweep covers: one stretch for all assets, up to where the one that was looked at deeply longest ago has been
 * read, and an exception for each that cannot be. The first look at a connection covers nothing: the platform answers the
 * newest values, and only what overlaps with an earlier look is known to be whole. Pure.
 */
export class SweepCover {
  #spokenMs: number | undefined;
  /** Not said yet: each is said with what is said of all devices at its time, which would hold for it later on. */
  #exceptions: CoveredSpan[] = [];

  /** Everything begins again at the checkpoint; `sweptUntilMs` undefined: there is none. */
  begin(sweptUntilMs: number | undefined): void {
    this.#exceptions = [];
    this.#spokenMs = sweptUntilMs === undefined ? undefined : sweptUntilMs - LAG_MS;
  }

  except(spans: readonly CoveredSpan[]): void {
    this.#exceptions.push(...spans);
  }

  /** After a sweep has come to its end. */
  swept(watches: readonly Looked[]): CoveredSpan[] {
    const stretch = this.#stretch(watches);
    const spokenMs = this.#spokenMs ?? Number.NEGATIVE_INFINITY;
    const due = this.#exceptions.filter(({ fromMs }) => fromMs < spokenMs);
    this.#exceptions = this.#exceptions.flatMap((span) => behind(span, spokenMs));
    return [...stretch, ...due.map((span) => ({ ...span, toMs: Math.min(span.toMs, spokenMs) }))];
  }

  #stretch(watches: readonly Looked[]): CoveredSpan[] {
    const well = watches.filter(({ trouble }) => trouble === undefined);
    if (well.length === 0) return [];
    const toMs = Math.min(...well.map(({ wholeUntilMs }) => wholeUntilMs)) - LAG_MS;
    const fromMs = this.#spokenMs;
    this.#spokenMs = Math.max(toMs, fromMs ?? toMs);
    if (fromMs === undefined || toMs <= fromMs) return [];
    const unread = watches.flatMap((watch) => unreadOf(watch, toMs)).slice(0, MOST_NAMED);
    return [{ fromMs, toMs }, ...unread];
  }
}

const behind = (span: CoveredSpan, ms: number): CoveredSpan[] =>
  span.toMs > ms ? [{ ...span, fromMs: Math.max(span.fromMs, ms) }] : [];

/** An asset that could not be read for a while has been read again, and overlaps. */
export const madeUp = (device: NativeId, fromMs: number, toMs: number): CoveredSpan[] =>
  toMs - LAG_MS > fromMs ? [{ device, fromMs, toMs: toMs - LAG_MS }] : [];

/** The platform keeps the newest value alone: what came between two of them nobody has seen. */
export const newestAlone = (device: NativeId, signal: NativeId, fromMs: number, toMs: number): CoveredSpan => ({
  ...{ device, signal, fromMs, toMs },
  state: 'partial',
  reason: NEWEST_ALONE,
});

/** All that can be asked for does not reach back to where late values may lie. */
export const mayHideLate = ({ device, signal, fromMs, toMs }: Omit<Gap, 'name'>): CoveredSpan => ({
  ...{ device, signal, fromMs, toMs },
  state: 'partial',
  reason: TOO_MANY,
});

/** A gap that was told stays one when what lies around it is complete. */
export const lost = ({ device, signal, fromMs, toMs, reason }: GapReport): CoveredSpan => ({
  ...(device === undefined ? {} : { device }),
  ...(signal === undefined ? {} : { signal }),
  ...{ fromMs, toMs, reason },
  state: 'unrecoverable',
});

/** Partial, and not missing: nobody else needs to read it. */
export const beingFilled = ({ device, signal, fromMs, toMs }: Gap): CoveredSpan => ({
  ...{ device, signal, fromMs, toMs },
  state: 'partial',
  reason: BEING_FILLED,
});

export const filled = ({ device, signal, fromMs, toMs }: Gap): CoveredSpan => ({ device, signal, fromMs, toMs });

function unreadOf({ device, wholeUntilMs, trouble }: Looked, toMs: number): CoveredSpan[] {
  if (trouble === undefined || wholeUntilMs - LAG_MS >= toMs) return [];
  const span = { device, fromMs: wholeUntilMs - LAG_MS, toMs };
  if (trouble === 'not-found') return [{ ...span, state: 'unrecoverable', reason: UNKNOWN }];
  return [{ ...span, state: 'missing', reason: UNREADABLE }];
}
