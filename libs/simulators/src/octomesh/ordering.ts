import type { TrueValue } from '../kit/series-log.ts';
import { compareIds } from './entity-store.ts';
import type { Readable } from './filter.ts';

export interface SortKey {
  attribute: string;
  descending: boolean;
}

/** By the keys in their order, ties by `rtId`. What is not there comes before everything. */
export function comparator<T extends { rtId: string }>(
  keys: readonly SortKey[],
  readable: Readable<T>,
): (a: T, b: T) => number {
  return (a, b) => {
    for (const { attribute, descending } of keys) {
      const order = compareValues(readable.read(a, attribute), readable.read(b, attribute));
      if (order !== 0) return descending ? -order : order;
    }
    return compareIds(a.rtId, b.rtId);
  };
}

function compareValues(a: TrueValue | undefined, b: TrueValue | undefined): number {
  const [left, right] = [a ?? null, b ?? null];
  if (left === right) return 0;
  if (left === null) return -1;
  if (right === null) return 1;
  return left < right ? -1 : left > right ? 1 : 0;
}
