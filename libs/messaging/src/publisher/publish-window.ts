/** One message on its way. `pending`: to be written; `written`: waits for its confirm; `resting`: refused, waits to be tried again. */
export interface WindowEntry<T> {
  readonly seq: number;
  readonly item: T;
  state: 'pending' | 'written' | 'resting' | 'settled';
  /** How often the broker refused it. */
  refusals: number;
  writtenAtMs: number;
}

/**
 * The messages between acceptance and confirmation, in the order of acceptance. Pure bookkeeping: an entry leaves only
 * by `settle`, so nothing is forgotten by a lost channel, a refusal or a lost confirm.
 */
export class PublishWindow<T> {
  readonly #entries = new Map<number, WindowEntry<T>>();
  /** Ascending by seq. */
  #pending: WindowEntry<T>[] = [];
  #seq = 0;

  get size(): number {
    return this.#entries.size;
  }

  add(item: T): WindowEntry<T> {
    const entry: WindowEntry<T> = { seq: this.#seq++, item, state: 'pending', refusals: 0, writtenAtMs: 0 };
    this.#entries.set(entry.seq, entry);
    this.#pending.push(entry);
    return entry;
  }

  /** The earliest entry that is to be written, marked as written; undefined when there is none. */
  take(nowMs: number): WindowEntry<T> | undefined {
    const entry = this.#pending.shift();
    if (!entry) return undefined;
    entry.state = 'written';
    entry.writtenAtMs = nowMs;
    return entry;
  }

  /** Done with it, confirmed or given up. False when it was already. */
  settle(entry: WindowEntry<T>): boolean {
    if (!this.#entries.delete(entry.seq)) return false;
    if (entry.state === 'pending') this.#pending = this.#pending.filter((other) => other !== entry);
    entry.state = 'settled';
    return true;
  }

  /** The broker did not take it: it rests until `wake`. */
  refuse(entry: WindowEntry<T>): void {
    if (entry.state !== 'written') return;
    entry.state = 'resting';
    entry.refusals += 1;
  }

  wake(entry: WindowEntry<T>): void {
    if (entry.state !== 'resting') return;
    entry.state = 'pending';
    this.#rebuild();
  }

  /** Nobody will confirm what was written: all of it is to be written again, in the old order. Says how many. */
  channelLost(): number {
    let lost = 0;
    for (const entry of this.#entries.values()) {
      if (entry.state !== 'written') continue;
      entry.state = 'pending';
      lost += 1;
    }
    this.#rebuild();
    return lost;
  }

  /** When the entry that waits longest for its confirm was written; undefined when none waits. */
  oldestWrittenMs(): number | undefined {
    for (const entry of this.#entries.values()) if (entry.state === 'written') return entry.writtenAtMs;
    return undefined;
  }

  /** Time in which the broker was allowed to be silent does not count. */
  restartWaiting(nowMs: number): void {
    for (const entry of this.#entries.values()) if (entry.state === 'written') entry.writtenAtMs = nowMs;
  }

  entries(): IterableIterator<WindowEntry<T>> {
    return this.#entries.values();
  }

  #rebuild(): void {
    this.#pending = [...this.#entries.values()].filter((entry) => entry.state === 'pending');
  }
}
