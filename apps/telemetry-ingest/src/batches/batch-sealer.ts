import type { Clock } from '@tributary/runtime';

export interface SealLimits {
  points: number;
  bytes: number;
  /** How long the oldest item waits for others while batches are under way. Milliseconds. */
  lingerMs: number;
  /** Batches that may be under way at once. */
  slots: number;
}

export interface Weight {
  points: number;
  bytes: number;
}

interface Waiting<T> extends Weight {
  item: T;
  sinceMs: number;
}

/**
 * Groups items into batches. With nothing under way a batch is sealed at once, so that a lone item is not kept waiting;
 * while batches are under way the next one grows until it is full or its oldest item has lingered. With all slots taken
 * it keeps growing: what is held is bounded by whoever adds, here by the broker's prefetch.
 *
 * Items are never split and keep their order; one item heavier than a limit makes a batch of its own.
 */
export class BatchSealer<T> {
  readonly #limits: SealLimits;
  readonly #clock: Clock;
  readonly #onSealed: (batch: T[]) => void;
  #waiting: Waiting<T>[] = [];
  #points = 0;
  #bytes = 0;
  #underWay = 0;
  #held = false;
  #cancelTimer: (() => void) | undefined;
  #timerAtMs = Number.POSITIVE_INFINITY;

  constructor(limits: SealLimits, clock: Clock, onSealed: (batch: T[]) => void) {
    this.#limits = limits;
    this.#clock = clock;
    this.#onSealed = onSealed;
  }

  get waitingPoints(): number {
    return this.#points;
  }

  get waitingItems(): number {
    return this.#waiting.length;
  }

  get underWay(): number {
    return this.#underWay;
  }

  add(item: T, weight: Weight): void {
    this.#waiting.push({ item, ...weight, sinceMs: this.#clock.monotonicMs() });
    this.#points += weight.points;
    this.#bytes += weight.bytes;
    this.#schedule();
  }

  /** A batch is through, one way or the other: its slot is free. */
  done(): void {
    this.#underWay -= 1;
    this.#schedule();
  }

  /** While held nothing is sealed; items may still be added. */
  hold(): void {
    this.#held = true;
    this.#clearTimer();
  }

  release(): void {
    this.#held = false;
    this.#schedule();
  }

  /** Takes back what is not sealed yet, for instance because its channel is gone. */
  clear(): T[] {
    const items = this.#waiting.map((w) => w.item);
    this.#waiting = [];
    this.#points = 0;
    this.#bytes = 0;
    this.#clearTimer();
    return items;
  }

  /** Seals now what the free slots can take. */
  flush(): void {
    while (this.#mayRun() && this.#waiting.length > 0) this.#seal();
  }

  #mayRun(): boolean {
    return !this.#held && this.#underWay < this.#limits.slots;
  }

  #full(): boolean {
    return this.#points >= this.#limits.points || this.#bytes >= this.#limits.bytes;
  }

  #schedule(): void {
    while (this.#mayRun() && this.#full()) this.#seal();
    const oldest = this.#waiting[0];
    if (!oldest || !this.#mayRun()) return;
    // Idle: the rest of what the socket just brought may join, nothing else is waited for.
    const lingerMs = this.#underWay === 0 ? 0 : this.#limits.lingerMs;
    this.#wakeAt(Math.max(oldest.sinceMs + lingerMs, this.#clock.monotonicMs()));
  }

  #wakeAt(atMs: number): void {
    if (this.#cancelTimer && this.#timerAtMs <= atMs) return;
    this.#clearTimer();
    this.#timerAtMs = atMs;
    this.#cancelTimer = this.#clock.after(Math.max(0, atMs - this.#clock.monotonicMs()), () => {
      this.#clearTimer();
      if (this.#mayRun() && this.#waiting.length > 0) this.#seal();
      this.#schedule();
    });
  }

  #clearTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#timerAtMs = Number.POSITIVE_INFINITY;
  }

  #seal(): void {
    let count = 0;
    let points = 0;
    let bytes = 0;
    for (const next of this.#waiting) {
      const fits = points + next.points <= this.#limits.points && bytes + next.bytes <= this.#limits.bytes;
      if (count > 0 && !fits) break;
      points += next.points;
      bytes += next.bytes;
      count += 1;
    }
    const batch = this.#waiting.splice(0, count).map((w) => w.item);
    this.#points -= points;
    this.#bytes -= bytes;
    this.#underWay += 1;
    this.#onSealed(batch);
  }
}
