import type { LogPosition } from './cursor.ts';

/** What the memory of recent events needs to know of one. Offsets increase, with gaps. */
export interface Recent extends LogPosition {
  readonly text: string;
}

export interface RecentLimits {
  entries: number;
  characters: number;
}

export type Lookup<E> =
  /** Everything after the position, oldest first; empty when it is the newest. */
  | { found: true; entries: E[] }
  /** `older`: before what is kept; `newer`: after the newest; `other`: another event has this offset. */
  | { found: false; because: 'older' | 'newer' | 'other' };

/** The newest events, without a gap between them, bounded in number and size, and a way to wait for more. */
export class RecentEvents<E extends Recent> {
  readonly #limits: RecentLimits;
  #entries: E[] = [];
  #head = 0;
  #characters = 0;
  #waiting = new Set<() => void>();
  #wakePlanned = false;
  #version = 0;

  constructor(limits: RecentLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#entries.length - this.#head;
  }

  /** Grows with every change; look at it before looking for entries, and give it to `changed` after. */
  get version(): number {
    return this.#version;
  }

  get oldest(): E | undefined {
    return this.#entries[this.#head];
  }

  get newest(): E | undefined {
    return this.size > 0 ? this.#entries.at(-1) : undefined;
  }

  /** Offsets must increase; what does not is ignored. */
  append(entry: E): void {
    const newest = this.newest;
    if (newest && entry.offset <= newest.offset) return;
    this.#entries.push(entry);
    this.#characters += entry.text.length;
    while (this.size > 1 && (this.size > this.#limits.entries || this.#characters > this.#limits.characters)) {
      this.#characters -= this.#entries[this.#head]?.text.length ?? 0;
      this.#head += 1;
    }
    // Moving the rest once in a while costs less than shifting each time.
    if (this.#head > 1_024 && this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    this.#wake();
  }

  /** Forgets everything: what comes next may not follow what was. */
  reset(): void {
    this.#entries = [];
    this.#head = 0;
    this.#characters = 0;
    this.#wake();
  }

  /** Everything that is kept, as it is now. */
  *newestFirst(): Generator<E> {
    for (const entry of this.#entries.slice(this.#head).reverse()) yield entry;
  }

  /** At most `max` entries after a position. */
  after(position: LogPosition, max: number): Lookup<E> {
    const { oldest, newest } = this;
    if (!oldest || !newest || position.offset > newest.offset) return { found: false, because: 'newer' };
    if (position.offset < oldest.offset) return { found: false, because: 'older' };
    const index = this.#indexOf(position.offset);
    if (this.#entries[index]?.offset !== position.offset || this.#entries[index].check !== position.check) {
      return { found: false, because: 'other' };
    }
    return { found: true, entries: this.#entries.slice(index + 1, index + 1 + max) };
  }

  /** Resolves when something was appended or all was forgotten since `version`, or when the signal aborts. */
  changed(version: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted || version !== this.#version) return resolve();
      const done = () => {
        signal.removeEventListener('abort', done);
        this.#waiting.delete(done);
        resolve();
      };
      this.#waiting.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  /** A burst wakes everyone once. */
  #wake(): void {
    this.#version += 1;
    if (this.#wakePlanned || this.#waiting.size === 0) return;
    this.#wakePlanned = true;
    setImmediate(() => {
      this.#wakePlanned = false;
      const waiting = this.#waiting;
      this.#waiting = new Set();
      for (const done of waiting) done();
    });
  }

  /** Index of the first kept entry whose offset is not less. */
  #indexOf(offset: number): number {
    let low = this.#head;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle]?.offset ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
