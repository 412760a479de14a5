import { failpoint } from '@tributary/runtime';
import { RefusedByDatabase } from './storage-gate.ts';

export interface Refused<T> {
  item: T;
  sqlState: string | undefined;
}

/**
 * Stores `items` with as few attempts as it takes to find those that the database refuses. Rejects only for what
 * `attempt` rejects with besides `RefusedByDatabase`; items stored until then stay stored, and may be stored again.
 */
export async function storeOrFindGuilty<T>(
  items: readonly T[],
  attempt: (items: readonly T[]) => Promise<void>,
): Promise<Refused<T>[]> {
  try {
    await attempt(items);
    return [];
  } catch (error) {
    if (!(error instanceof RefusedByDatabase)) throw error;
    const [only] = items;
    if (items.length <= 1) return only === undefined ? [] : [{ item: only, sqlState: error.sqlState }];
  }
  await failpoint('in-bisect');
  const middle = items.length >> 1;
  const first = await storeOrFindGuilty(items.slice(0, middle), attempt);
  const second = await storeOrFindGuilty(items.slice(middle), attempt);
  return [...first, ...second];
}
