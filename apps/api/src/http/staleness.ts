import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ownProblems } from '@tributary/contracts';
import type { FastifyRequest } from 'fastify';
import { ANY_AGE, type Known, type Staleness, type StaleReason } from '../gateway/known-answers/known-answer.ts';
import { Answer } from './answer.ts';

/**
 * What a caller says by `Cache-Control` (RFC 9111 section 5.2.1, RFC 5861 section 4) about taking an older answer while
 * the platform is away. Nothing said: of any age. Of several bounds the tightest counts; a bound that cannot be read
 * counts as none at all taken, since who names one wants one.
 */
export function readStaleness(header: string | undefined): Staleness {
  if (header === undefined) return ANY_AGE;
  const staleness = { ...ANY_AGE };
  for (const directive of header.split(',')) {
    const [name = '', value] = directive.trim().toLowerCase().split('=', 2);
    if (name === 'no-store') staleness.keep = false;
    staleness.upToMs = Math.min(staleness.upToMs, boundOf(name, value));
  }
  return staleness;
}

function boundOf(name: string, value: string | undefined): number {
  // No older answer is fresh for any time.
  if (name === 'no-cache' || name === 'min-fresh') return 0;
  if (name === 'max-stale' && value === undefined) return Number.POSITIVE_INFINITY;
  if (name !== 'max-age' && name !== 'max-stale' && name !== 'stale-if-error') return Number.POSITIVE_INFINITY;
  const seconds = /^"?(\d+)"?$/.exec(value ?? '')?.[1];
  return seconds === undefined ? 0 : Number(seconds) * 1_000;
}

/** `@StaleAnswers() staleness: Staleness`: what the caller's `Cache-Control` says. */
export const StaleAnswers = createParamDecorator((_: unknown, context: ExecutionContext) =>
  readStaleness(context.switchToHttp().getRequest<FastifyRequest>().headers['cache-control']),
);

const STATUS: Record<StaleReason, number> = {
  'circuit-open': ownProblems['circuit-open'].status,
  'platform-unavailable': 503,
  'platform-timeout': 504,
  'platform-rate-limited': 503,
};

/**
 * `Age` (RFC 9111 section 5.1) and `Cache-Status` (RFC 9211), the latter with the problem that would be the answer else.
 * Nothing for an answer of now.
 */
export function staleHeaders({ stale }: Pick<Known<unknown>, 'stale'>): Record<string, string> {
  if (!stale) return {};
  const age = Math.floor(stale.ageMs / 1_000);
  const forwarded = stale.asked ? `fwd=stale; fwd-status=${STATUS[stale.because]}` : 'hit';
  return { age: String(age), 'cache-status': `tributary; ${forwarded}; ttl=${-age}; detail=${stale.because}` };
}

/** The mark of a stale answer in a body that has room for it: a list or a report, not a record of the platform's. */
export const staleMark = ({ stale, observedAtMs }: Omit<Known<unknown>, 'reply'>) =>
  stale ? { stale: true, observedAt: new Date(observedAtMs).toISOString(), ageMs: stale.ageMs } : {};

/** The answer as it is, or with the headers of a stale one. */
export function answerOf(known: Omit<Known<unknown>, 'reply'>, answer: Answer): Answer {
  if (!known.stale) return answer;
  return new Answer(answer.body, { ...answer.head, headers: { ...answer.head.headers, ...staleHeaders(known) } });
}
