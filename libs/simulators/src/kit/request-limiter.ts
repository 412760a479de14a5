/** So many requests per rolling window. Answers how long to wait, 0 when the request may pass. */
export class RequestLimiter {
  readonly #requests: number;
  readonly #perMs: number;
  readonly #taken = new Map<string, number[]>();

  constructor(requests: number, perMs: number) {
    this.#requests = requests;
    this.#perMs = perMs;
  }

  /** A refused request does not count. */
  take(key: string, nowMs: number): number {
    const recent = (this.#taken.get(key) ?? []).filter((at) => at > nowMs - this.#perMs);
    this.#taken.set(key, recent);
    const oldest = recent[0];
    if (recent.length < this.#requests || oldest === undefined) {
      recent.push(nowMs);
      return 0;
    }
    return oldest + this.#perMs - nowMs;
  }
}
