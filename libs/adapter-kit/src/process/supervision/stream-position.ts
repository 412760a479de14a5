/** A connection that dies without a word is noticed within this time: what was silent until then was silent. */
const SILENCE_PROVEN_AFTER_MS = 60_000;

/**
 * Until when everything that came is confirmed, though confirms come in any order. Milliseconds since 1970 UTC, our
 * clock. An item that is never confirmed holds the position where it is.
 */
export class StreamPosition {
  #seenMs: number | undefined;
  #waiting: { atMs: number; confirmed: boolean }[] = [];
  #head = 0;

  /** Undefined before the first opening. */
  get seenMs(): number | undefined {
    return this.#seenMs;
  }

  /** Where an earlier owner stood. */
  resume(seenMs: number): void {
    this.#seenMs = seenMs;
  }

  /** The stream stands again: what waits for a confirm is lost with the old one. Returns where the last one stood. */
  begin(nowMs: number): number | undefined {
    const before = this.#seenMs;
    this.#waiting = [];
    this.#head = 0;
    // By a clock that is behind the one before nothing is known of what lies between.
    this.#seenMs = Math.max(before ?? nowMs, nowMs);
    return before;
  }

  received(atMs: number): () => void {
    const item = { atMs, confirmed: false };
    const waiting = this.#waiting;
    waiting.push(item);
    return () => {
      item.confirmed = true;
      if (waiting === this.#waiting) this.#advance();
    };
  }

  /** The stream stands and nothing waits: after long enough, that was silence. */
  quiet(nowMs: number): void {
    if (this.#head === this.#waiting.length) this.#moveTo(nowMs - SILENCE_PROVEN_AFTER_MS);
  }

  #advance(): void {
    for (let item = this.#waiting[this.#head]; item?.confirmed; item = this.#waiting[this.#head]) {
      this.#moveTo(item.atMs);
      this.#head += 1;
    }
    if (this.#head < 1_000 && this.#head < this.#waiting.length) return;
    this.#waiting.splice(0, this.#head);
    this.#head = 0;
  }

  #moveTo(ms: number): void {
    this.#seenMs = Math.max(this.#seenMs ?? ms, ms);
  }
}
