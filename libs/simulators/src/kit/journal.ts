import type { ServedSpan } from './served.ts';
import { matchesPattern } from './text-pattern.ts';

export interface JournalEntry {
  seq: number;
  /** Scenario time at which it began. */
  at: number;
  protocol: 'http' | 'mqtt';
  /** HTTP method, or the MQTT packet: CONNECT, PUBLISH, SUBSCRIBE, PUSH, CLOSE. */
  method: string;
  /** Path without its query, or topic; secrets in it are replaced by their fingerprints. */
  path: string;
  operation?: string;
  /** HTTP status, CONNACK or SUBACK code; -1 when the caller got no answer. */
  status: number;
  durationMs: number;
  /** Fingerprint of the token that was shown. */
  credential?: string;
  /** Client id of a streaming session. */
  session?: string;
  /** Kinds of faults that hit it. */
  faults?: string[];
  detail?: string;
  /** Points that were handed over; only while `keepsServed`. */
  served?: ServedSpan[];
}

export interface JournalFilter {
  protocol?: 'http' | 'mqtt' | undefined;
  operation?: string | string[] | undefined;
  method?: string | undefined;
  path?: string | undefined;
  status?: number | undefined;
  credential?: string | undefined;
  session?: string | undefined;
  /** `*` stands for any run of characters. */
  detail?: string | string[] | undefined;
  /** Entries after this sequence number. */
  after?: number | undefined;
  /** Entries that began at or after this scenario time. */
  since?: number | undefined;
  /** The newest so many. */
  limit?: number | undefined;
}

/** What was asked of the vendor. Memory is bounded: the oldest entries go, and are counted. */
export class Journal {
  /** Answers with points are noted with what they handed over: much to keep, and only for who asks. */
  keepsServed = false;
  readonly #capacity: number;
  #entries: JournalEntry[] = [];
  #seq = 0;
  #dropped = 0;
  readonly #waiters = new Set<() => void>();

  constructor(capacity = 50_000) {
    this.#capacity = capacity;
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** Sequence number of the newest entry; pass it as `after` to see only what follows. */
  get position(): number {
    return this.#seq;
  }

  add(entry: Omit<JournalEntry, 'seq'>): void {
    this.#entries.push({ seq: ++this.#seq, ...entry });
    if (this.#entries.length >= this.#capacity * 1.25) this.#trim();
    for (const waiter of this.#waiters) waiter();
  }

  entries(filter: JournalFilter = {}): JournalEntry[] {
    const found = this.#entries.filter((entry) => fits(entry, filter));
    return filter.limit === undefined ? found : found.slice(-filter.limit);
  }

  count(filter: JournalFilter = {}): number {
    return this.entries(filter).length;
  }

  /** How often each operation was asked for, by status. */
  counts(filter: JournalFilter = {}): Record<string, Record<string, number>> {
    const counts: Record<string, Record<string, number>> = {};
    for (const entry of this.entries(filter)) {
      const name = entry.operation ?? `${entry.method} ${entry.path}`;
      const statuses = counts[name] ?? {};
      counts[name] = statuses;
      statuses[entry.status] = (statuses[entry.status] ?? 0) + 1;
    }
    return counts;
  }

  /** Resolves as soon as so many entries fit the filter. */
  until(filter: JournalFilter, atLeast = 1, signal?: AbortSignal): Promise<JournalEntry[]> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const found = this.entries(filter);
        if (found.length < atLeast) return;
        this.#waiters.delete(check);
        resolve(found);
      };
      signal?.addEventListener('abort', () => {
        this.#waiters.delete(check);
        reject(signal.reason);
      });
      this.#waiters.add(check);
      check();
    });
  }

  clear(): void {
    this.#entries = [];
    this.#dropped = 0;
  }

  #trim(): void {
    const excess = this.#entries.length - this.#capacity;
    this.#entries.splice(0, excess);
    this.#dropped += excess;
  }
}

function fits(entry: JournalEntry, filter: JournalFilter): boolean {
  if (filter.after !== undefined && entry.seq <= filter.after) return false;
  if (filter.since !== undefined && entry.at < filter.since) return false;
  if (filter.protocol && entry.protocol !== filter.protocol) return false;
  if (filter.status !== undefined && entry.status !== filter.status) return false;
  if (filter.credential && entry.credential !== filter.credential) return false;
  if (filter.session && entry.session !== filter.session) return false;
  if (filter.detail && !matchesPattern(filter.detail, entry.detail ?? '')) return false;
  if (filter.method && !matchesPattern(filter.method, entry.method)) return false;
  if (filter.operation && !matchesPattern(filter.operation, entry.operation ?? '')) return false;
  return !filter.path || matchesPattern(filter.path, entry.path);
}
