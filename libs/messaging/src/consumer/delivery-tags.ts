/**
 * The deliveries of one channel that are not yet acknowledged. The broker closes a channel that acknowledges a tag
 * twice, so every settling asks here first. Pure bookkeeping.
 */
export class DeliveryTags {
  /** Ascending, because tags are given in order. */
  readonly #held = new Set<number>();

  get size(): number {
    return this.#held.size;
  }

  hold(tag: number): void {
    this.#held.add(tag);
  }

  /** True once for each tag. */
  settle(tag: number): boolean {
    return this.#held.delete(tag);
  }

  /** Settles all tags up to and including `tag`; answers the greatest of them, undefined when there was none. */
  settleUpTo(tag: number): number | undefined {
    let greatest: number | undefined;
    for (const held of this.#held) {
      if (held > tag) break;
      this.#held.delete(held);
      greatest = held;
    }
    return greatest;
  }
}
