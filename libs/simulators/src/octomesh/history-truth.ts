import type { ComputedPast } from '../kit/computed-past.ts';
import type { TrueValue } from '../kit/series-log.ts';
import type { ComputedHistory } from './computed-history.ts';

/** What the meters measured before the start, for the ground truth: computed by the same rule as the answers, and never rewritten. */
export class HistoryTruth implements ComputedPast {
  readonly #histories: ComputedHistory[] = [];
  #from = Number.NEGATIVE_INFINITY;

  add(history: ComputedHistory): void {
    this.#histories.push(history);
  }

  devices(): string[] {
    return this.#histories.flatMap(({ plan }) => plan.meters.map(({ rtId }) => rtId));
  }

  signals(device: string): string[] {
    return this.#of(device)?.plan.signals.map(({ attribute }) => attribute.name) ?? [];
  }

  *values(device: string, signal: string, from: number, to: number): Generator<{ ts: number; value: TrueValue }> {
    const found = this.#series(device, signal);
    if (!found) return;
    const { history, source, index } = found;
    const { first, end } = history.stepsOf(device, Math.max(from, this.#from), to);
    for (let step = first; step < end; step++) {
      const value = source.valueAt(index, step);
      if (value !== null) yield { ts: history.timeOf(device, step), value };
    }
  }

  valueAt(device: string, signal: string, ts: number): TrueValue | undefined {
    const found = this.#series(device, signal);
    const step = found?.history.stepAt(device, ts);
    if (!found || step === undefined || ts < this.#from) return undefined;
    return found.source.valueAt(found.index, step) ?? undefined;
  }

  latest(device: string, signal: string): { ts: number; value: TrueValue } | undefined {
    const found = this.#series(device, signal);
    if (!found) return undefined;
    const { history, source, index } = found;
    const { first, end } = history.stepsOf(device, this.#from, Number.POSITIVE_INFINITY);
    for (let step = end - 1; step >= first; step--) {
      const value = source.valueAt(index, step);
      if (value !== null) return { ts: history.timeOf(device, step), value };
    }
    return undefined;
  }

  count(device: string, signal: string): number {
    const found = this.#series(device, signal);
    if (!found) return 0;
    const { first, end } = found.history.stepsOf(device, this.#from, Number.POSITIVE_INFINITY);
    return end - first - found.source.absent(found.index, first, end);
  }

  forgetBefore(ts: number): void {
    this.#from = Math.max(this.#from, ts);
  }

  #of(device: string): ComputedHistory | undefined {
    return this.#histories.find((history) => history.meter(device));
  }

  #series(device: string, signal: string) {
    const history = this.#of(device);
    const meter = history?.meter(device);
    const source = history?.plan.signals.find(({ attribute }) => attribute.name === signal);
    return history && meter && source ? { history, source, index: meter.index } : undefined;
  }
}
