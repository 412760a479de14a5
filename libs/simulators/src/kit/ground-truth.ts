import type { ComputedPast } from './computed-past.ts';
import type { SeriesLog, TrueValue, WriteOutcome } from './series-log.ts';
import { TrueSeries } from './true-series.ts';

export interface TruePoint {
  device: string;
  signal: string;
  /** Milliseconds since 1970 UTC. */
  ts: number;
  /** As the platform answers now: the last write for this time wins. */
  value: TrueValue;
  /** Position of that write in the order of production. */
  order: number;
}

export interface TrueRevision {
  value: TrueValue;
  order: number;
}

export interface TruthFilter {
  device?: string | undefined;
  signal?: string | undefined;
  from?: number | undefined;
  /** Exclusive. */
  to?: number | undefined;
}

export interface TruthCounts {
  /** Everything produced: `points + duplicates + corrections`, while nothing was forgotten. */
  writes: number;
  points: number;
  duplicates: number;
  corrections: number;
  /** Came after a later one of the same series. */
  outOfOrder: number;
  series: number;
  devices: number;
  /** Points that retention has removed; 0 means that the truth is complete. */
  forgotten: number;
}

/** Everything the vendor ever produced. "Stored = truth" is a comparison with `points()`. */
export class GroundTruth {
  readonly #devices = new Map<string, Map<string, TrueSeries>>();
  #past: ComputedPast | undefined;
  /** Computed points at the start: they count as writes. */
  #begunWith = 0;
  #order = 0;
  #duplicates = 0;
  #corrections = 0;
  #outOfOrder = 0;
  #forgotten = 0;

  /** Position of the newest write. */
  get position(): number {
    return this.#order;
  }

  /** What was before the first write; once, before it. */
  beginWith(past: ComputedPast): void {
    this.#past = past;
    for (const device of past.devices()) {
      for (const signal of past.signals(device)) this.#begunWith += this.#seriesFor(device, signal).points;
    }
  }

  /** A device that is there although it may never produce anything. */
  know(device: string): void {
    if (!this.#devices.has(device)) this.#devices.set(device, new Map());
  }

  record(device: string, signal: string, ts: number, value: TrueValue, note = 0): WriteOutcome {
    const series = this.#seriesFor(device, signal);
    if (ts < (series.newestTs ?? ts)) this.#outOfOrder += 1;
    const outcome = series.record(ts, value, ++this.#order, note);
    if (outcome === 'duplicate') this.#duplicates += 1;
    if (outcome === 'correction') this.#corrections += 1;
    return outcome;
  }

  devices(): string[] {
    return [...this.#devices.keys()];
  }

  /** Signals of a device in the order of their first value. */
  signals(device: string): string[] {
    return [...(this.#devices.get(device)?.keys() ?? [])];
  }

  /** What was written; a computed past is not in it. */
  series(device: string, signal: string): SeriesLog | undefined {
    return this.#devices.get(device)?.get(signal)?.log;
  }

  /** Current values: device by device, signal by signal, in the order of their times. */
  *points(filter: TruthFilter = {}): Generator<TruePoint> {
    const from = filter.from ?? Number.NEGATIVE_INFINITY;
    const to = filter.to ?? Number.POSITIVE_INFINITY;
    for (const [device, signal, series] of this.#matching(filter)) {
      for (const { ts, value, order } of series.range(from, to)) yield { device, signal, ts, value, order };
    }
  }

  latest(filter: Pick<TruthFilter, 'device' | 'signal'> = {}): TruePoint[] {
    const found: TruePoint[] = [];
    for (const [device, signal, series] of this.#matching(filter)) {
      const newest = series.latest();
      if (newest) found.push({ device, signal, ts: newest.ts, value: newest.value, order: newest.order });
    }
    return found;
  }

  /** The different values a point has had, oldest first; the last is the current one. */
  revisions(device: string, signal: string, ts: number): TrueRevision[] {
    const writes = this.#devices.get(device)?.get(signal)?.writesAt(ts) ?? [];
    const revisions: TrueRevision[] = [];
    let previous: string | undefined;
    for (const { value, order } of writes) {
      const text = JSON.stringify(value);
      if (text !== previous) revisions.push({ value, order });
      previous = text;
    }
    return revisions;
  }

  /** Points that have had more than one value. */
  *corrected(filter: TruthFilter = {}): Generator<TruePoint & { revisions: TrueRevision[] }> {
    for (const point of this.points(filter)) {
      const revisions = this.revisions(point.device, point.signal, point.ts);
      if (revisions.length > 1) yield { ...point, revisions };
    }
  }

  counts(filter: TruthFilter = {}): TruthCounts {
    let points = 0;
    let series = 0;
    for (const [, , one] of this.#matching(filter)) {
      points += one.points;
      series += 1;
    }
    return {
      writes: this.#begunWith + this.#order,
      points,
      duplicates: this.#duplicates,
      corrections: this.#corrections,
      outOfOrder: this.#outOfOrder,
      series,
      devices: filter.device === undefined ? this.#devices.size : Number(this.#devices.has(filter.device)),
      forgotten: this.#forgotten,
    };
  }

  /** Retention: what is older than `ts` is no longer known, neither here nor to the platform. */
  forgetBefore(ts: number): void {
    const before = this.counts().points;
    this.#past?.forgetBefore(ts);
    for (const [, , series] of this.#matching({})) series.forgetBefore(ts);
    this.#forgotten += before - this.counts().points;
  }

  *#matching(filter: TruthFilter): Generator<[string, string, TrueSeries]> {
    const devices = filter.device === undefined ? this.#devices.keys() : [filter.device];
    for (const device of devices) {
      for (const [signal, series] of this.#devices.get(device) ?? []) {
        if (filter.signal === undefined || filter.signal === signal) yield [device, signal, series];
      }
    }
  }

  #seriesFor(device: string, signal: string): TrueSeries {
    let signals = this.#devices.get(device);
    if (!signals) {
      signals = new Map();
      this.#devices.set(device, signals);
    }
    let series = signals.get(signal);
    if (!series) {
      series = new TrueSeries(device, signal, this.#past);
      signals.set(signal, series);
    }
    return series;
  }
}
