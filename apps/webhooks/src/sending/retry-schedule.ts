import type { AttemptOutcome, SuspensionReason } from '@tributary/contracts';

export interface RetryPolicy {
  /** Pause after the first failure. Milliseconds, as all of these. */
  firstMs: number;
  mostMs: number;
  /** After failing for so long, and `LEAST_ATTEMPTS` times at least, nothing more is tried. */
  suspendAfterMs: number;
}

export interface Failure {
  outcome: AttemptOutcome;
  /** Attempts that failed since the last that did not, this one included. */
  failures: number;
  /** Since the first of them. */
  failingForMs: number;
  /** What the receiver asked for. */
  retryAfterMs?: number | undefined;
}

export interface Verdict {
  /** When to try again, if at all. */
  retryMs: number;
  suspend?: SuspensionReason;
}

export const LEAST_ATTEMPTS = 8;
const GROWTH = 4;
/** Receivers that failed together shall not be tried together for ever. */
const JITTER = 0.2;

/**
 * What follows a failed attempt. Pauses grow fourfold up to a limit, each up to a fifth longer by chance, never shorter
 * than the receiver asked for. `random` is from [0, 1).
 */
export function afterFailure(failure: Failure, policy: RetryPolicy, random: number): Verdict {
  const pause = Math.min(policy.firstMs * GROWTH ** (failure.failures - 1), policy.mostMs) * (1 + JITTER * random);
  const retryMs = Math.round(Math.max(pause, failure.retryAfterMs ?? 0));
  if (failure.outcome === 'gone') return { retryMs, suspend: 'gone' };
  const enough = failure.failures >= LEAST_ATTEMPTS && failure.failingForMs >= policy.suspendAfterMs;
  return enough ? { retryMs, suspend: 'failing' } : { retryMs };
}
