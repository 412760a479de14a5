import type { ComputedPast, PastValue } from './computed-past.ts';
import { type LoggedValue, SeriesLog, type TrueValue, type WriteOutcome } from './series-log.ts';

/** One series of a ground truth: what was written, and before that what can be computed. */
export class TrueSeries {
  /** What was written; of the computed values only those that something was written over. */
  readonly log = new SeriesLog();
  readonly #past: ComputedPast | undefined;
  readonly #device: string;
  readonly #signal: string;
  /** Times that are in the log and in the past. */
  #shadowed = 0;

  constructor(device: string, signal: string, past?: ComputedPast) {
    this.#device = device;
    this.#signal = signal;
    this.#past = past;
  }

  get points(): number {
    return this.log.points + this.#computed() - this.#shadowed;
  }

  get newestTs(): number | undefined {
    const [written, computed] = [this.log.newestTs, this.#past?.latest(this.#device, this.#signal)?.ts];
    return written === undefined || (computed !== undefined && computed > written) ? computed : written;
  }

  record(ts: number, value: TrueValue, order: number, note: number): WriteOutcome {
    const before = this.#past?.valueAt(this.#device, this.#signal, ts);
    if (before !== undefined && this.log.writesAt(ts).length === 0) {
      this.log.append(ts, before, 0);
      this.#shadowed += 1;
    }
    return this.log.append(ts, value, order, note);
  }

  latest(): LoggedValue | undefined {
    const written = this.log.latest();
    const computed = this.#past?.latest(this.#device, this.#signal);
    return computed && computed.ts > (written?.ts ?? Number.NEGATIVE_INFINITY) ? asLogged(computed) : written;
  }

  /** Current values in the order of their times. */
  *range(from: number, to: number): Generator<LoggedValue> {
    const written = this.log.range({ from, to });
    let next = 0;
    for (const computed of this.#past?.values(this.#device, this.#signal, from, to) ?? []) {
      for (let row = written[next]; row && row.ts < computed.ts; row = written[next]) {
        next += 1;
        yield row;
      }
      if (written[next]?.ts !== computed.ts) yield asLogged(computed);
    }
    yield* written.slice(next);
  }

  /** All values of one time, oldest first. */
  writesAt(ts: number): LoggedValue[] {
    const writes = this.log.writesAt(ts);
    const computed = writes.length === 0 ? this.#past?.valueAt(this.#device, this.#signal, ts) : undefined;
    return computed === undefined ? writes : [asLogged({ ts, value: computed })];
  }

  /** The past has forgotten already. */
  forgetBefore(ts: number): void {
    this.log.forgetBefore(ts);
    this.#shadowed = this.#past ? this.#stillShadowed(this.#past) : 0;
  }

  #computed(): number {
    return this.#past?.count(this.#device, this.#signal) ?? 0;
  }

  #stillShadowed(past: ComputedPast): number {
    const newest = past.latest(this.#device, this.#signal)?.ts ?? Number.NEGATIVE_INFINITY;
    return this.log
      .range({ from: Number.NEGATIVE_INFINITY, to: newest + 1 })
      .filter(({ ts }) => past.valueAt(this.#device, this.#signal, ts) !== undefined).length;
  }
}

const asLogged = ({ ts, value }: PastValue): LoggedValue => ({ ts, value, order: 0, note: 0 });
