import type { IdempotencyKeys, Queryable, StoredAnswer } from '@tributary/database';

/** The right to answer the first request with a key. */
export class IdempotencyClaim {
  readonly #keys: IdempotencyKeys;
  readonly #owner: [workspace: string, key: string, attempt: string];
  #finished = false;

  constructor(keys: IdempotencyKeys, owner: [workspace: string, key: string, attempt: string]) {
    this.#keys = keys;
    this.#owner = owner;
  }

  /**
   * Stores the answer; within the transaction of the effect neither is without the other. False when another request has
   * taken the key over: then the transaction must not be committed.
   */
  async finish(answer: StoredAnswer, tx?: Queryable): Promise<boolean> {
    if (this.#finished) return true;
    this.#finished = await this.#keys.finish(...this.#owner, answer, tx);
    return this.#finished;
  }

  /** The request had no effect: the key is free again. */
  abandon(): Promise<void> {
    return this.#keys.abandon(...this.#owner);
  }
}
