import {
  failurePolicies,
  isPlatformError,
  type OwnProblemCode,
  ownProblems,
  type PlatformError,
  type Problem,
  type ProblemSource,
} from '@tributary/contracts';
import { classifyDatabaseError } from '@tributary/database';
import { CallerGoneError } from './abort.ts';
import { type Fault, ProblemError } from './problem-error.ts';

/** What a failed request is answered with. */
export interface ProblemAnswer {
  status: number;
  headers: Record<string, string>;
  body: Problem;
  /** The failure is ours and should be looked at. */
  unexpected: boolean;
}

/** Which connection a platform's failure belongs to; set by whoever asked the platform. */
const origins = new WeakMap<object, { platform: string; connectionId: string }>();

/** Notes where a platform's failure came from, so that the problem can say it. Returns the error itself. */
export function atPlatform<E>(error: E, origin: { platform: string; connectionId: string }): E {
  if (typeof error === 'object' && error !== null) origins.set(error, origin);
  return error;
}

/** Of an answer that was asked for as a whole: how each of its sources fared. */
const sourcesOf = new WeakMap<object, ProblemSource[]>();

/** Notes the sources of an answer, so that the problem that takes its place names them all. Returns the error itself. */
export function withSources<E extends object>(error: E, sources: ProblemSource[]): E {
  sourcesOf.set(error, sources);
  return error;
}

const retryableStatus = (status: number): boolean => [408, 429, 503, 504].includes(status);

/** Turns anything thrown into the one shape of failure. Never lets a message of ours or of a library through. */
export function problemOf(error: unknown, traceId: string): ProblemAnswer {
  const answer = singleProblem(error, traceId);
  const sources = typeof error === 'object' && error !== null ? sourcesOf.get(error) : undefined;
  return sources ? { ...answer, body: { ...answer.body, sources } } : answer;
}

function singleProblem(error: unknown, traceId: string): ProblemAnswer {
  if (error instanceof ProblemError) return ownProblem(error, traceId);
  if (isPlatformError(error)) return platformProblem(error, traceId);
  if (error instanceof CallerGoneError) {
    return ownProblem(new ProblemError('invalid-request', 'The caller did not wait for the answer.'), traceId);
  }
  const framework = frameworkProblem(error);
  if (framework) return ownProblem(framework, traceId);
  const fault = classifyDatabaseError(error);
  if (fault === 'environment' || fault === 'conflict') {
    return ownProblem(
      new ProblemError('storage-unavailable', 'The database does not answer at the moment.', { retryAfterMs: 2_000 }),
      traceId,
    );
  }
  if (fault === 'bad-message') {
    return ownProblem(new ProblemError('invalid-request', 'The request holds a value that cannot be kept.'), traceId);
  }
  return {
    ...ownProblem(new ProblemError('internal', 'The failure was recorded under its trace id.'), traceId),
    unexpected: true,
  };
}

function ownProblem(error: ProblemError, traceId: string): ProblemAnswer {
  const { status, title } = ownProblems[error.code];
  const { errors, platform, retryAfterMs } = error.options;
  return {
    status,
    unexpected: false,
    headers: { ...error.options.headers, ...retryAfter(retryAfterMs) },
    body: {
      type: typeOf(error.code),
      title,
      status,
      code: error.code,
      detail: error.detail,
      retryable: retryableStatus(status) || error.code === 'idempotency-in-progress',
      traceId,
      ...(errors ? { errors } : {}),
      ...(platform ? { platform: named(platform) } : {}),
    },
  };
}

function platformProblem(error: PlatformError, traceId: string): ProblemAnswer {
  const policy = failurePolicies[error.code];
  const origin = origins.get(error);
  return {
    status: policy.status,
    unexpected: false,
    headers: retryAfter(error.retryAfterMs ?? (policy.status === 503 ? 5_000 : undefined)),
    body: {
      type: typeOf(policy.problem),
      title: PLATFORM_TITLES[error.code],
      status: policy.status,
      code: policy.problem,
      detail: error.message,
      retryable: retryableStatus(policy.status),
      traceId,
      ...(origin ? { platform: { ...named(origin), ...platformWords(error) } } : {}),
    },
  };
}

/** Whoever asked knows more of the connection than the caller is told. */
const named = ({ platform, connectionId }: { platform: string; connectionId: string }) => ({ platform, connectionId });

const platformWords = (error: PlatformError) => ({
  ...(error.platformStatus === undefined ? {} : { status: error.platformStatus }),
  ...(error.platformCode === undefined ? {} : { code: error.platformCode }),
});

const PLATFORM_TITLES: Record<PlatformError['code'], string> = {
  authentication: 'The platform refuses the credentials of the connection',
  'permission-denied': 'The connection lacks a right on the platform',
  'not-found': 'The platform has no such thing',
  'invalid-request': 'The platform does not take the request',
  conflict: 'It changed on the platform meanwhile',
  'rate-limited': 'The budget of the platform is spent',
  unavailable: 'The platform does not answer',
  timeout: 'The platform did not answer in time',
  'malformed-response': 'The answer of the platform cannot be read',
  unsupported: 'The platform does not offer this',
};

/** Whole seconds, rounded up, at least one. */
const retryAfter = (ms: number | undefined): Record<string, string> =>
  ms === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(ms / 1_000))) };

export const typeOf = (code: string): string => `/docs/problems/${code}`;

const BY_FASTIFY_CODE: Record<string, [OwnProblemCode, string]> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['payload-too-large', 'The body is larger than this route takes.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'unsupported-media-type',
    'The body must be application/json or application/merge-patch+json.',
  ],
  FST_ERR_CTP_EMPTY_TYPE: ['unsupported-media-type', 'The body has no content-type.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['invalid-request', 'The body is empty, though its content-type is JSON.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['invalid-request', 'The body is not JSON.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['invalid-request', 'The body is not as long as content-length says.'],
  FST_ERR_BAD_URL: ['invalid-request', 'The path is not well percent-encoded.'],
  FST_ERR_MAX_PARAM_LENGTH: ['invalid-request', 'The path is too long.'],
  FST_ERR_ASYNC_CONSTRAINT: ['invalid-request', 'The request cannot be routed.'],
};

/** Failures of Fastify and Nest before a handler of ours runs. */
function frameworkProblem(error: unknown): ProblemError | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, statusCode, status } = error as { code?: unknown; statusCode?: unknown; status?: unknown };
  const known = typeof code === 'string' ? BY_FASTIFY_CODE[code] : undefined;
  if (known) return new ProblemError(known[0], known[1], bodyFault(known));
  const http = typeof statusCode === 'number' ? statusCode : status;
  if (http === 404) return new ProblemError('not-found', 'There is no such route.');
  if (http === 413) return new ProblemError('payload-too-large', 'The body is larger than this route takes.');
  if (http === 415) return new ProblemError('unsupported-media-type', 'The media type of the body is not supported.');
  if (typeof http === 'number' && http >= 400 && http < 500)
    return new ProblemError('invalid-request', 'The request cannot be read.');
  return undefined;
}

function bodyFault([code, detail]: [OwnProblemCode, string]): { errors?: Fault[] } {
  return code === 'invalid-request' && detail.startsWith('The body') ? { errors: [{ pointer: '/body', detail }] } : {};
}
