import { EventEmitter } from 'node:events';
import type { Clock } from '@tributary/runtime';

const perClock = new WeakMap<Clock, Map<number, EventEmitter>>();

/**
 * One timer for all breakers whose buckets turn at the same pace, instead of one per breaker: a process holds
 * thousands of them. The timer does not keep the process alive.
 */
export function bucketRotation(clock: Clock, intervalMs: number): EventEmitter {
  const rotations = perClock.get(clock) ?? new Map<number, EventEmitter>();
  perClock.set(clock, rotations);
  const known = rotations.get(intervalMs);
  if (known) return known;
  const rotation = new EventEmitter().setMaxListeners(0);
  rotations.set(intervalMs, rotation);
  clock.every(intervalMs, () => rotation.emit('rotate'));
  return rotation;
}
