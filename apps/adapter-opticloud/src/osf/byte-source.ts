/** Reads a stream of bytes in pieces of a known length, holding no more than the piece asked for and one chunk. */
export class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #held: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#chunks = bytes[Symbol.asyncIterator]();
  }

  get available(): number {
    return this.#held.length - this.#at;
  }

  /** Waits until `length` bytes are there; false when the stream ends before. */
  async fill(length: number): Promise<boolean> {
    if (this.available >= length) return true;
    const pieces: Buffer[] = [this.#held.subarray(this.#at)];
    let available = this.available;
    while (available < length) {
      const { value, done } = await this.#chunks.next();
      if (done) break;
      pieces.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
      available += value.length;
    }
    this.#held = Buffer.concat(pieces);
    this.#at = 0;
    return available >= length;
  }

  /** The next `length` bytes, or fewer when no more are there: `fill` first. */
  take(length: number): Buffer {
    const end = Math.min(this.#at + length, this.#held.length);
    const piece = this.#held.subarray(this.#at, end);
    this.#at = end;
    return piece;
  }

  /** As `take`, and leaves them where they are. */
  peek(length: number): Buffer {
    return this.#held.subarray(this.#at, this.#at + length);
  }

  /** Text up to a line feed, which is swallowed; undefined when none comes within `max` bytes. */
  async line(max: number): Promise<string | undefined> {
    await this.fill(max);
    const end = this.peek(max).indexOf(0x0a);
    return end < 0 ? undefined : this.take(end + 1).toString('latin1', 0, end);
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
