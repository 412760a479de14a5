import type { OperationFacts } from './openapi/operations.ts';
import type { TributaryError } from './tributary-error.ts';

export interface RetryOptions {
  /** Most attempts of one call, the first included. Default 5. */
  attempts?: number;
  /** Most milliseconds that the waits of one call may take together. Default 30 000. */
  budgetMs?: number;
  /** Upper bound of the first wait where the answer says nothing; doubled from wait to wait. Default 250. */
  baseMs?: number;
  /** Upper bound of any such wait. Default 10 000. */
  capMs?: number;
}

export type RetryLimits = Required<RetryOptions>;

export const defaultRetries: RetryLimits = { attempts: 5, budgetMs: 30_000, baseMs: 250, capMs: 10_000 };
export const noRetries: RetryLimits = { ...defaultRetries, attempts: 1 };

/**
 * How much a request may be repeated. `freely`: nothing happens by it. `guarded`: a key or an `If-Match` sees to it that
 * its effect happens once. `if-refused`: only when it is certain that nothing was done. `never`: what was sent is gone.
 */
export type Repeatable = 'freely' | 'guarded' | 'if-refused' | 'never';

/** What of a request decides whether it may be repeated. */
export interface Sent {
  facts: OperationFacts;
  headers: Headers;
  /** The body can be sent again: it is no stream that was read. */
  replayable: boolean;
}

export function repeatable(method: string, { facts, headers, replayable }: Sent): Repeatable {
  if (method === 'GET' || method === 'HEAD') return 'freely';
  if (!replayable) return 'never';
  if (facts.harmless) return 'freely';
  if (facts.idempotencyKey && headers.has('idempotency-key')) return 'guarded';
  const tag = headers.get('if-match');
  // `*` is true of any version, also of the one that the first attempt made.
  if (facts.ifMatch && tag !== null && tag.trim() !== '*') return 'guarded';
  return 'if-refused';
}

/** The platform may have done it; the key is free again, so that a second request would do it a second time. */
const EFFECT_UNKNOWN = new Set(['platform-unavailable', 'platform-timeout']);

/** May this request be sent again after this failure? */
export function mayRepeat(how: Repeatable, method: string, failure: TributaryError): boolean {
  if (!failure.retryable || how === 'never') return false;
  if (failure.status === 429) return true;
  if (how === 'if-refused') return false;
  if (how === 'freely' || method !== 'POST') return true;
  return !EFFECT_UNKNOWN.has(failure.code);
}

/** Could the service have done what was asked, although this is how the attempt ended? */
export const leavesDoubt = (failure: TributaryError): boolean =>
  failure.status === undefined || (failure.status >= 500 && failure.code !== 'circuit-open');

/**
 * Milliseconds to wait before the next attempt. Full jitter, so that those who failed together do not come back together;
 * what the answer asks for is never undercut. `random` is in [0, 1).
 */
export function waitMs(failed: number, failure: TributaryError, limits: RetryLimits, random: () => number): number {
  const bound = Math.min(limits.capMs, limits.baseMs * 2 ** (failed - 1));
  return (failure.retryAfterMs ?? 0) + random() * bound;
}
