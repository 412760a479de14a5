import { type EntitySource, RateLimitedError, TimeoutError, UnavailableError } from '@tributary/contracts';
import { targetOf } from '../connections/connection-rows.ts';
import type { FilterParts } from '../entities/entity-page.ts';
import type { Known, StaleReason } from '../gateway/known-answers/known-answer.ts';
import type { Target } from '../gateway/platform-gateway.ts';
import { atPlatform, problemOf } from '../http/problem-document.ts';
import { ProblemError } from '../http/problem-error.ts';
import type { Candidate } from './candidates.ts';
import type { Position } from './position.ts';

/** What became of one source of a page; filled while it is read. */
export class SourceReport {
  readonly #candidate: Candidate;
  #parts: FilterParts = {};
  #observedAtMs: number | undefined;
  #vendorCalls: number | undefined;
  #stale: Error | undefined;
  failure: unknown;

  constructor(candidate: Candidate) {
    this.#candidate = candidate;
    this.failure = candidate.failure;
    this.#vendorCalls = candidate.vendorCalls;
  }

  /** Why it is not well: its failure, or what made an older answer stand in. */
  get trouble(): unknown {
    return this.failure ?? this.#stale;
  }

  /** `calls` is undefined where nobody could tell: then the sum is not known either. */
  #spent(calls: number | undefined): void {
    const before = this.#vendorCalls;
    this.#vendorCalls = before === undefined || calls === undefined ? undefined : before + calls;
  }

  /** A question that the breaker here has held back has cost nothing. */
  failed(failure: unknown, calls: number | undefined): void {
    const heldBack = failure instanceof ProblemError && failure.code === 'circuit-open';
    this.#spent(calls ?? (heldBack ? 0 : undefined));
    this.failure = failure;
  }

  /** An answer of now or, marked so, what the platform last said. */
  answered(
    parts: FilterParts,
    { observedAtMs, stale }: Omit<Known<unknown>, 'reply'>,
    calls: number | undefined,
  ): void {
    this.#spent(calls ?? (stale?.asked === false ? 0 : undefined));
    this.#parts = parts;
    this.#observedAtMs = Math.min(observedAtMs, this.#observedAtMs ?? observedAtMs);
    if (stale) this.#stale = instead(stale.because, targetOf(this.#candidate.connection));
  }

  resource(page: { items: number; position: Position; nowMs: number; traceId: string }): EntitySource {
    const { connection, type } = this.#candidate;
    return {
      connectionId: connection.id,
      platform: connection.platform,
      type,
      status: this.failure !== undefined ? 'unavailable' : this.#stale ? 'stale' : 'ok',
      ...this.#age(page.nowMs),
      ...this.#parts,
      ...(this.#vendorCalls === undefined ? {} : { vendorCalls: this.#vendorCalls }),
      items: page.items,
      more: typeof page.position === 'object',
      ...(this.trouble === undefined ? {} : { problem: problemOf(this.trouble, page.traceId).body }),
    };
  }

  #age(nowMs: number) {
    if (this.#observedAtMs === undefined) return {};
    const observedAt = new Date(this.#observedAtMs).toISOString();
    return { observedAt, ageMs: Math.max(0, Math.round(nowMs - this.#observedAtMs)) };
  }
}

const INSTEAD = 'It does not answer now; this is what it last said.';

/** The problem that would be the answer else. */
function instead(because: StaleReason, platform: Target): Error {
  if (because === 'circuit-open') return new ProblemError('circuit-open', INSTEAD, { platform });
  const kinds = {
    'platform-unavailable': UnavailableError,
    'platform-timeout': TimeoutError,
    'platform-rate-limited': RateLimitedError,
  };
  return atPlatform(new kinds[because](INSTEAD), platform);
}
