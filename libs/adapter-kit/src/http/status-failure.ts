import {
  AuthenticationError,
  ConflictError,
  InvalidRequestError,
  MalformedResponseError,
  NotFoundError,
  PermissionDeniedError,
  type PlatformError,
  type PlatformErrorOptions,
  RateLimitedError,
  TimeoutError,
  UnavailableError,
} from '@tributary/contracts';
import { retryAfterMs } from '@tributary/runtime';
import type { VendorAnswer } from '../connection-kit.ts';

type Failure = new (message: string, options?: PlatformErrorOptions) => PlatformError;

const byStatus: Record<number, Failure> = {
  401: AuthenticationError,
  403: PermissionDeniedError,
  404: NotFoundError,
  408: TimeoutError,
  409: ConflictError,
  410: NotFoundError,
  412: ConflictError,
  425: UnavailableError,
  429: RateLimitedError,
  504: TimeoutError,
};

function failureOf(status: number): Failure | undefined {
  if ((status >= 200 && status < 300) || status === 304) return undefined;
  if (status >= 500) return byStatus[status] ?? UnavailableError;
  if (status >= 400) return byStatus[status] ?? InvalidRequestError;
  return MalformedResponseError;
}

/** What an answer means by its status alone; undefined for success. Redirects are never followed and count as malformed. */
export function statusFailure(operation: string, answer: VendorAnswer, nowMs: number): PlatformError | undefined {
  const Failure = failureOf(answer.status);
  if (!Failure) return undefined;
  const after = retryAfterMs(answer.headers, nowMs);
  const told = answer.status === 429 || answer.status >= 500 ? after : undefined;
  return new Failure(`${operation}: the platform answered ${answer.status}`, {
    platformStatus: answer.status,
    ...(told === undefined ? {} : { retryAfterMs: told }),
  });
}

/** Gives a limit that an adapter recognised the pause which the answer's header asked for. */
export function withRetryAfter(error: Error, answer: VendorAnswer, nowMs: number): Error {
  if (!(error instanceof RateLimitedError) || error.retryAfterMs !== undefined) return error;
  const after = retryAfterMs(answer.headers, nowMs);
  if (after === undefined) return error;
  return new RateLimitedError(error.message, {
    cause: error.cause,
    retryAfterMs: after,
    platformStatus: error.platformStatus ?? answer.status,
    ...(error.platformCode === undefined ? {} : { platformCode: error.platformCode }),
  });
}
