import { isPlatformError, type Json } from '@tributary/contracts';
import type { ConnectionFacts, LinkFact } from '@tributary/database';
import type { Clock } from '@tributary/runtime';
import type { CallEnd } from '../http/vendor-http.ts';
import { type Blame, linkOfFailure } from './link-of-failure.ts';

/** How long something has been waited for; milliseconds, 0 for not at all. */
export interface Waits {
  /** A call of ours for its budget. */
  budgetMs: number;
  /** An answer of the platform. */
  answerMs: number;
  /** The broker's confirm, since it last gave one. */
  confirmMs: number;
}

interface Seen extends Omit<LinkFact, 'link'> {
  blame: Blame;
}

/** So long a wait is nothing yet. */
const PATIENCE_MS = 2_000;
/** Things remembered at once; the oldest is forgotten first. */
const MOST_SEEN = 100;
const MOST_TOLD = 20;
const MOST_DETAIL = 300;
/** What fails is tried again, and so may use up the budget of this long. */
const TRIED_AGAIN_MS = 10_000;
/** Rounds of a poll that say how long one takes. */
const ROUNDS_KEPT = 5;

/**
 * What the owner of a connection sees of the links before it, kept in memory so that it can be told whenever the database
 * is there. Failures are kept by what has failed, and forgotten when that very thing goes well; items that did not fit are
 * kept with the time of the last.
 */
export class LinkBook {
  readonly #clock: Clock;
  readonly #seen = new Map<string, Seen>();
  readonly #open = new Set<string>();
  readonly #rounds = new Map<string, { endedMs: number | undefined; apartMs: number[] }>();
  #wellMs: number | undefined;
  #heardMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A call of the connection's own accord; what callers of the API ask for says nothing of its data. */
  called(end: CallEnd): void {
    const { operation, error } = end;
    if (end.outcome === 'ok' || error?.platformStatus !== undefined) this.#heardMs = this.#clock.now();
    if (!isOwnAccord(end)) return;
    if (end.outcome === 'ok') this.#seen.delete(`call ${operation}`);
    else if (error) this.#failed(`call ${operation}`, error, { operation });
  }

  /** A round of a poll, a stream, a probe. */
  partFailed(part: string, error: unknown): void {
    this.#open.delete(part);
    const rounds = this.#rounds.get(part);
    if (rounds) rounds.endedMs = undefined;
    this.#failed(`part ${part}`, error, { part });
  }

  /** `brings` data: a poll's round is through, or a stream stands, until it fails or is gone. */
  partWell(part: string, brings: 'poll' | 'stream' | 'gone' | 'nothing'): void {
    this.#seen.delete(`part ${part}`);
    if (brings === 'gone') return void this.#open.delete(part);
    if (brings === 'stream') this.#open.add(part);
    if (brings === 'poll') this.#noteRound(part);
    if (brings !== 'nothing') this.#wellMs = this.#clock.now();
  }

  /** How far apart rounds of a poll have been of late, one usual one with another; undefined while that is not known. */
  roundMs(part: string): number | undefined {
    const apartMs = this.#rounds.get(part)?.apartMs ?? [];
    // Of a few one that was slow would count for all.
    if (apartMs.length < ROUNDS_KEPT) return undefined;
    return apartMs.toSorted((a, b) => a - b)[Math.floor(ROUNDS_KEPT / 2)];
  }

  setAside({ what, problems, device }: { what: string; problems: string; device?: string | undefined }): void {
    const detail = `${what}: does not fit (${problems}) and is set aside`;
    const own = device === undefined ? {} : { device };
    this.#note(`aside ${what} ${device ?? ''}`, 'mapping', detail, { data: { what, problems }, ...own });
  }

  facts(waits: Waits, pollEveryMs: number | undefined): ConnectionFacts {
    const nowMs = this.#clock.now();
    if (this.#open.size > 0) this.#wellMs = nowMs;
    const seen = [...this.#seen.values()].map(({ blame, ...fact }) => ({ ...fact, link: this.#linkOf(blame, fact) }));
    const waiting = this.#waiting(waits, nowMs).filter((fact) => !isUsedUpByFailures(fact, seen));
    const facts = [...seen, ...waiting].toSorted((a, b) => b.lastMs - a.lastMs);
    return {
      facts: facts.slice(0, MOST_TOLD),
      ...(this.#wellMs === undefined ? {} : { wellMs: this.#wellMs }),
      ...(pollEveryMs === undefined ? {} : { pollEveryMs }),
    };
  }

  /** No answer at all: the platform where it answers other calls meanwhile, else nobody knows what lies between. */
  #linkOf(blame: Blame, { firstMs }: { firstMs: number }): LinkFact['link'] {
    if (blame !== 'silence') return blame;
    return this.#heardMs >= firstMs ? 'vendor' : 'network';
  }

  #waiting(waits: Waits, nowMs: number): LinkFact[] {
    const waited = (ms: number, blame: Blame | 'broker', detail: string): LinkFact[] => {
      if (ms < PATIENCE_MS) return [];
      const firstMs = nowMs - ms;
      const link = blame === 'broker' ? blame : this.#linkOf(blame, { firstMs });
      return [{ link, detail: `${detail} for ${Math.round(ms / 1_000)} s`, firstMs, lastMs: nowMs, times: 1 }];
    };
    return [
      ...waited(waits.budgetMs, 'budget', 'calls wait until the platform’s budget allows them'),
      ...waited(waits.answerMs, 'silence', 'a call has been without an answer'),
      ...waited(waits.confirmMs, 'broker', 'the broker has not confirmed what was handed to it'),
    ];
  }

  /** Between two rounds of which none failed. */
  #noteRound(part: string): void {
    const nowMs = this.#clock.monotonicMs();
    const { endedMs, apartMs } = this.#rounds.get(part) ?? { endedMs: undefined, apartMs: [] };
    const apart = endedMs === undefined ? apartMs : [...apartMs, nowMs - endedMs].slice(-ROUNDS_KEPT);
    this.#rounds.set(part, { endedMs: nowMs, apartMs: apart });
  }

  #failed(key: string, error: unknown, about: Record<string, Json>): void {
    const blame = linkOfFailure(error);
    if (blame === undefined || !isPlatformError(error)) return;
    const { code, platformStatus: status, message } = error;
    this.#note(key, blame, message, { data: { ...about, code, ...(status === undefined ? {} : { status }) } });
  }

  #note(key: string, blame: Blame, detail: string, more: Pick<Seen, 'data' | 'device'>): void {
    const nowMs = this.#clock.now();
    const before = this.#seen.get(key);
    const same = before?.blame === blame ? before : undefined;
    this.#seen.delete(key);
    this.#seen.set(key, {
      blame,
      detail: detail.slice(0, MOST_DETAIL),
      firstMs: same?.firstMs ?? nowMs,
      lastMs: nowMs,
      times: (same?.times ?? 0) + 1,
      ...more,
    });
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > MOST_SEEN && oldest !== undefined) this.#seen.delete(oldest);
  }
}

/** A wait for the budget says nothing where calls fail for another reason: trying again is what has spent it. */
const isUsedUpByFailures = ({ link, firstMs }: LinkFact, seen: readonly LinkFact[]): boolean =>
  link === 'budget' &&
  seen.some(
    (fact) => ['credential', 'vendor', 'network'].includes(fact.link) && fact.lastMs >= firstMs - TRIED_AGAIN_MS,
  );

const isOwnAccord = ({ lane, class: operationClass }: CallEnd): boolean =>
  operationClass === 'auth' || lane === 'live' || lane === 'reconcile';
