import { type OwnProblemCode, ownProblems } from '@tributary/contracts';

/** One fault of a request: where (JSON Pointer into `{ path, query, header, body }`) and what. */
export interface Fault {
  pointer: string;
  detail: string;
}

export interface ProblemOptions {
  errors?: Fault[];
  headers?: Record<string, string>;
  /** Not before this many milliseconds from now; becomes `Retry-After`. */
  retryAfterMs?: number;
  platform?: { platform: string; connectionId: string };
  cause?: unknown;
}

/** A failure with a stable code that the caller is told of. `detail` is read by the caller: no internals in it. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly status: number;

  constructor(
    readonly code: OwnProblemCode,
    readonly detail: string,
    readonly options: ProblemOptions = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = ownProblems[code].status;
  }
}

export const notFound = (what: string): ProblemError => new ProblemError('not-found', `There is no such ${what}.`);

/** So many faults are named: an answer shall not be larger than what it answers. */
const MOST_FAULTS = 100;

export function badRequest(errors: Fault[]): ProblemError {
  const named = errors.slice(0, MOST_FAULTS);
  const detail =
    errors.length === 1
      ? 'One member of the request is not valid.'
      : `${errors.length} members of the request are not valid${named.length < errors.length ? `, ${named.length} are named` : ''}.`;
  return new ProblemError('invalid-request', detail, { errors: named });
}

/** Escapes path parts into a JSON Pointer (RFC 6901). */
export const pointer = (...parts: (string | number)[]): string =>
  parts.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
