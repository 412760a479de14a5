import { Merge } from './merge.ts';
import type { Found, Reading } from './reading.ts';
import { shareOut } from './share-out.ts';

/**
 * One page of several sources, asked at the same time. A page may hold fewer items than `limit`, even none, while there
 * are more. Throws `Unmergeable` for a source that sorts by rules of its own.
 */
export function readAcross<S>(reading: Reading<S>): Promise<Found<S>> {
  // One source alone comes in its platform's own order.
  const merged = reading.sort.length > 0 && reading.sources.length > 1;
  return merged ? new Merge(reading).run() : shareOut(reading);
}
