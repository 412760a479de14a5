import type { TrueValue } from '../kit/series-log.ts';
import { compareIds } from './entity-store.ts';
import type { SignalSource } from './signals.ts';
import { type OrderedRows, orderedList, type Row, type RowRange } from './stream-rows.ts';

export interface Meter {
  rtId: string;
  /** Its number in the scenario: what it measures depends on it. */
  index: number;
}

export interface HistoryPlan {
  meters: readonly Meter[];
  signals: readonly SignalSource[];
  /** Time of the first step. */
  startAt: number;
  steps: number;
  cadenceMs: number;
}

interface Place extends Meter {
  /** How long after the beginning of a step it measures. */
  phaseMs: number;
}

/** Rows from before the start. They are computed from their place, so that millions of them need no memory. */
export class ComputedHistory {
  readonly plan: HistoryPlan;
  readonly #places = new Map<string, Place>();
  /** In the order in which they measure within a step, and the other way round; equal phases in the order of ids. */
  readonly #ordered: { ascending: readonly Place[]; descending: readonly Place[] };
  readonly #rewritten = new Map<string, Map<number, readonly TrueValue[]>>();
  #visibleFrom = Number.NEGATIVE_INFINITY;

  constructor(plan: HistoryPlan) {
    this.plan = plan;
    plan.meters.forEach((meter, i) => {
      const phaseMs = Math.floor((i / plan.meters.length) * plan.cadenceMs);
      this.#places.set(meter.rtId, { ...meter, phaseMs });
    });
    const sorted = (sign: 1 | -1) =>
      [...this.#places.values()].sort((a, b) => sign * (a.phaseMs - b.phaseMs) || compareIds(a.rtId, b.rtId));
    this.#ordered = { ascending: sorted(1), descending: sorted(-1) };
  }

  meter(rtId: string): Meter | undefined {
    return this.#places.get(rtId);
  }

  /** Rows that lie before `ts` are no longer there. */
  forgetBefore(ts: number): void {
    this.#visibleFrom = Math.max(this.#visibleFrom, ts);
  }

  /** Steps of a meter between two times, as a half-open range of their numbers. */
  stepsOf(rtId: string, from: number, to: number): { first: number; end: number } {
    const { startAt, cadenceMs, steps } = this.plan;
    const origin = startAt + (this.#places.get(rtId)?.phaseMs ?? 0);
    const stepAt = (ts: number) => Math.min(steps, Math.max(0, Math.ceil((ts - origin) / cadenceMs)));
    return { first: stepAt(Math.max(from, this.#visibleFrom)), end: stepAt(to) };
  }

  timeOf(rtId: string, step: number): number {
    const { startAt, cadenceMs } = this.plan;
    return startAt + step * cadenceMs + (this.#places.get(rtId)?.phaseMs ?? 0);
  }

  /** Number of the step a meter made at exactly this time. */
  stepAt(rtId: string, ts: number): number | undefined {
    if (!this.#places.has(rtId)) return undefined;
    const { first, end } = this.stepsOf(rtId, ts, ts + 1);
    return first < end ? first : undefined;
  }

  /** As it is answered now. */
  row(rtId: string, ts: number): Row | undefined {
    const step = this.stepAt(rtId, ts);
    const place = this.#places.get(rtId);
    return step === undefined || !place ? undefined : this.#row(place, step);
  }

  /** Replaces the values of a row that is there. */
  rewrite(rtId: string, ts: number, values: readonly TrueValue[]): void {
    const rows = this.#rewritten.get(rtId) ?? new Map<number, readonly TrueValue[]>();
    this.#rewritten.set(rtId, rows);
    rows.set(ts, values);
  }

  /** Length and places come from arithmetic; only the rows that are looked at are made. */
  select(range: RowRange): OrderedRows {
    const ordered = range.descending ? this.#ordered.descending : this.#ordered.ascending;
    const places = range.rtIds ? ordered.filter(({ rtId }) => range.rtIds?.has(rtId)) : ordered;
    const first = this.#rank(places, Math.max(range.from, this.#visibleFrom));
    const length = Math.max(0, this.#rank(places, range.to) - first);
    if (length === 0) return orderedList([]);
    const last = first + length - 1;
    return {
      length,
      at: (position) => {
        const rank = range.descending ? last - position : first + position;
        // The last of a step comes first where the order is turned round.
        const slot = rank % places.length;
        const place = places[range.descending ? places.length - 1 - slot : slot] as Place;
        return this.#row(place, Math.floor(rank / places.length));
      },
    };
  }

  /** How many rows of these meters lie before a time. */
  #rank(places: readonly Place[], ts: number): number {
    const { startAt, cadenceMs, steps } = this.plan;
    if (ts <= startAt || places.length === 0) return 0;
    const step = Math.floor((ts - startAt) / cadenceMs);
    if (step >= steps) return steps * places.length;
    const within = ts - startAt - step * cadenceMs;
    return step * places.length + places.filter(({ phaseMs }) => phaseMs < within).length;
  }

  #row({ rtId, index }: Place, step: number): Row {
    const ts = this.timeOf(rtId, step);
    const values = this.#rewritten.get(rtId)?.get(ts) ?? this.plan.signals.map((signal) => signal.valueAt(index, step));
    return { rtId, ts, values };
  }
}
