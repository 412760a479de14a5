import type { Clock } from '@tributary/runtime';

interface Entry {
  atMs: number;
  order: number;
  fire: (() => void) | undefined;
}

const before = (a: Entry, b: Entry) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** All that is due later in this process, behind one timer however many connections and schedules there are. */
export class DueQueue {
  readonly #clock: Clock;
  readonly #heap: Entry[] = [];
  #order = 0;
  #armedFor: number | undefined;
  #disarm = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `fire` once, `delayMs` from now on the monotonic clock; the returned function cancels. */
  after(delayMs: number, fire: () => void): () => void {
    const entry: Entry = { atMs: this.#clock.monotonicMs() + Math.max(0, delayMs), order: this.#order++, fire };
    this.#heap.push(entry);
    this.#rise(this.#heap.length - 1);
    this.#arm();
    return () => {
      entry.fire = undefined;
    };
  }

  /** Waits; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const cancel = this.after(ms, () => {
        signal.removeEventListener('abort', abort);
        resolve();
      });
      const abort = () => {
        cancel();
        reject(signal.reason);
      };
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  #arm(): void {
    this.#dropCancelled();
    const first = this.#heap[0];
    if (first?.atMs === this.#armedFor) return;
    this.#disarm();
    this.#armedFor = first?.atMs;
    if (!first) return;
    this.#disarm = this.#clock.after(Math.max(0, first.atMs - this.#clock.monotonicMs()), () => this.#fireDue());
  }

  #fireDue(): void {
    this.#armedFor = undefined;
    // Node's timers may come a fraction of a millisecond early.
    const now = this.#clock.monotonicMs() + 1;
    for (let first = this.#heap[0]; first && first.atMs <= now; first = this.#heap[0]) {
      this.#removeFirst();
      first.fire?.();
    }
    this.#arm();
  }

  #dropCancelled(): void {
    while (this.#heap[0] && !this.#heap[0].fire) this.#removeFirst();
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last && this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#sink(0);
    }
  }

  #rise(index: number): void {
    for (let at = index; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfBefore(at, parent)) return;
      at = parent;
    }
  }

  #sink(index: number): void {
    for (let at = index; ; ) {
      const left = 2 * at + 1;
      const right = left + 1;
      const [l, r] = [this.#heap[left], this.#heap[right]];
      if (!l) return;
      const child = r && before(r, l) ? right : left;
      if (!this.#swapIfBefore(child, at)) return;
      at = child;
    }
  }

  #swapIfBefore(child: number, parent: number): boolean {
    const [c, p] = [this.#heap[child], this.#heap[parent]];
    if (!c || !p || !before(c, p)) return false;
    this.#heap[child] = p;
    this.#heap[parent] = c;
    return true;
  }
}
