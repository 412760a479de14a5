import type { CoveredSpan, NativeId } from '@tributary/adapter-kit';
import type { Gap } from './capabilities/telemetry.backfill.ts';

/** Values of the last seconds may still be on their way to the platform. */
export const LAG_MS = 10_000;

interface Looked {
  device: NativeId;
  lookedUntilMs: number;
  trouble: string | undefined;
}

/** Assets that one statement may name: what is wrong with all of them is not theirs. */
const MOST_NAMED = 1_000;

const BEING_FILLED = 'the platform holds more than it answers at once; it is being read in another way';
const NEWEST_ALONE = 'the platform keeps the newest value of this signal alone';
const UNREADABLE = 'this device could not be read';
const UNKNOWN = 'the platform does not know this device any more';

/**
 * What the sweep covers: one stretch for all assets, up to where the one that was looked at longest ago has been read,
 * and an exception for each that cannot be. The first look at a connection covers nothing: the platform answers the newest
 * values, and only what overlaps with an earlier look is known to be whole. Pure.
 */
export class SweepCover {
  #spokenMs: number | undefined;
  /** Of the sweep that is under way: said with it, for what is said of all devices later would hold for them as well. */
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
    const exceptions = this.#exceptions;
    this.#exceptions = [];
    return [...this.#stretch(watches), ...exceptions];
  }

  #stretch(watches: readonly Looked[]): CoveredSpan[] {
    const well = watches.filter(({ trouble }) => trouble === undefined);
    if (well.length === 0) return [];
    const toMs = Math.min(...well.map(({ lookedUntilMs }) => lookedUntilMs)) - LAG_MS;
    const fromMs = this.#spokenMs;
    this.#spokenMs = Math.max(toMs, fromMs ?? toMs);
    if (fromMs === undefined || toMs <= fromMs) return [];
    const unread = watches.flatMap((watch) => unreadOf(watch, toMs)).slice(0, MOST_NAMED);
    return [{ fromMs, toMs }, ...unread];
  }
}

/** An asset that could not be read for a while has been read again, and overlaps. */
export const madeUp = (device: NativeId, fromMs: number, toMs: number): CoveredSpan[] =>
  toMs - LAG_MS > fromMs ? [{ device, fromMs, toMs: toMs - LAG_MS }] : [];

/** The platform keeps the newest value alone: what came between two of them nobody has seen. */
export const newestAlone = (device: NativeId, signal: NativeId, fromMs: number, toMs: number): CoveredSpan => ({
  ...{ device, signal, fromMs, toMs },
  state: 'partial',
  reason: NEWEST_ALONE,
});

/** Partial, and not missing: nobody else needs to read it. */
export const beingFilled = ({ device, signal, fromMs, toMs }: Gap): CoveredSpan => ({
  ...{ device, signal, fromMs, toMs },
  state: 'partial',
  reason: BEING_FILLED,
});

export const filled = ({ device, signal, fromMs, toMs }: Gap): CoveredSpan => ({ device, signal, fromMs, toMs });

function unreadOf({ device, lookedUntilMs, trouble }: Looked, toMs: number): CoveredSpan[] {
  if (trouble === undefined || lookedUntilMs - LAG_MS >= toMs) return [];
  const span = { device, fromMs: lookedUntilMs - LAG_MS, toMs };
  if (trouble === 'not-found') return [{ ...span, state: 'unrecoverable', reason: UNKNOWN }];
  return [{ ...span, state: 'missing', reason: UNREADABLE }];
}
