/** Beyond this the socket is not read until the consumer has caught up. */
const FULL_AT = 1_000;
const EMPTY_ENOUGH_AT = 500;

export interface Flow {
  pause(): void;
  resume(): void;
}

/** Between a socket that pushes and a consumer that pulls: bounded, in order, for one consumer at a time. */
export class MessageInbox<T> {
  readonly #flow: Flow;
  #items: T[] = [];
  #head = 0;
  #end: { error?: Error } | undefined;
  #paused = false;
  /** How many wait for an answer that may come behind the messages. */
  #awaiting = 0;
  #wake = () => {};

  constructor(flow: Flow) {
    this.#flow = flow;
  }

  get paused(): boolean {
    return this.#paused;
  }

  push(item: T): void {
    this.#items.push(item);
    this.#pauseWhenFull();
    this.#wake();
  }

  /**
   * Until the returned function is called nothing is held back. For whoever waits for the broker's answer: to a session
   * that was kept it first sends what was missed, as much as it lets be unacknowledged, and then answers.
   */
  keepOpen(): () => void {
    this.#awaiting += 1;
    if (this.#paused) this.#goOn();
    return () => {
      this.#awaiting -= 1;
      this.#pauseWhenFull();
    };
  }

  /** No more items: the consumer ends, or throws `error`, once it has had what is there. */
  end(error?: Error): void {
    this.#end ??= error ? { error } : {};
    this.#wake();
  }

  /** Ends when the inbox ends; rejects with the signal's reason. */
  async *read(signal: AbortSignal): AsyncGenerator<T> {
    const abort = () => this.#wake();
    signal.addEventListener('abort', abort);
    try {
      for (;;) {
        signal.throwIfAborted();
        if (this.#size > 0) yield this.#take();
        else if (this.#end?.error) throw this.#end.error;
        else if (this.#end) return;
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  get #size(): number {
    return this.#items.length - this.#head;
  }

  #take(): T {
    const item = this.#items[this.#head++] as T;
    if (this.#head >= FULL_AT || this.#head === this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    if (this.#paused && this.#size <= EMPTY_ENOUGH_AT) this.#goOn();
    return item;
  }

  #pauseWhenFull(): void {
    if (this.#paused || this.#awaiting > 0 || this.#size < FULL_AT) return;
    this.#paused = true;
    this.#flow.pause();
  }

  #goOn(): void {
    this.#paused = false;
    this.#flow.resume();
  }
}
