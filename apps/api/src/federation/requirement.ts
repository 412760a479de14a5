import type { EntityQuestion, EntitySource, ProblemSource } from '@tributary/contracts';
import { targetOf } from '../connections/connection-rows.ts';
import { problemOf, withSources } from '../http/problem-document.ts';
import { ProblemError } from '../http/problem-error.ts';
import type { Candidate } from './candidates.ts';
import type { Position } from './position.ts';

export interface Page {
  sources: readonly { candidate: Candidate; position: Position; report: { failure: unknown; trouble: unknown } }[];
  /** In the order of `sources`. */
  reports: readonly EntitySource[];
  items: number;
  require: EntityQuestion['require'];
  traceId: string;
}

/**
 * Throws where an answer would be none: the failure of a source where every one that had something left has failed, and
 * `sources-incomplete` where all are required and one is not well. Both name every source.
 */
export function demandEnough({ sources, reports, items, require, traceId }: Page): void {
  const troubled = sources
    .filter(({ report }) => report.trouble !== undefined)
    .toSorted((a, b) => severity(a.report.trouble, traceId) - severity(b.report.trouble, traceId));
  const [first] = troubled;
  if (!first) return;
  const open = sources.filter(({ position }) => position !== 'done');
  const failed = troubled.filter(({ report }) => report.failure !== undefined);
  const named = reports.map(inShort);
  if (items === 0 && failed[0] && failed.length === open.length) {
    throw withSources(asObject(failed[0].report.failure), named);
  }
  if (require !== 'all') return;
  const { body } = problemOf(first.report.trouble, traceId);
  const detail = `${troubled.length} of ${sources.length} did not answer; the first: ${body.detail ?? body.title}`;
  const retryAfterMs = Math.max(...troubled.map(({ report }) => retryAfterOf(report.trouble, traceId)));
  const options = { retryAfterMs, platform: targetOf(first.candidate.connection), cause: first.report.trouble };
  throw withSources(new ProblemError('sources-incomplete', detail, options), named);
}

/** The refusal of one platform, with the source it concerns. */
export function refusedBy(error: unknown, { connection, type }: Candidate): object {
  const { body } = problemOf(error, '');
  const source: ProblemSource = {
    connectionId: connection.id,
    platform: connection.platform,
    type,
    status: 'unavailable',
    code: body.code,
    ...(body.detail === undefined ? {} : { detail: body.detail }),
  };
  return withSources(asObject(error), [source]);
}

const inShort = ({ connectionId, platform, type, status, ageMs, problem }: EntitySource): ProblemSource => ({
  connectionId,
  platform,
  type,
  status,
  ...(ageMs === undefined ? {} : { ageMs }),
  ...(problem ? { code: problem.code } : {}),
  ...(problem?.detail === undefined ? {} : { detail: problem.detail }),
});

/** What may pass by itself comes before what somebody has to repair. */
const severity = (failure: unknown, traceId: string): number => (problemOf(failure, traceId).status >= 500 ? 0 : 1);

const retryAfterOf = (failure: unknown, traceId: string): number =>
  Number(problemOf(failure, traceId).headers['retry-after'] ?? 5) * 1_000;

const asObject = (error: unknown): object =>
  typeof error === 'object' && error !== null ? error : new Error('failed');
