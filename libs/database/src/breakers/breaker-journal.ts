import type { Clock, Gauge, Logger, Metrics } from '@tributary/runtime';
import type { BreakerChange, BreakerService } from './breaker-changes.ts';

/** What a breaker has just done. */
export type BreakerNews = Omit<BreakerChange, 'at' | 'lastAt' | 'times' | 'rev'>;

export interface BreakerTable {
  add(keeper: { service: BreakerService; replica: string }, changes: readonly BreakerChange[]): Promise<void>;
  stillSo(replica: string, breakers: readonly { connectionId: string; rev: bigint }[]): Promise<void>;
}

export interface BreakerJournalOptions {
  service: BreakerService;
  /** Of one run of one process. */
  replica: string;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
}

const WRITE_EVERY_MS = 1_000;
/** A third of the time after which a silent replica counts as gone. */
const STILL_SO_EVERY_MS = 10_000;
/** Kinds of changes that wait for the database; beyond that the oldest are left out of the history. */
const MOST_WAITING = 10_000;

/**
 * Writes down what the breakers of this process do, once a second and all at once. The same again before that is one
 * entry, and while the database is away they wait: whoever reports waits for nothing.
 */
export class BreakerJournal {
  readonly #table: BreakerTable;
  readonly #options: BreakerJournalOptions;
  readonly #waiting = new Map<string, BreakerChange>();
  /** Last rev of those that are not closed, by connection and class. */
  readonly #notClosed = new Map<string, { connectionId: string; rev: bigint }>();
  readonly #lag: Gauge;
  readonly #stop: () => void;
  #writing: Promise<void> | undefined;
  #lastRev = 0n;
  #toldAtMs: number;
  #down = false;

  constructor(table: BreakerTable, options: BreakerJournalOptions) {
    this.#table = table;
    this.#options = options;
    this.#toldAtMs = options.clock.monotonicMs();
    this.#lag = options.metrics.gauge('breaker_changes_waiting', {
      help: 'Changes of breakers that are not in the database yet.',
    });
    this.#stop = options.clock.every(WRITE_EVERY_MS, () => void this.write());
  }

  note(news: BreakerNews): void {
    const rev = this.#nextRev();
    const at = new Date(this.#options.clock.now());
    const breaker = `${news.connectionId}/${news.class}`;
    const key = keyOf(news);
    const before = this.#waiting.get(key);
    // Deleted first: the newest stands last.
    this.#waiting.delete(key);
    if (this.#waiting.size >= MOST_WAITING) this.#forgetOldest();
    this.#waiting.set(key, { ...news, at: before?.at ?? at, lastAt: at, times: (before?.times ?? 0) + 1, rev });
    if (news.to === 'closed') this.#notClosed.delete(breaker);
    else this.#notClosed.set(breaker, { connectionId: news.connectionId, rev });
  }

  /** Everything that waits, and now and then that the rest is as it was. Never rejects. */
  write(): Promise<void> {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  /** Writes what waits once more; whoever kept breakers has told by then that they are let go. */
  async close(): Promise<void> {
    this.#stop();
    await this.write();
    await this.write();
  }

  async #write(): Promise<void> {
    const changes = [...this.#waiting.values()];
    this.#waiting.clear();
    try {
      await this.#table.add(this.#options, changes);
      await this.#tellStillSo();
      if (this.#down) this.#options.log.info('changes of breakers are written again');
      this.#down = false;
    } catch (error) {
      this.#putBack(changes);
      if (!this.#down) this.#options.log.warn({ err: error }, 'changes of breakers cannot be written; they wait');
      this.#down = true;
    }
    this.#lag.set(this.#waiting.size);
  }

  async #tellStillSo(): Promise<void> {
    const now = this.#options.clock.monotonicMs();
    if (now - this.#toldAtMs < STILL_SO_EVERY_MS) return;
    const waiting = new Set([...this.#waiting.values()].map(({ rev }) => rev));
    const written = [...this.#notClosed.values()].filter(({ rev }) => !waiting.has(rev));
    await this.#table.stillSo(this.#options.replica, written);
    this.#toldAtMs = now;
  }

  /** What has come meanwhile is later. */
  #putBack(changes: readonly BreakerChange[]): void {
    const later = [...this.#waiting];
    this.#waiting.clear();
    for (const change of changes) this.#waiting.set(keyOf(change), change);
    for (const [key, change] of later) {
      const before = this.#waiting.get(key);
      this.#waiting.delete(key);
      const times = change.times + (before?.times ?? 0);
      this.#waiting.set(key, { ...change, at: before?.at ?? change.at, times });
    }
  }

  #forgetOldest(): void {
    const [oldest] = this.#waiting.keys();
    if (oldest !== undefined) this.#waiting.delete(oldest);
  }

  /** Microseconds, so that a process that starts again in the same place goes on above. */
  #nextRev(): bigint {
    const now = BigInt(Math.round(this.#options.clock.now())) * 1_000n;
    this.#lastRev = now > this.#lastRev ? now : this.#lastRev + 1n;
    return this.#lastRev;
  }
}

const keyOf = ({ connectionId, class: name, from, to }: BreakerNews): string => `${connectionId}/${name}/${from}/${to}`;
