import type { Filter, ProblemSource, StoredMeta, StoredSource } from '@tributary/contracts';
import { matchesFilter } from '@tributary/contracts';
import { withSources } from '../http/problem-document.ts';
import { ProblemError } from '../http/problem-error.ts';

/** A connection as the database has it. */
export interface SourceRow {
  id: string;
  platform: string;
  paused: boolean;
  /** What it last said of itself, since when, and why. */
  status: string | null;
  since: Date | null;
  reason: string | null;
  /** Does a running adapter look after it? */
  owned: boolean;
  leased_until: Date | null;
}

const RETRY_AFTER_MS = 5_000;
/** Of a large workspace not every connection is named. */
const MOST_NAMED = 200;

/**
 * How a connection is: `ok` while an adapter looks after it and it says that it is connected. What else is stored of it
 * may be older than it should be, and is as old as the end of that.
 */
export function storedSource(row: SourceRow, nowMs: number): StoredSource {
  const source = { connectionId: row.id, platform: row.platform };
  const trouble = troubleOf(row);
  if (!trouble) return { ...source, status: 'ok', observedAt: new Date(nowMs).toISOString(), ageMs: 0 };
  const { reason, since } = trouble;
  const age = since ? { observedAt: since.toISOString(), ageMs: Math.max(0, nowMs - since.getTime()) } : {};
  return { ...source, status: 'stale', ...age, reason };
}

function troubleOf({ paused, status, since, reason, owned, leased_until }: SourceRow) {
  if (paused) return { reason: 'paused', since: status === 'paused' ? since : null };
  if (status === null || status === 'unknown' || status === 'paused') {
    return { reason: 'it has not said anything yet', since: null };
  }
  if (status !== 'connected') return { reason: reason ?? status, since };
  return owned ? undefined : { reason: 'no adapter looks after it', since: leased_until };
}

/** May a record of this connection satisfy the filter? Only what is known of the connection itself can rule it out. */
export function mayMatch(filter: Filter, source: Pick<StoredSource, 'connectionId' | 'platform'>): boolean {
  return truth(filter, source) !== false;
}

const FIELDS = { connectionId: 'id', platform: 'id' } as const;

/** Undefined where it depends on the record. */
function truth(filter: Filter, source: Pick<StoredSource, 'connectionId' | 'platform'>): boolean | undefined {
  switch (filter.kind) {
    case 'and':
    case 'or': {
      const deciding = filter.kind === 'or';
      const parts = filter.parts.map((part) => truth(part, source));
      if (parts.includes(deciding)) return deciding;
      return parts.includes(undefined) ? undefined : !deciding;
    }
    case 'not': {
      const inner = truth(filter.part, source);
      return inner === undefined ? undefined : !inner;
    }
    case 'within':
      return undefined;
    default:
      return Object.hasOwn(FIELDS, filter.field) ? matchesFilter(filter, source, FIELDS) : undefined;
  }
}

/** The connections that an answer draws on, or could have drawn on. */
export class AnswerSources {
  readonly #sources: readonly StoredSource[];
  readonly complete: boolean;

  constructor(sources: readonly StoredSource[]) {
    this.#sources = sources;
    this.complete = sources.every(({ status }) => status === 'ok');
  }

  among(fits: (source: StoredSource) => boolean): AnswerSources {
    return new AnswerSources(this.#sources.filter(fits));
  }

  /** Throws `sources-incomplete`, naming the sources, where all are required and one is not well. */
  demand(require: 'any' | 'all'): void {
    if (require !== 'all' || this.complete) return;
    const { sources } = this.meta([]);
    const detail = `What is known of ${sources.length} of ${this.#sources.length} connections may be older than it should be.`;
    const named = sources.map(
      ({ connectionId, platform, status, ageMs, reason }): ProblemSource => ({
        connectionId,
        platform,
        status,
        ...(ageMs === undefined ? {} : { ageMs }),
        ...(reason === undefined ? {} : { detail: reason }),
      }),
    );
    throw withSources(new ProblemError('sources-incomplete', detail, { retryAfterMs: RETRY_AFTER_MS }), named);
  }

  /** Names those that something of the page is from, and those that are not well. */
  meta(onPage: Iterable<string>): StoredMeta {
    const there = new Set(onPage);
    const named = this.#sources.filter(({ connectionId, status }) => status !== 'ok' || there.has(connectionId));
    return { complete: this.complete, sources: named.slice(0, MOST_NAMED) };
  }
}
