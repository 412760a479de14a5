/** A page of a list by keyset: `after` is what the previous page gave as `next`. */
export interface PageRequest {
  limit: number;
  after?: string | undefined;
}

export interface PageResult<T> {
  items: T[];
  /** Absent on the last page. */
  next?: string;
}

/** Collects conditions and their values for one statement. */
export class Conditions {
  readonly values: unknown[];
  readonly #parts: string[] = [];

  constructor(...values: unknown[]) {
    this.values = values;
  }

  /** `text` with `?` for each value; skipped when the only value is undefined. */
  and(text: string, ...values: unknown[]): this {
    if (values.length === 1 && values[0] === undefined) return this;
    let used = 0;
    this.#parts.push(text.replaceAll('?', () => this.bind(values[used++])));
    if (used !== values.length) throw new RangeError('a condition needs exactly one value for each question mark');
    return this;
  }

  /** Adds a value; returns its placeholder. */
  bind(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }

  get sql(): string {
    return this.#parts.length > 0 ? this.#parts.join(' and ') : 'true';
  }
}

/** Cuts the row read beyond the limit, which tells that there is more. */
export function toPage<R, T>(
  rows: R[],
  limit: number,
  map: (row: R) => T,
  cursorOf: (row: R) => string,
): PageResult<T> {
  const kept = rows.slice(0, limit);
  const last = kept.at(-1);
  return {
    items: kept.map(map),
    ...(rows.length > limit && last !== undefined ? { next: cursorOf(last) } : {}),
  };
}
