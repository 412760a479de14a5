import type { Json } from '@tributary/contracts';

export const NUMBER = 0;
export const BOOLEAN = 1;
export const TEXT = 2;
export const JSON_VALUE = 3;

/** What became of a row. */
export const INSERTED = 0;
export const DUPLICATE = 1;
export const CORRECTED = 2;
export const SUPERSEDED = 3;

/** What jsonb refuses: escapes of NUL and of lone surrogates. An escaped backslash before the u is harmless. */
const UNSTORABLE_ESCAPE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

const MAX_REV = 2n ** 63n - 1n;

/** Undefined for what is no rev: not a whole number, or greater than Postgres can hold. */
export function parseRev(text: string): bigint | undefined {
  if (!/^\d{1,19}$/.test(text)) return undefined;
  const rev = BigInt(text);
  return rev <= MAX_REV ? rev : undefined;
}

/** Postgres has no form for NUL, UTF-8 none for half a surrogate pair. */
export const isStorableText = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

/**
 * The points of a batch as columns, ready for Postgres. Rows are written in order of arrival; `order` holds the row
 * numbers in order of (series, ts, rev): writers that all go this way cannot deadlock, and each index leaf is touched once.
 */
export class PointRows {
  readonly series: Int32Array;
  /** Microseconds since 1970 UTC. */
  readonly tsUs: Float64Array;
  readonly rev: BigInt64Array;
  readonly kind: Uint8Array;
  /** The number, or 0 and 1 of a boolean. */
  readonly number: Float64Array;
  /** Text, or JSON text. */
  readonly text: (string | undefined)[];
  /** 0 for the first row of an identity, 1 for the second …; an identity comes once in a wave. */
  readonly wave: Uint16Array;
  /** Where in the batch the row comes from. */
  readonly group: Int32Array;
  readonly point: Int32Array;
  /** Known once the rows are written; until then what `arrange` knows: that a row left out is a duplicate. */
  readonly outcome: Uint8Array;
  order: Uint32Array = new Uint32Array(0);
  waves = 0;
  size = 0;

  constructor(capacity: number) {
    this.series = new Int32Array(capacity);
    this.tsUs = new Float64Array(capacity);
    this.rev = new BigInt64Array(capacity);
    this.kind = new Uint8Array(capacity);
    this.number = new Float64Array(capacity);
    this.wave = new Uint16Array(capacity);
    this.group = new Int32Array(capacity);
    this.point = new Int32Array(capacity);
    this.outcome = new Uint8Array(capacity);
    this.text = new Array<string | undefined>(capacity);
  }

  /** False, and nothing added, for a value that Postgres has no form for. */
  add(series: number, tsMs: number, rev: bigint, value: Json, group = 0, point = 0): boolean {
    const row = this.size;
    if (!this.#setValue(row, value)) return false;
    this.group[row] = group;
    this.point[row] = point;
    this.series[row] = series;
    this.tsUs[row] = Math.round(tsMs * 1000);
    this.rev[row] = rev;
    this.size = row + 1;
    return true;
  }

  #setValue(row: number, value: Json): boolean {
    if (typeof value === 'number') {
      this.kind[row] = NUMBER;
      // Zero without a sign: to Postgres both are equal, so which of them is stored would depend on the order.
      this.number[row] = value === 0 ? 0 : value;
      return Number.isFinite(value);
    }
    if (typeof value === 'boolean') {
      this.kind[row] = BOOLEAN;
      this.number[row] = value ? 1 : 0;
      return true;
    }
    if (typeof value === 'string') {
      this.kind[row] = TEXT;
      this.text[row] = value;
      return isStorableText(value);
    }
    if (value === null || value === undefined) return false;
    const text = JSON.stringify(value);
    this.kind[row] = JSON_VALUE;
    this.text[row] = text;
    return !UNSTORABLE_ESCAPE.test(text);
  }

  /**
   * Sorts, and numbers the waves. Rows that say the same as another row of the same identity with a greater or equal rev
   * are left out; returns how many.
   */
  arrange(): number {
    const sorted = new Uint32Array(this.size);
    for (let row = 0; row < this.size; row++) sorted[row] = row;
    sorted.sort((a, b) => this.#compare(a, b));
    let kept = 0;
    let wave = 0;
    for (let at = 0; at < sorted.length; at++) {
      const row = sorted[at] as number;
      const previous = kept === 0 ? -1 : (sorted[kept - 1] as number);
      const again = previous >= 0 && this.#sameIdentity(previous, row);
      wave = again ? wave + 1 : 0;
      if (again && this.#sameValue(previous, row)) {
        // Sorted by rev: this row's is the greater one, and takes the place of the other.
        wave--;
        this.outcome[previous] = DUPLICATE;
        sorted[kept - 1] = row;
      } else {
        sorted[kept++] = row;
      }
      this.wave[row] = wave;
      this.waves = Math.max(this.waves, wave + 1);
    }
    this.order = sorted.subarray(0, kept);
    return this.size - kept;
  }

  #compare(a: number, b: number): number {
    const series = (this.series[a] as number) - (this.series[b] as number);
    if (series !== 0) return series;
    const ts = (this.tsUs[a] as number) - (this.tsUs[b] as number);
    if (ts !== 0) return ts;
    const revA = this.rev[a] as bigint;
    const revB = this.rev[b] as bigint;
    return revA < revB ? -1 : revA > revB ? 1 : a - b;
  }

  #sameIdentity(a: number, b: number): boolean {
    return this.series[a] === this.series[b] && this.tsUs[a] === this.tsUs[b];
  }

  #sameValue(a: number, b: number): boolean {
    const kind = this.kind[a] as number;
    if (kind !== this.kind[b]) return false;
    return kind >= TEXT ? this.text[a] === this.text[b] : this.number[a] === this.number[b];
  }
}
