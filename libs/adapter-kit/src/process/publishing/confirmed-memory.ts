interface Entry {
  value: string;
  rev: bigint;
}

type Series = Map<string, Entry>;

/**
 * What the broker has confirmed lately, so that a look-back which reads the same again is not published again. One
 * bound for the whole process; forgetting costs one publication and never a point.
 */
export class ConfirmedMemory {
  readonly #max: number;
  readonly #scopes = new Set<MemoryScope>();
  #size = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#size;
  }

  /** For one time of owning a connection: another owner may publish something else in between. `drop` it afterwards. */
  scope(): MemoryScope {
    const scope = new MemoryScope(
      (change) => this.#resized(change),
      () => this.#scopes.delete(scope),
    );
    this.#scopes.add(scope);
    return scope;
  }

  #resized(change: number): void {
    this.#size += change;
    while (this.#size > this.#max) {
      const [scope] = this.#scopes;
      if (!scope) return;
      // Taken in turns, so that one busy connection does not live at the cost of one other.
      this.#scopes.delete(scope);
      this.#scopes.add(scope);
      scope.forgetSome();
    }
  }
}

export class MemoryScope {
  readonly #series = new Map<string, Series>();
  readonly #resized: (change: number) => void;
  readonly #dropped: () => void;

  constructor(resized: (change: number) => void, dropped: () => void) {
    this.#resized = resized;
    this.#dropped = dropped;
  }

  /** Is this value (its fingerprint) what was last confirmed for the item of the series? */
  knows(series: string, item: string, value: string): boolean {
    return this.#series.get(series)?.get(item)?.value === value;
  }

  /** Call after the confirm. Confirms may come in any order: the greatest rev stays. */
  confirmed(series: string, item: string, value: string, rev: bigint): void {
    let items = this.#series.get(series);
    if (!items) {
      items = new Map();
      this.#series.set(series, items);
    }
    const known = items.get(item);
    if (known && known.rev >= rev) return;
    items.set(item, { value, rev });
    if (!known) this.#resized(1);
  }

  /** Something else was said of this item, which is not to be remembered: whatever is said of it next is news. */
  forget(series: string, item: string): void {
    const items = this.#series.get(series);
    if (!items?.delete(item)) return;
    if (items.size === 0) this.#series.delete(series);
    this.#resized(-1);
  }

  /** The older half of the series that has waited longest for its turn. */
  forgetSome(): void {
    const [first] = this.#series;
    if (!first) return;
    const [name, items] = first;
    this.#series.delete(name);
    let left = Math.ceil(items.size / 2);
    const count = left;
    for (const item of items.keys()) {
      if (left === 0) break;
      items.delete(item);
      left -= 1;
    }
    if (items.size > 0) this.#series.set(name, items);
    this.#resized(-count);
  }

  drop(): void {
    let count = 0;
    for (const items of this.#series.values()) count += items.size;
    this.#series.clear();
    this.#dropped();
    this.#resized(-count);
  }
}
