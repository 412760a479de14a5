import type { Clock } from '@tributary/runtime';

/** The reason with which a deadline's signal aborts. */
export class DeadlineReached extends Error {}

/** A signal that aborts after `ms` or with the caller's own; `done()` lets go of the timer and must be called. */
export interface Deadline {
  signal: AbortSignal;
  done(): void;
}

export function deadline(clock: Clock, ms: number, outer?: AbortSignal): Deadline {
  const controller = new AbortController();
  const cancel = clock.after(ms, () => controller.abort(new DeadlineReached(`no end within ${ms} ms`)));
  const signal = outer ? AbortSignal.any([outer, controller.signal]) : controller.signal;
  return { signal, done: cancel };
}
