import type { Gauge } from '@tributary/runtime';
import type { Broker } from '../broker.ts';
import { CursorGone, EventLogUnavailable, MessagingClosed } from '../errors.ts';
import type { Link } from '../link.ts';
import { PermitGate } from '../permit-gate.ts';
import { decodeCursor, encodeCursor, type LogPosition } from './cursor.ts';
import { type FindQuery, type FoundEvent, findEvent } from './find-event.ts';
import type { LogEntry, LoggedEvent } from './log-entry.ts';
import { LogSearch } from './log-search.ts';
import { LogTail } from './log-tail.ts';
import { type RangeLimits, RangeReader, type RangeStart } from './range-reader.ts';
import { RecentEvents } from './recent-events.ts';

/** Where to begin: after the event of a cursor, at the beginning, only with what is new, or at a time. */
export type LogStart = string | 'first' | 'last' | Date;

export interface LogQuery {
  /** Default `first`. A time is exact to the second at which events were published. */
  after?: LogStart;
  /** Looks at the routing key alone, so that what is not wanted is not parsed. */
  filter?: (routingKey: string) => boolean;
  /** Asked of what the filter wants, where the routing key does not say enough: looks at the event itself. */
  accept?: (event: LoggedEvent) => boolean;
}

export interface ReadQuery extends LogQuery {
  /** Most events in the answer. */
  limit: number;
  /** How long to wait for a first event when there is none; default 0. */
  waitMs?: number;
  signal?: AbortSignal;
}

export interface FollowQuery extends LogQuery {
  signal: AbortSignal;
  /** Told of each event that the filter did not want: who begins after it misses nothing. */
  passed?: (event: LoggedEvent) => void;
}

export interface LogPage {
  events: LoggedEvent[];
  /** Continues after everything that was looked at, also what the filter did not want. */
  nextCursor: string;
}

export interface EventLogOptions {
  /** Newest events kept in memory for all readers. Default 10 000. */
  recentEvents?: number;
  /** Their size in characters of JSON. Default 32 million. */
  recentCharacters?: number;
  /** Reads of older events that may run at once. Default 8. */
  concurrentReads?: number;
}

/** Undefined: the beginning. */
type Place = LogPosition | Date | undefined;

/** A slow follower holds one such piece; a thousand of them must fit into memory. */
const BATCH = 200;
const BATCH_CHARACTERS = 500_000;
/** A page that finds little looks at no more than this, and answers with how far it came. */
const MOST_SCANNED = 50_000;
const READY_WITHIN_MS = 5_000;
const RETRY_MS = 500;
/** Where the end is known by the memory, a silence means a slow broker; where the log is empty, the end. */
const QUIET = { towardsMemory: 5_000, emptyLog: 300 };
/** A cursor that another process gave may be ahead of this one's tail by this much. */
const AHEAD_WITHIN_MS = 3_000;

/**
 * Reads the log of all events. One consumer a process stays at its end and fills a memory of recent events, which
 * serves every follower that is near the end: a thousand of them cost one stream. Who is further behind is read to in
 * pieces, a few at a time, until the memory has what follows. Nobody is pushed: a slow follower costs nothing but time.
 */
export class EventLog {
  readonly #broker: Broker;
  readonly #link: Link;
  readonly #recent: RecentEvents<LogEntry>;
  readonly #tail: LogTail;
  readonly #gate: PermitGate;
  readonly #ranges: RangeReader;
  readonly #search: LogSearch;
  readonly #stop = new AbortController();
  readonly #followers: Gauge;
  readonly #stopMetrics: () => void;

  constructor(broker: Broker, options: EventLogOptions = {}) {
    const { clock, log, metrics } = broker.options;
    const queue = broker.names.eventLog;
    this.#broker = broker;
    this.#link = broker.openLink('log');
    this.#recent = new RecentEvents({
      entries: options.recentEvents ?? 10_000,
      characters: options.recentCharacters ?? 32_000_000,
    });
    this.#tail = new LogTail({ link: this.#link, queue, recent: this.#recent, clock, log });
    this.#gate = new PermitGate(options.concurrentReads ?? 8);
    const piece = { entries: BATCH, characters: BATCH_CHARACTERS };
    const reading = { link: this.#link, queue, clock, gate: this.#gate };
    this.#ranges = new RangeReader({ ...reading, ...piece });
    this.#search = new LogSearch(reading);
    this.#followers = metrics.gauge('event_log_followers', { help: 'Followers of the event log.' });
    const recent = metrics.gauge('event_log_recent_events', { help: 'Newest events kept in memory.' });
    const reads = metrics.gauge('event_log_reads', { help: 'Reads of older events that run.' });
    const waiting = metrics.gauge('event_log_reads_waiting', {
      help: 'Reads of older events that wait for their turn.',
    });
    this.#stopMetrics = clock.every(1_000, () => {
      recent.set(this.#recent.size);
      reads.set(this.#gate.taken);
      waiting.set(this.#gate.waiting);
    });
  }

  /**
   * A page of the log. Ends at once when the limit or the end is reached; only an empty page waits, up to `waitMs`.
   * Throws `CursorInvalid`, `CursorGone`, `EventLogUnavailable` when the broker is away for five seconds,
   * `MessagingClosed`, or the signal's reason.
   */
  async read(query: ReadQuery): Promise<LogPage> {
    const signal = query.signal ? AbortSignal.any([query.signal, this.#stop.signal]) : this.#stop.signal;
    signal.throwIfAborted();
    let place = await this.#begin(query.after ?? 'first', signal, READY_WITHIN_MS);
    const events: LoggedEvent[] = [];
    const patience = this.#timer(query.waitMs ?? 0, signal);
    try {
      for (let scanned = 0; scanned < MOST_SCANNED && events.length < query.limit; ) {
        const version = this.#recent.version;
        const batch = await this.#available(place, signal);
        if (batch.length === 0) {
          if (events.length > 0 || patience.signal.aborted) break;
          await this.#recent.changed(version, patience.signal);
          signal.throwIfAborted();
        }
        for (const entry of batch) {
          if (events.length >= query.limit) break;
          place = entry;
          scanned += 1;
          if (wanted(entry, query)) events.push(entry);
        }
      }
      return { events, nextCursor: this.#cursorOf(place) };
    } finally {
      patience.cancel();
    }
  }

  /**
   * Every event from `after` on, then every new one, in order, until the signal aborts (the iteration then ends). The
   * broker being away only delays it. Throws `CursorInvalid` or `CursorGone`; the latter also in mid-flow, when a
   * follower is so slow that the log has forgotten what it would read next.
   */
  async *follow(query: FollowQuery): AsyncGenerator<LoggedEvent, void, undefined> {
    const signal = AbortSignal.any([query.signal, this.#stop.signal]);
    this.#followers.inc();
    try {
      let place = await this.#begin(query.after ?? 'first', signal);
      while (!signal.aborted) {
        const version = this.#recent.version;
        const batch = await this.#availableInTheEnd(place, signal);
        for (const entry of batch) {
          if (signal.aborted) return;
          place = entry;
          if (wanted(entry, query)) yield entry;
          else query.passed?.(entry);
        }
        if (batch.length === 0) await this.#recent.changed(version, signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#followers.dec();
    }
  }

  /**
   * One event, by when it was made: its id says it, or its rev. Throws `EventLogUnavailable` when the broker is away for
   * five seconds, `MessagingClosed`, or the signal's reason.
   */
  async find(query: FindQuery): Promise<FoundEvent> {
    const signal = query.signal ? AbortSignal.any([query.signal, this.#stop.signal]) : this.#stop.signal;
    signal.throwIfAborted();
    await this.#ready(signal, READY_WITHIN_MS);
    const log = {
      search: this.#search,
      recent: () => this.#recent.newestFirst(),
      endsAt: () => this.#recent.newest?.offset,
      beginsAtS: async () => (await this.#available(undefined, signal))[0]?.publishedAtS,
    };
    return findEvent(log, query, signal);
  }

  /** Ends every follower; reads that wait throw `MessagingClosed`. The broker closes the connection. */
  async close(): Promise<void> {
    this.#stop.abort(new MessagingClosed('the event log is closed'));
    this.#stopMetrics();
    await this.#tail.close();
    await this.#link.close();
  }

  /** `last` becomes the place where the log ends now. */
  async #begin(start: LogStart, signal: AbortSignal, withinMs?: number): Promise<Place> {
    if (start === 'first') return undefined;
    if (start instanceof Date) return start;
    if (start !== 'last') return decodeCursor(start);
    await this.#ready(signal, withinMs);
    return this.#recent.newest;
  }

  /** Retries while the broker is away. */
  async #availableInTheEnd(place: Place, signal: AbortSignal): Promise<LogEntry[]> {
    for (;;) {
      try {
        return await this.#available(place, signal);
      } catch (error) {
        if (!(error instanceof EventLogUnavailable)) throw error;
        await this.#broker.options.clock.sleep(RETRY_MS, signal);
      }
    }
  }

  /** What follows a place and is there already; empty at the end of the log. */
  async #available(place: Place, signal: AbortSignal): Promise<LogEntry[]> {
    await this.#ready(signal, READY_WITHIN_MS);
    const { newest } = this.#recent;
    if (place instanceof Date && newest && newest.publishedAtS < Math.floor(place.getTime() / 1000)) return [];
    if (place === undefined || place instanceof Date || !newest) return this.#older(place, signal);
    const look = this.#recent.after(place, BATCH);
    if (look.found) return look.entries;
    if (look.because === 'other') throw new CursorGone('the event log has another event at this cursor');
    if (look.because === 'older') return this.#older(place, signal);
    return this.#ahead(place, signal);
  }

  /** From the broker, until the first event that is in the memory. */
  async #older(place: Place, signal: AbortSignal): Promise<LogEntry[]> {
    const start = { from: place ?? 'first' } as RangeStart;
    const empty = this.#recent.size === 0;
    const limits: RangeLimits = {
      until: () => this.#recent.oldest?.offset,
      quietMs: empty ? QUIET.emptyLog : QUIET.towardsMemory,
    };
    const entries = await this.#ranges.read(start, limits, signal);
    // What the memory holds the broker must deliver; silence is no end then.
    if (entries.length === 0 && !empty && !(place instanceof Date)) {
      throw new EventLogUnavailable('the broker delivers nothing');
    }
    return entries;
  }

  /** A place after the newest known event: this process may be behind by a moment, or the log is another one. */
  async #ahead(place: LogPosition, signal: AbortSignal): Promise<LogEntry[]> {
    const patience = this.#timer(AHEAD_WITHIN_MS, signal);
    try {
      for (;;) {
        const { version } = this.#recent;
        const look = this.#recent.after(place, BATCH);
        if (look.found) return look.entries;
        if (look.because !== 'newer' || patience.signal.aborted) break;
        await this.#recent.changed(version, patience.signal);
      }
    } finally {
      patience.cancel();
    }
    signal.throwIfAborted();
    if (!this.#tail.ready) throw new EventLogUnavailable('the broker is not reachable');
    throw new CursorGone('the event log does not hold the event of this cursor');
  }

  async #ready(signal: AbortSignal, withinMs?: number): Promise<void> {
    if (this.#tail.ready) return;
    const patience = withinMs === undefined ? undefined : this.#timer(withinMs, signal);
    await this.#tail.whenReady(patience?.signal ?? signal);
    patience?.cancel();
    signal.throwIfAborted();
    if (!this.#tail.ready) throw new EventLogUnavailable('the broker is not reachable');
  }

  /** A signal that aborts with another one or after a time. */
  #timer(ms: number, signal: AbortSignal): { signal: AbortSignal; cancel: () => void } {
    const controller = new AbortController();
    const abort = () => controller.abort();
    const cancelTimer = this.#broker.options.clock.after(ms, abort);
    signal.addEventListener('abort', abort, { once: true });
    if (ms <= 0) abort();
    const cancel = () => {
      cancelTimer();
      signal.removeEventListener('abort', abort);
    };
    return { signal: controller.signal, cancel };
  }

  /** A time at which nothing was published yet continues at the end as it is known. */
  #cursorOf(place: Place): string {
    return encodeCursor(place instanceof Date ? this.#recent.newest : place);
  }
}

const wanted = (entry: LogEntry, { filter, accept }: LogQuery): boolean =>
  (filter === undefined || filter(entry.routingKey)) && entry.readable && (accept === undefined || accept(entry));
