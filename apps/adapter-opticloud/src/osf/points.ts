import type { PointValue } from '@tributary/adapter-kit';
import { ucumOf } from '../units.ts';
import type { OsfSample } from './channel.ts';

const NS_PER_MS = 1_000_000n;
/** Last millisecond that RFC 3339 can write. */
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

export interface PointReport {
  /** Samples within one millisecond of their channel after the first: a point's time has milliseconds. */
  tooFine: number;
  /** Samples that are no number (NaN, infinite), or whose time no calendar has. */
  unusable: number;
}

/** Turns samples into points, channel by channel in the order of the file. Remembers the last time of each channel. */
export class PointMaker {
  readonly report: PointReport = { tooFine: 0, unusable: 0 };
  readonly #last = new Map<number, number>();

  constructor(private readonly signalPrefix: string) {}

  pointsOf(samples: readonly OsfSample[]): PointValue[] {
    return samples.flatMap((sample) => {
      const point = this.#pointOf(sample);
      return point ? [point] : [];
    });
  }

  #pointOf({ channel, ns, value }: OsfSample): PointValue | undefined {
    const tsMs = Number(ns / NS_PER_MS);
    if (!isUsable(value) || tsMs < 0 || tsMs > LAST_MS) {
      this.report.unusable++;
      return undefined;
    }
    if (this.#last.get(channel.index) === tsMs) {
      this.report.tooFine++;
      return undefined;
    }
    this.#last.set(channel.index, tsMs);
    const unit = ucumOf(channel.unit);
    const plain = typeof value === 'object' ? { ...value } : value;
    return {
      signal: `${this.signalPrefix}${channel.name}`,
      tsMs,
      value: plain,
      ...(unit === undefined ? {} : { unit }),
    };
  }
}

/** JSON has no words for what is not a number. */
function isUsable(value: OsfSample['value']): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value !== 'object' || [value.lat, value.lon, value.alt].every(Number.isFinite);
}
