const ID_BYTES = 12;
const PRINT_BYTES = 8;
const STRIDE = ID_BYTES + PRINT_BYTES;
const FIRST_ROOM = 256;

/**
 * Ids of documents with a mark of what they held, in the order of ids: 20 bytes a document. `print` is base64url text of
 * which eight bytes are kept.
 */
export class Roll {
  #bytes = Buffer.alloc(FIRST_ROOM * STRIDE);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Throws `RangeError` for an id that does not come after the last one. */
  append(id: string, print: string): void {
    const key = Buffer.from(id, 'hex');
    if (this.#length > 0 && this.#keyAt(this.#length - 1).compare(key) >= 0) throw new RangeError('ids must ascend');
    const end = this.#length * STRIDE;
    if (end === this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], this.#bytes.length * 2);
    key.copy(this.#bytes, end);
    markOf(print).copy(this.#bytes, end + ID_BYTES);
    this.#length += 1;
  }

  idAt(index: number): string | undefined {
    return index < this.#length ? this.#keyAt(index).toString('hex') : undefined;
  }

  /** Whether the document is known, and held the same. */
  compare(id: string, print: string): 'unknown' | 'same' | 'other' {
    const index = this.#find(Buffer.from(id, 'hex'));
    if (index === undefined) return 'unknown';
    const at = index * STRIDE + ID_BYTES;
    return this.#bytes.subarray(at, at + PRINT_BYTES).equals(markOf(print)) ? 'same' : 'other';
  }

  has(id: string): boolean {
    return this.#find(Buffer.from(id, 'hex')) !== undefined;
  }

  /** The same for the same documents up to this id. */
  summary(upTo: string): Summary {
    const last = Buffer.from(upTo, 'hex');
    let count = 0;
    let sum = 0n;
    for (; count < this.#length && this.#keyAt(count).compare(last) <= 0; count++) {
      const at = count * STRIDE;
      sum += this.#bytes.readBigUInt64BE(at + ID_BYTES - PRINT_BYTES) ^ this.#bytes.readBigUInt64BE(at + ID_BYTES);
    }
    return { count, sum: BigInt.asUintN(64, sum).toString(36) };
  }

  #find(key: Buffer): number | undefined {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = this.#keyAt(middle).compare(key);
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return undefined;
  }

  #keyAt(index: number): Buffer {
    return this.#bytes.subarray(index * STRIDE, index * STRIDE + ID_BYTES);
  }
}

export interface Summary {
  count: number;
  sum: string;
}

const markOf = (print: string): Buffer => Buffer.from(print, 'base64url').subarray(0, PRINT_BYTES);
