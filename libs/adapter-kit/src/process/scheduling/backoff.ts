import { failurePolicies, isPlatformError } from '@tributary/contracts';
import { CIRCUIT_OPEN } from '../../http/retrier.ts';

export interface BackoffOptions {
  baseMs: number;
  capMs: number;
  /** 0 ≤ value < 1. */
  random: () => number;
}

/** A vendor's `Retry-After` is believed up to here. */
export const RETRY_AFTER_CAP_MS = 900_000;

/** Full jitter: anything between nothing and base × 2^(failures − 1), capped. Milliseconds. */
export const fullJitter = (failures: number, { baseMs, capMs, random }: BackoffOptions): number =>
  random() * Math.min(capMs, baseMs * 2 ** Math.min(30, Math.max(0, failures - 1)));

/** What the platform told us to wait, in milliseconds and capped; 0 where it said nothing. */
export const askedToWaitMs = (error: unknown): number =>
  Math.min(RETRY_AFTER_CAP_MS, isPlatformError(error) ? (error.retryAfterMs ?? 0) : 0);

/** The wait after this failure is chosen by us (backoff, an open breaker), and not asked for by the platform. */
export const isOurOwnPatience = (error: unknown): boolean =>
  !isPlatformError(error) ||
  error.platformCode === CIRCUIT_OPEN ||
  (failurePolicies[error.code].retry !== 'never' && error.retryAfterMs === undefined);

/**
 * How long a failed round of a schedule waits. What cannot go away by asking again waits for its regular turn; what
 * can comes sooner, with jitter, and never before the platform allows.
 */
export function retryDelayMs(error: unknown, failures: number, intervalMs: number, options: BackoffOptions): number {
  const hopeless = isPlatformError(error) && failurePolicies[error.code].retry === 'never';
  const wait = hopeless ? intervalMs : Math.max(options.baseMs / 2, fullJitter(failures, options));
  return Math.max(wait, askedToWaitMs(error));
}
