import { z } from 'zod';

/** The closed set of ways in which a platform can fail us. */
export const platformErrorCodes = [
  'authentication',
  'permission-denied',
  'not-found',
  'invalid-request',
  'conflict',
  'rate-limited',
  'unavailable',
  'timeout',
  'malformed-response',
  'unsupported',
] as const;
export type PlatformErrorCode = (typeof platformErrorCodes)[number];

export interface FailurePolicy {
  /** May the kit try again by itself? `if-idempotent` depends on the call. */
  retry: 'never' | 'always' | 'if-idempotent' | 'when-told';
  tripsBreaker: boolean;
  /** What the REST API answers. */
  status: number;
  problem: string;
}

/** Decided once, read everywhere. */
export const failurePolicies: Record<PlatformErrorCode, FailurePolicy> = {
  authentication: { retry: 'never', tripsBreaker: false, status: 409, problem: 'connection-unauthorized' },
  'permission-denied': { retry: 'never', tripsBreaker: false, status: 403, problem: 'platform-permission-denied' },
  'not-found': { retry: 'never', tripsBreaker: false, status: 404, problem: 'platform-not-found' },
  'invalid-request': { retry: 'never', tripsBreaker: false, status: 422, problem: 'platform-invalid-request' },
  conflict: { retry: 'never', tripsBreaker: false, status: 409, problem: 'platform-conflict' },
  'rate-limited': { retry: 'when-told', tripsBreaker: false, status: 503, problem: 'platform-rate-limited' },
  unavailable: { retry: 'always', tripsBreaker: true, status: 503, problem: 'platform-unavailable' },
  timeout: { retry: 'if-idempotent', tripsBreaker: true, status: 504, problem: 'platform-timeout' },
  'malformed-response': { retry: 'never', tripsBreaker: false, status: 502, problem: 'platform-malformed-response' },
  unsupported: { retry: 'never', tripsBreaker: false, status: 422, problem: 'capability-unsupported' },
};

export interface PlatformErrorOptions {
  cause?: unknown;
  /** Not before this many milliseconds from now. */
  retryAfterMs?: number;
  /** What the vendor itself said, without secrets: HTTP status and its own code. */
  platformStatus?: number;
  platformCode?: string;
}

/** Base of every failure that a platform causes. Compare `code`: classes do not survive the broker. */
export class PlatformError extends Error {
  readonly code: PlatformErrorCode;
  readonly retryAfterMs: number | undefined;
  readonly platformStatus: number | undefined;
  readonly platformCode: string | undefined;

  constructor(code: PlatformErrorCode, message: string, options: PlatformErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
    this.platformStatus = options.platformStatus;
    this.platformCode = options.platformCode;
  }

  /** The form that crosses the broker. */
  toWire(): WireError {
    return {
      code: this.code,
      message: this.message,
      ...(this.retryAfterMs === undefined ? {} : { retryAfterMs: this.retryAfterMs }),
      ...(this.platformStatus === undefined ? {} : { platformStatus: this.platformStatus }),
      ...(this.platformCode === undefined ? {} : { platformCode: this.platformCode }),
    };
  }
}

const failure = (code: PlatformErrorCode) =>
  class extends PlatformError {
    constructor(message: string, options?: PlatformErrorOptions) {
      super(code, message, options);
    }
  };

/** Refused even with a fresh token: the connection is unauthorized until a probe succeeds. */
export class AuthenticationError extends failure('authentication') {}
/** The token is good, the right is missing. */
export class PermissionDeniedError extends failure('permission-denied') {}
export class NotFoundError extends failure('not-found') {}
/** We asked wrongly; asking again would be as wrong. */
export class InvalidRequestError extends failure('invalid-request') {}
/** It changed under us. */
export class ConflictError extends failure('conflict') {}
/** The platform's budget is spent. */
export class RateLimitedError extends failure('rate-limited') {}
/** Network, 5xx, or an open breaker. */
export class UnavailableError extends failure('unavailable') {}
export class TimeoutError extends failure('timeout') {}
/** The answer does not fit what the platform documents. */
export class MalformedResponseError extends failure('malformed-response') {}
/** The platform has no such capability. */
export class UnsupportedError extends failure('unsupported') {}

export const wireError = z.object({
  code: z.enum(platformErrorCodes),
  message: z.string(),
  retryAfterMs: z.number().int().nonnegative().optional(),
  platformStatus: z.number().int().optional(),
  platformCode: z.string().optional(),
});
export type WireError = z.output<typeof wireError>;

/** Makes the error that crossed the broker throwable again. */
export function fromWire(error: WireError): PlatformError {
  const { code, message, ...options } = error;
  return new PlatformError(code, message, options as PlatformErrorOptions);
}

export const isPlatformError = (error: unknown): error is PlatformError => error instanceof PlatformError;
