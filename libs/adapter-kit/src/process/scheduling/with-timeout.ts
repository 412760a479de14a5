import { TimeoutError } from '@tributary/contracts';
import type { Clock } from '@tributary/runtime';

export interface TimeoutOptions {
  clock: Clock;
  ms: number;
  /** What is waited for, for the error. */
  what: string;
  signal?: AbortSignal;
}

/**
 * Gives `work` a signal that aborts after `ms`, or with `signal`, and does not wait for work that ignores it. Rejects
 * with `TimeoutError` or the signal's reason.
 */
export async function withTimeout<T>(
  { clock, ms, what, signal }: TimeoutOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const late = new AbortController();
  const cancel = clock.after(ms, () => late.abort(new TimeoutError(`${what}: no answer within ${ms / 1_000} s`)));
  const either = signal ? AbortSignal.any([signal, late.signal]) : late.signal;
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(either.reason);
  either.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work(either), promise]);
  } finally {
    cancel();
    either.removeEventListener('abort', abort);
  }
}
