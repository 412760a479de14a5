import type { OperationClass } from '@tributary/contracts';

export interface OperationLimits {
  /** How long a question waits for its answer. */
  deadlineMs: number;
  /** The breaker looks at the last so many milliseconds. */
  windowMs: number;
  /** It opens at this many failures in a row, or at half of at least `volume` calls. */
  consecutive: number;
  volume: number;
  /** First rest; doubles up to `maxResetMs`. */
  resetMs: number;
  maxResetMs: number;
  /** Questions of one connection that wait at the same time. */
  concurrency: number;
}

/**
 * An adapter keeps vendors' failures by its own breakers; here the deadlines leave it room to answer, and the rests are
 * short because asking again costs one message.
 */
export const operationLimits: Record<OperationClass, OperationLimits> = {
  auth: {
    deadlineMs: 20_000,
    windowMs: 60_000,
    consecutive: 3,
    volume: 4,
    resetMs: 5_000,
    maxResetMs: 30_000,
    concurrency: 8,
  },
  read: {
    deadlineMs: 15_000,
    windowMs: 30_000,
    consecutive: 5,
    volume: 5,
    resetMs: 5_000,
    maxResetMs: 30_000,
    concurrency: 64,
  },
  command: {
    deadlineMs: 12_000,
    windowMs: 30_000,
    consecutive: 4,
    volume: 4,
    resetMs: 5_000,
    maxResetMs: 30_000,
    concurrency: 64,
  },
  bulk: {
    deadlineMs: 60_000,
    windowMs: 120_000,
    consecutive: 3,
    volume: 3,
    resetMs: 10_000,
    maxResetMs: 60_000,
    concurrency: 16,
  },
};
