interface Waiter {
  enter: () => void;
}

/** A bounded number of permits, given in the order of asking. */
export class PermitGate {
  readonly capacity: number;
  #taken = 0;
  readonly #waiting = new Set<Waiter>();

  constructor(capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 1) throw new RangeError('capacity must be a whole number from 1 on');
    this.capacity = capacity;
  }

  get taken(): number {
    return this.#taken;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Takes a permit if one is free and nobody waits for it. */
  tryEnter(): boolean {
    if (this.#taken >= this.capacity || this.#waiting.size > 0) return false;
    this.#taken += 1;
    return true;
  }

  /** Waits for a permit. Rejects with the signal's reason when it aborts first; no permit is held then. */
  enter(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.tryEnter()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiting.delete(waiter);
        reject(signal?.reason);
      };
      const waiter: Waiter = {
        enter: () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
      };
      this.#waiting.add(waiter);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Gives a permit back; the one who waits longest has it at once. */
  leave(): void {
    const [next] = this.#waiting;
    if (!next) {
      this.#taken -= 1;
      return;
    }
    this.#waiting.delete(next);
    next.enter();
  }
}
