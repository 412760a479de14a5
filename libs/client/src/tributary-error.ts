import type { components } from './openapi/paths.ts';

/** RFC 9457, as the API answers it. */
export type Problem = components['schemas']['Problem'];

/** Where and what; `pointer` is a JSON Pointer into `{ path, query, header, body }` of the request. */
export type Fault = NonNullable<Problem['errors']>[number];

/** Failures that are no answer of the API. */
export type LocalCode =
  /** The connection failed, or was cut before the answer was complete. */
  | 'network'
  /** No complete answer within `timeoutMs`. */
  | 'timeout'
  /** `deadlineMs` has passed. */
  | 'deadline'
  /** An answer that is not what the API gives, such as the page of a proxy. */
  | 'unreadable';

export interface FailureParts {
  code: string;
  detail: string;
  status?: number;
  retryable?: boolean;
  retryAfterMs?: number;
  problem?: Problem;
  cause?: unknown;
}

/** What was asked, without query and body: they may hold what is nobody's business. */
export interface AskedOf {
  method: string;
  path: string;
}

/** Any failure of a call. Compare `code`: codes are stable, texts are not. */
export class TributaryError extends Error {
  override readonly name = 'TributaryError';
  /** The problem's code, a `LocalCode`, or `http-<status>` for an answer without a problem document. */
  readonly code: string;
  /** Status of the answer; undefined where there was none. */
  readonly status: number | undefined;
  readonly detail: string;
  /** Does the same request have a chance later? */
  readonly retryable: boolean;
  /** Not before so many milliseconds, where the answer says it. */
  readonly retryAfterMs: number | undefined;
  /** Name of the request in the logs of the service. */
  readonly traceId: string | undefined;
  /** Every fault of the request, where it was not valid. */
  readonly errors: readonly Fault[];
  /** The platform and connection that failed, where it was one. */
  readonly platform: Problem['platform'];
  /** The whole document, with members that this version does not know. */
  readonly problem: Problem | undefined;
  readonly request: AskedOf;
  /** How often it was asked, this failure included. */
  attempts = 1;
  /** The answer of an earlier attempt was lost: what was asked may have been done by it. */
  mayHaveHappened = false;

  constructor(request: AskedOf, parts: FailureParts) {
    const status = parts.status === undefined ? '' : `${parts.status} `;
    const faults = (parts.problem?.errors ?? []).map(({ pointer, detail }) => ` (${pointer}: ${detail})`).join('');
    super(`${request.method} ${request.path}: ${status}${parts.code}: ${parts.detail}${faults}`, {
      cause: parts.cause,
    });
    this.request = request;
    this.code = parts.code;
    this.detail = parts.detail;
    this.status = parts.status;
    this.retryable = parts.retryable ?? false;
    this.retryAfterMs = parts.retryAfterMs;
    this.problem = parts.problem;
    this.traceId = parts.problem?.traceId;
    this.errors = parts.problem?.errors ?? [];
    this.platform = parts.problem?.platform;
  }
}
