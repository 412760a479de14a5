/**
 * Acknowledgements in the order in which messages came, as MQTT asks, though they become ready in any order. A message
 * that is not acknowledged holds back those after it; nothing is ever released twice.
 */
export class AckWindow {
  readonly #release: (messageId: number) => void;
  #waiting: { messageId: number; ready: boolean }[] = [];

  constructor(release: (messageId: number) => void) {
    this.#release = release;
  }

  /** Messages received and not yet acknowledged to the broker. */
  get size(): number {
    return this.#waiting.length;
  }

  /** Is it under way already? Then what comes under its id again is the same message. */
  holds(messageId: number): boolean {
    return this.#waiting.some((entry) => entry.messageId === messageId);
  }

  /** Notes a received message; the returned function acknowledges it, once and at any time. */
  received(messageId: number): () => void {
    const entry = { messageId, ready: false };
    this.#waiting.push(entry);
    return () => {
      if (entry.ready) return;
      entry.ready = true;
      if (this.#waiting[0] === entry) this.#advance();
    };
  }

  #advance(): void {
    const hole = this.#waiting.findIndex((entry) => !entry.ready);
    const released = this.#waiting.splice(0, hole === -1 ? this.#waiting.length : hole);
    for (const { messageId } of released) this.#release(messageId);
  }
}
