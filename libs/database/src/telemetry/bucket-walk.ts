import type { AggregateFunction, Fill, Json } from '@tributary/contracts';
import type { Cell } from './bucket-cells.ts';

/** A number and its time, milliseconds. */
export interface TimedNumber {
  tsMs: number;
  value: number;
}

/** What is known of a series before its first bucket. */
export interface Before {
  /** Last number at or before the first edge. */
  number?: TimedNumber | undefined;
  /** Last value of any type at or before the first edge; null where there is none. */
  value: Json;
}

/** One bucket, cut to the range: [fromMs, toMs). */
export interface Span {
  fromMs: number;
  toMs: number;
}

export interface Step {
  span: Span;
  /** Undefined where the bucket has no points. */
  cell: Cell | undefined;
  /** The next bucket's cell: what stands at its very begin closes this one. */
  closing: Cell | undefined;
  /** First number at or after the end of the bucket; needed for `linear` alone. */
  next: TimedNumber | undefined;
}

export interface WalkOptions {
  functions: readonly AggregateFunction[];
  fill: Fill;
  /** What begins later is not known. */
  nowMs: number;
}

/** Amounts of a bucket. */
interface Change {
  delta: number | null;
  increase: number | null;
}

/**
 * Walks through the buckets of one series in order of time, and gives their values as `aggregateFunctions` and `fills`
 * define them. Pure but for what it remembers of the buckets before.
 */
export class BucketWalk {
  readonly #options: WalkOptions;
  #number: TimedNumber | undefined;
  #value: Json;

  constructor(options: WalkOptions, before: Before) {
    this.#options = options;
    this.#number = before.number;
    this.#value = before.value;
  }

  /** Last number at or before the begin of the next bucket. */
  get level(): number | null {
    return this.#number?.value ?? null;
  }

  /** One value for each function; `idle` where no point came and nothing changed. */
  next(step: Step): { values: Json[]; idle: boolean } {
    const change = this.#change(step);
    const values = this.#options.functions.map((name) => this.#valueOf(name, step, change));
    this.#pass(step);
    return { values, idle: step.cell === undefined && !change.delta && !change.increase };
  }

  #change({ span, cell, closing }: Step): Change {
    const came = typeof closing?.atBegin === 'number' || (cell?.lastNumberMs ?? span.fromMs) > span.fromMs;
    const end = closing?.atBegin ?? cell?.lastNumber ?? this.level;
    if (end === null || (!came && this.#isFuture(span))) return { delta: null, increase: null };
    const begin = this.level ?? cell?.firstNumber ?? end;
    return { delta: finite(end - begin), increase: finite((cell?.rise ?? 0) + (closing?.riseAtBegin ?? 0)) };
  }

  #valueOf(name: AggregateFunction, step: Step, change: Change): Json {
    if (name === 'count') return step.cell?.count ?? 0;
    const known = name === 'delta' || name === 'increase' ? change[name] : (step.cell?.[name] ?? null);
    return known === null && step.cell === undefined ? this.#filled(name, step) : known;
  }

  #filled(name: AggregateFunction, { span, next }: Step): Json {
    const { fill } = this.#options;
    if (fill === '0') return 0;
    if (name === 'sum' || name === 'delta' || name === 'increase') return null;
    if (fill === 'previous' && !this.#isFuture(span)) return this.#carried(name);
    if (fill === 'linear' && this.#number && next) return onLine(name, span, this.#number, next);
    return null;
  }

  #carried(name: AggregateFunction): Json {
    const anyType = name === 'first' || name === 'last';
    return anyType || typeof this.#value === 'number' ? this.#value : null;
  }

  #pass({ span, cell, closing }: Step): void {
    if (cell?.last !== undefined) this.#value = cell.last;
    if (typeof cell?.lastNumber === 'number' && typeof cell.lastNumberMs === 'number') {
      this.#number = { value: cell.lastNumber, tsMs: cell.lastNumberMs };
    }
    if (typeof closing?.atBegin === 'number') this.#number = { value: closing.atBegin, tsMs: span.toMs };
  }

  #isFuture({ fromMs }: Span): boolean {
    return fromMs > this.#options.nowMs;
  }
}

/** A straight line through the whole of a bucket: its average lies in the middle. */
function onLine(name: AggregateFunction, { fromMs, toMs }: Span, before: TimedNumber, after: TimedNumber): Json {
  const at = (ms: number) =>
    before.value + ((after.value - before.value) * (ms - before.tsMs)) / (after.tsMs - before.tsMs);
  const [first, last] = [at(fromMs), at(toMs)];
  if (name === 'first') return finite(first);
  if (name === 'last') return finite(last);
  if (name === 'avg') return finite(at((fromMs + toMs) / 2));
  return finite(name === 'min' ? Math.min(first, last) : Math.max(first, last));
}

/** JSON knows no other numbers. */
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
