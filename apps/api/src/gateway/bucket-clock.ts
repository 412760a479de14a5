import { EventEmitter } from 'node:events';
import type { Clock } from '@tributary/runtime';

const shared = new Map<number, EventEmitter>();

/** One timer for all breakers that turn their buckets at the same pace: opossum would start one for each. */
export function bucketClock(clock: Clock, everyMs: number): EventEmitter {
  const known = shared.get(everyMs);
  if (known) return known;
  const emitter = new EventEmitter().setMaxListeners(0);
  clock.every(everyMs, () => emitter.emit('rotate'));
  shared.set(everyMs, emitter);
  return emitter;
}
