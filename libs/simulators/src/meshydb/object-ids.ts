import { hash } from '../kit/seeded.ts';

const COUNTER = 0x1_00_00_00;

/** 24 hex digits; the first eight are the second of its making. */
export const isObjectId = (text: unknown): text is string => typeof text === 'string' && /^[0-9a-f]{24}$/i.test(text);

/** Makes ids as the database's drivers do: second, machine, counter. */
export class ObjectIds {
  readonly #writers: readonly string[];
  #count: number;

  /** Each writer counts by itself in life; here they share a counter, so that no id is made twice. */
  constructor(seed: number, writers: number) {
    this.#writers = Array.from(
      { length: writers },
      (_, i) => `${hex(hash(seed, i, 1), 8)}${hex(hash(seed, i, 2) & 0xff, 2)}`,
    );
    this.#count = hash(seed, 3) % (COUNTER / 2);
  }

  /** For what is made at `ms`. */
  next(ms: number): string {
    const n = this.#count++;
    return `${hex(Math.floor(ms / 1000), 8)}${this.#writers[n % this.#writers.length]}${hex(n % COUNTER, 6)}`;
  }
}

const hex = (n: number, digits: number): string => n.toString(16).padStart(digits, '0');
