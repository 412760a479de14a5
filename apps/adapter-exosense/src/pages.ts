import type { Page } from './instance.ts';

/** Share of a page that is read again with the next one. */
const OVERLAP = 0.1;

/**
 * Everything in a listing that has neither total nor cursor and shifts when something is deleted: pages overlap by a
 * tenth, so that a few deletions while it is read hide nothing, and each item is brought once. Ends at a page that is
 * not full.
 */
export async function* overlappingPages<T>(
  limit: number,
  ask: (page: Page) => Promise<{ rows: number; items: T[] }>,
  idOf: (item: T) => string,
): AsyncGenerator<T[], void, undefined> {
  const seen = new Set<string>();
  const step = Math.max(1, limit - Math.ceil(limit * OVERLAP));
  for (let offset = 0; ; offset += step) {
    const { rows, items } = await ask({ limit, offset });
    const fresh = items.filter((item) => !seen.has(idOf(item)));
    for (const item of fresh) seen.add(idOf(item));
    yield fresh;
    if (rows < limit) return;
  }
}
