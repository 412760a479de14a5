import type { LogEntry, LoggedEvent } from './log-entry.ts';
import type { LogSearch, SearchedStretch } from './log-search.ts';

export interface FindQuery {
  /** When the event was made, milliseconds since 1970: it was published then, or later. */
  atMs: number;
  /** By id, where it is known, and routing key alone; what is likely is looked at closely. */
  likely: (messageId: string | undefined, routingKey: string) => boolean;
  sure: (event: LoggedEvent) => boolean;
  signal?: AbortSignal;
}

/**
 * `gone`: the log begins after that time, so it may have been there once. `absent`: the log reaches back so far, and it is
 * not in it. `unfinished`: the log is so busy then that not all of it was looked at.
 */
export type FoundEvent = { event: LoggedEvent } | { event: undefined; because: 'gone' | 'absent' | 'unfinished' };

/**
 * Nearly always an event is published within moments. One that waited for a broker comes later; one of an adapter that
 * has just taken over has a time that is ahead.
 */
const STRETCHES = [
  { beforeS: 2, afterS: 10, most: 300_000 },
  { beforeS: 180, afterS: 900, most: 600_000 },
];

/** What is known of the log while one event is looked for. */
export interface SearchedLog {
  search: LogSearch;
  /** Entries in the memory, newest first. */
  recent(): Iterable<LogEntry>;
  endsAt(): number | undefined;
  /** When its oldest event was published, seconds since 1970; undefined where it is empty. */
  beginsAtS(): Promise<number | undefined>;
}

/** Looks near the time first, then far around it. Throws `EventLogUnavailable` or the signal's reason. */
export async function findEvent(log: SearchedLog, query: FindQuery, signal: AbortSignal): Promise<FoundEvent> {
  const { likely, sure } = query;
  for (const entry of log.recent()) if (likely(undefined, entry.routingKey) && sure(entry)) return { event: entry };
  const atS = Math.floor(query.atMs / 1_000);
  const beginsAtS = await log.beginsAtS();
  if (beginsAtS === undefined) return { event: undefined, because: 'absent' };
  let finished = true;
  for (const { beforeS, afterS, most } of STRETCHES) {
    const stretch: SearchedStretch = {
      fromS: atS - beforeS,
      toS: atS + afterS,
      likely,
      sure,
      endsAt: log.endsAt(),
      most,
    };
    const end = await log.search.find(stretch, signal);
    if (end.entry) return { event: end.entry };
    finished = end.looked === 'all';
  }
  if (atS < beginsAtS) return { event: undefined, because: 'gone' };
  return { event: undefined, because: finished ? 'absent' : 'unfinished' };
}
