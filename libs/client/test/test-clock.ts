import type { Clock } from '../src/clock.ts';

/** Whoever sleeps wakes at once, and what they slept is written down; watches expire when the test says so. */
export class TestClock implements Clock {
  readonly waits: number[] = [];
  readonly #watches = new Set<() => void>();
  #elapsedMs = 0;

  now(): number {
    return Date.UTC(2026, 0, 1) + this.#elapsedMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.waits.push(ms);
    this.#elapsedMs += ms;
  }

  after(_ms: number, fn: () => void): () => void {
    this.#watches.add(fn);
    return () => this.#watches.delete(fn);
  }

  /** Watches that run. */
  get watches(): number {
    return this.#watches.size;
  }

  expire(): void {
    for (const fire of [...this.#watches]) {
      this.#watches.delete(fire);
      fire();
    }
  }
}
