/** From several sources to one reader: in the order of arrival, and no faster than the reader. */
export class Funnel<T> {
  readonly #most: number;
  #items: T[] = [];
  #end: { error: unknown } | undefined;
  #wakeReader = () => {};
  #wakeWriters: (() => void)[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /** Resolves when there is room for the next; at once after the end, when nobody reads any more. */
  async put(item: T): Promise<void> {
    this.#items.push(item);
    this.#wakeReader();
    if (this.#items.length >= this.#most && !this.#end) {
      await new Promise<void>((resolve) => this.#wakeWriters.push(resolve));
    }
  }

  /** The reader gets what is there, and then `error`. */
  end(error: unknown): void {
    this.#end ??= { error };
    this.#wakeReader();
    this.#release();
  }

  /** Everything that has come, batch by batch. Throws what the funnel was ended with, or the signal's reason. */
  async *read(signal: AbortSignal): AsyncGenerator<T[], never, undefined> {
    const abort = () => this.#wakeReader();
    signal.addEventListener('abort', abort);
    try {
      for (;;) {
        signal.throwIfAborted();
        if (this.#items.length > 0) yield this.#take();
        else if (this.#end) throw this.#end.error;
        else {
          await new Promise<void>((resolve) => {
            this.#wakeReader = resolve;
          });
        }
      }
    } finally {
      signal.removeEventListener('abort', abort);
      this.end(undefined);
    }
  }

  #take(): T[] {
    const items = this.#items;
    this.#items = [];
    this.#release();
    return items;
  }

  #release(): void {
    for (const wake of this.#wakeWriters.splice(0)) wake();
  }
}
