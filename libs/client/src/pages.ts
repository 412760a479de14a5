/** One page as the API answers it. */
export interface Page<T> {
  items: T[];
  page: { nextCursor?: string; total?: number };
}

export interface PageSource<T> {
  fetch(cursor: string | undefined): Promise<Page<T>>;
  /** Every page has a next one: an empty page is the end for now. */
  endless: boolean;
}

/** A list, read page by page while it is iterated: nothing is read ahead, and the same list can be iterated again. */
export class PagedList<T> implements AsyncIterable<T> {
  readonly #source: PageSource<T>;

  constructor(source: PageSource<T>) {
    this.#source = source;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for await (const { items } of this.pages()) yield* items;
  }

  /** Pages as they were answered, with what stands beside the items. Pages in the middle may be empty. */
  async *pages(): AsyncGenerator<Page<T>, void, undefined> {
    let cursor: string | undefined;
    for (;;) {
      const page = await this.#source.fetch(cursor);
      yield page;
      const { nextCursor } = page.page;
      if (nextCursor === undefined || (this.#source.endless && page.items.length === 0)) return;
      if (nextCursor === cursor) throw new Error(`a page names itself as the next one: ${nextCursor}`);
      cursor = nextCursor;
    }
  }

  /** Every item, or the first `atMost`; for lists that fit into memory. */
  async all(atMost = Number.POSITIVE_INFINITY): Promise<T[]> {
    const items: T[] = [];
    for await (const item of this) {
      if (items.length >= atMost) break;
      items.push(item);
    }
    return items;
  }
}
