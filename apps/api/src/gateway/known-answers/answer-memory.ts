import { LRUCache } from 'lru-cache';

/** The last answer to a question. */
export interface KeptAnswer {
  /** JSON; undefined where the platform has since refused the question. */
  text: string | undefined;
  /** By this house's clock: how old it is. */
  observedAtMs: number;
  /** By the database's clock: whether a change came after it. */
  readAtMs: number;
}

/** Key and record of one, roughly. */
const OVERHEAD_BYTES = 400;
/** A page of a thousand large records; what is larger is rarely asked twice. */
export const LONGEST_ANSWER = 1_048_576;

/** Answers of this replica, within so many bytes. The one that was not used for longest goes first. */
export class AnswerMemory {
  readonly #answers: LRUCache<string, KeptAnswer>;

  constructor(bytes: number) {
    this.#answers = new LRUCache({
      maxSize: Math.max(1, bytes),
      maxEntrySize: Math.max(1, Math.min(bytes, 2 * LONGEST_ANSWER + OVERHEAD_BYTES)),
      // Two bytes a character at most.
      sizeCalculation: ({ text }) => OVERHEAD_BYTES + 2 * (text?.length ?? 0),
    });
  }

  get bytes(): number {
    return this.#answers.calculatedSize;
  }

  get(key: string): KeptAnswer | undefined {
    return this.#answers.get(key);
  }

  /** The later one stays. */
  put(key: string, answer: KeptAnswer): void {
    const present = this.#answers.peek(key);
    if (present && present.observedAtMs > answer.observedAtMs) return;
    // What does not fit must not leave an earlier one in its place.
    this.#answers.delete(key);
    this.#answers.set(key, answer);
  }

  delete(key: string): void {
    this.#answers.delete(key);
  }
}
