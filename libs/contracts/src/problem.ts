import { z } from 'zod';
import { failurePolicies, type PlatformErrorCode } from './errors.ts';

/** Problems of our own making; platform failures add theirs from `failurePolicies`. Codes are stable API. */
export const ownProblems = {
  'invalid-request': { status: 400, title: 'The request is not valid' },
  unauthorized: { status: 401, title: 'Credentials are missing or not valid' },
  forbidden: { status: 403, title: 'The credentials lack a scope' },
  'not-found': { status: 404, title: 'There is no such resource' },
  'method-not-allowed': { status: 405, title: 'The resource does not answer this method' },
  'not-acceptable': { status: 406, title: 'None of the accepted media types can be given' },
  'request-timeout': { status: 408, title: 'The request did not arrive in time' },
  conflict: { status: 409, title: 'The request conflicts with the state of the resource' },
  'idempotency-in-progress': { status: 409, title: 'The first request with this key is still running' },
  gone: { status: 410, title: 'The cursor points to events that are no longer kept' },
  'precondition-failed': { status: 412, title: 'The resource has changed' },
  'payload-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The media type of the body is not supported' },
  'idempotency-key-reused': { status: 422, title: 'The key was used with another request' },
  unprocessable: { status: 422, title: 'The request cannot be carried out' },
  'precondition-required': { status: 428, title: 'If-Match is required' },
  'idempotency-key-required': { status: 400, title: 'Idempotency-Key is required' },
  'too-many-requests': { status: 429, title: 'Too many requests by this caller' },
  'headers-too-large': { status: 431, title: 'The head of the request is too large' },
  internal: { status: 500, title: 'Something went wrong here' },
  'circuit-open': { status: 503, title: 'The platform is failing; calls are held back' },
  'adapter-unavailable': { status: 503, title: 'No adapter answers for this platform' },
  'events-unavailable': { status: 503, title: 'The event log does not answer' },
  'sources-incomplete': { status: 503, title: 'Not every source of the answer is there' },
  'storage-unavailable': { status: 503, title: 'The database does not answer' },
} as const;
export type OwnProblemCode = keyof typeof ownProblems;
export type ProblemCode = OwnProblemCode | (typeof failurePolicies)[PlatformErrorCode]['problem'];

/** A source of an answer that was asked for as a whole. */
export const problemSource = z.object({
  connectionId: z.string(),
  platform: z.string(),
  type: z.string().optional(),
  status: z
    .enum(['ok', 'stale', 'unavailable'])
    .describe('`stale`: what there is of it may be older than it should be; `unavailable`: nothing of it is there.'),
  ageMs: z.number().int().nonnegative().optional(),
  code: z.string().optional().describe('Code of its own problem.'),
  detail: z.string().optional(),
});
export type ProblemSource = z.output<typeof problemSource>;

/** RFC 9457. */
export const problem = z.object({
  type: z.string().describe('Address of the page that explains the code.'),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string().optional(),
  retryable: z.boolean(),
  traceId: z.string().optional(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  platform: z
    .object({
      platform: z.string(),
      connectionId: z.string(),
      status: z.number().int().optional(),
      code: z.string().optional(),
    })
    .optional(),
  sources: z.array(problemSource).optional().describe('Where several were asked: each of them, and how it fared.'),
});
export type Problem = z.output<typeof problem>;
