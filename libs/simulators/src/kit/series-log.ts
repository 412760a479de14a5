export type TrueValue = number | boolean | string | null | TrueValue[] | { [key: string]: TrueValue };

export interface LoggedValue {
  ts: number;
  value: TrueValue;
  /** Position in the order of production, over all series. */
  order: number;
  /** A byte of the platform's own, such as "was written as a floating point number". */
  note: number;
}

export type WriteOutcome = 'new' | 'duplicate' | 'correction';

export interface RangeQuery {
  from: number;
  /** Exclusive. */
  to: number;
  limit?: number;
  newestFirst?: boolean;
}

const NUMBER = 0;
const BOOLEAN = 1;
const TEXT = 2;

/**
 * Everything ever written to one series, in columns: about 26 bytes a value. The last write for a time is its current
 * value; what it replaced stays readable.
 */
export class SeriesLog {
  #length = 0;
  #ts = new Float64Array(16);
  #order = new Float64Array(16);
  #numbers = new Float64Array(16);
  #kinds = new Uint8Array(16);
  #notes = new Uint8Array(16);
  /** Texts and JSON, each once; `#numbers` holds the position. */
  #texts: string[] = [];
  #textPositions = new Map<string, number>();
  /** Rows by (ts, order). Absent as long as rows came in that order by themselves. */
  #sorted: Uint32Array | undefined;
  #points = 0;

  /** Writes, corrections and duplicates included. */
  get writes(): number {
    return this.#length;
  }

  /** Different times. */
  get points(): number {
    return this.#points;
  }

  append(ts: number, value: TrueValue, order: number, note = 0): WriteOutcome {
    if (this.#length === this.#ts.length) this.#resize(this.#length * 2);
    const row = this.#length++;
    this.#ts[row] = ts;
    this.#order[row] = order;
    this.#notes[row] = note;
    this.#put(row, value);
    return this.#place(row, ts);
  }

  /** Time of the newest value. */
  get newestTs(): number | undefined {
    return this.#length === 0 ? undefined : this.#tsAt(this.#length - 1);
  }

  latest(): LoggedValue | undefined {
    return this.#length === 0 ? undefined : this.#at(this.#length - 1);
  }

  /** Current values in the order of their times. */
  range(query: RangeQuery): LoggedValue[] {
    const low = this.#lowerBound(query.from);
    const high = this.#lowerBound(query.to);
    const limit = query.limit ?? Number.POSITIVE_INFINITY;
    const found: LoggedValue[] = [];
    const step = query.newestFirst ? -1 : 1;
    for (let i = query.newestFirst ? high - 1 : low; i >= low && i < high && found.length < limit; i += step) {
      if (this.#isCurrent(i)) found.push(this.#at(i));
    }
    return found;
  }

  /** All writes for one time, oldest first. */
  writesAt(ts: number): LoggedValue[] {
    const found: LoggedValue[] = [];
    for (let i = this.#lowerBound(ts); i < this.#length && this.#tsAt(i) === ts; i++) found.push(this.#at(i));
    return found;
  }

  /** Forgets what is older than `ts`; returns the number of points that went. */
  forgetBefore(ts: number): number {
    const low = this.#lowerBound(ts);
    if (low === 0) return 0;
    const kept = Array.from({ length: this.#length - low }, (_, i) => this.#at(low + i)).sort(
      (a, b) => a.order - b.order,
    );
    const before = this.#points;
    this.#reset(kept.length);
    for (const row of kept) this.append(row.ts, row.value, row.order, row.note);
    return before - this.#points;
  }

  #put(row: number, value: TrueValue): void {
    if (typeof value === 'number') {
      this.#kinds[row] = NUMBER;
      // JSON has no negative zero.
      this.#numbers[row] = value + 0;
    } else if (typeof value === 'boolean') {
      this.#kinds[row] = BOOLEAN;
      this.#numbers[row] = Number(value);
    } else {
      this.#kinds[row] = TEXT;
      this.#numbers[row] = this.#textPosition(JSON.stringify(value));
    }
  }

  #textPosition(text: string): number {
    const known = this.#textPositions.get(text);
    if (known !== undefined) return known;
    this.#texts.push(text);
    this.#textPositions.set(text, this.#texts.length - 1);
    return this.#texts.length - 1;
  }

  #place(row: number, ts: number): WriteOutcome {
    if (row === 0 || ts > this.#tsAt(row - 1)) return this.#appendInOrder(row, true, 'new');
    const after = this.#lowerBound(ts, row, true);
    const twin = after > 0 && this.#tsAt(after - 1) === ts ? this.#rowAt(after - 1) : undefined;
    const outcome = twin === undefined ? 'new' : this.#sameValue(twin, row) ? 'duplicate' : 'correction';
    if (after === row) return this.#appendInOrder(row, outcome === 'new', outcome);
    this.#insert(row, after);
    if (outcome === 'new') this.#points += 1;
    return outcome;
  }

  #appendInOrder(row: number, isNew: boolean, outcome: WriteOutcome): WriteOutcome {
    if (this.#sorted) this.#sorted[row] = row;
    if (isNew) this.#points += 1;
    return outcome;
  }

  #insert(row: number, position: number): void {
    this.#sorted ??= Uint32Array.from({ length: this.#ts.length }, (_, i) => i);
    this.#sorted.copyWithin(position + 1, position, row);
    this.#sorted[position] = row;
  }

  #sameValue(a: number, b: number): boolean {
    return this.#kinds[a] === this.#kinds[b] && this.#numbers[a] === this.#numbers[b];
  }

  #rowAt(position: number): number {
    return this.#sorted ? (this.#sorted[position] ?? position) : position;
  }

  #tsAt(position: number): number {
    return this.#ts[this.#rowAt(position)] ?? Number.NaN;
  }

  #isCurrent(position: number): boolean {
    return position + 1 >= this.#length || this.#tsAt(position + 1) !== this.#tsAt(position);
  }

  #at(position: number): LoggedValue {
    const row = this.#rowAt(position);
    return {
      ts: this.#ts[row] ?? 0,
      value: this.#valueOf(row),
      order: this.#order[row] ?? 0,
      note: this.#notes[row] ?? 0,
    };
  }

  #valueOf(row: number): TrueValue {
    const number = this.#numbers[row] ?? 0;
    if (this.#kinds[row] === NUMBER) return number;
    if (this.#kinds[row] === BOOLEAN) return number === 1;
    return JSON.parse(this.#texts[number] ?? 'null') as TrueValue;
  }

  /** First position whose time is not before `ts`; with `after`, whose time is after it. */
  #lowerBound(ts: number, length = this.#length, after = false): number {
    let low = 0;
    let high = length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = this.#tsAt(middle);
      if (at < ts || (after && at === ts)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #resize(size: number): void {
    const grow = <T extends Float64Array | Uint8Array | Uint32Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.#ts = grow(this.#ts, new Float64Array(size));
    this.#order = grow(this.#order, new Float64Array(size));
    this.#numbers = grow(this.#numbers, new Float64Array(size));
    this.#kinds = grow(this.#kinds, new Uint8Array(size));
    this.#notes = grow(this.#notes, new Uint8Array(size));
    if (this.#sorted) this.#sorted = grow(this.#sorted, new Uint32Array(size));
  }

  #reset(size: number): void {
    const room = Math.max(16, size);
    this.#length = 0;
    this.#points = 0;
    this.#ts = new Float64Array(room);
    this.#order = new Float64Array(room);
    this.#numbers = new Float64Array(room);
    this.#kinds = new Uint8Array(room);
    this.#notes = new Uint8Array(room);
    this.#sorted = undefined;
    this.#texts = [];
    this.#textPositions = new Map();
  }
}
