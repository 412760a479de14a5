import type { Clock } from '@tributary/runtime';
import type { Channel, ConsumeMessage } from 'amqplib';
import { closeChannel } from '../close-channel.ts';
import { CursorGone, EventLogUnavailable } from '../errors.ts';
import type { Link } from '../link.ts';
import type { PermitGate } from '../permit-gate.ts';
import type { LogPosition } from './cursor.ts';
import { LogEntry } from './log-entry.ts';

/** The beginning, the first event published at or after a time, or what follows a position. */
export type RangeStart = { from: 'first' } | { from: Date } | { from: LogPosition };

export interface RangeReaderOptions {
  link: Link;
  queue: string;
  clock: Clock;
  /** Reads that may run at once in this process. */
  gate: PermitGate;
  entries: number;
  characters: number;
}

export interface RangeLimits {
  /** Reading ends with the first event at or after this offset: what follows it is in the memory. */
  until(): number | undefined;
  /** How long nothing may come before the range counts as ended. */
  quietMs: number;
}

const PREFETCH = 250;
const ACK_EVERY = 100;
/** An event that is in the log is delivered in milliseconds; after this long it is not there. */
const PRESENT_WITHIN_MS = 3_000;

/**
 * Reads a bounded piece of the log with a consumer of its own and lets go of it again, so that a slow reader holds
 * memory for one piece and nothing at the broker.
 */
export class RangeReader {
  readonly #options: RangeReaderOptions;

  constructor(options: RangeReaderOptions) {
    this.#options = options;
  }

  /**
   * Entries from `start` on, oldest first; none when nothing came for `quietMs`. Throws `CursorGone` when the event
   * of a position is not in the log any more, `EventLogUnavailable` when the broker is away.
   */
  async read(start: RangeStart, limits: RangeLimits, signal: AbortSignal): Promise<LogEntry[]> {
    await this.#options.gate.enter(signal);
    let channel: Channel | undefined;
    try {
      const model = this.#options.link.model;
      if (!model) throw new EventLogUnavailable('the broker is not reachable');
      channel = await model.createChannel();
      return await this.#collect(channel, start, limits, signal);
    } catch (error) {
      if (error instanceof CursorGone || error instanceof EventLogUnavailable || signal.aborted) throw error;
      throw new EventLogUnavailable('the event log could not be read', { cause: error });
    } finally {
      if (channel) await closeChannel(channel);
      this.#options.gate.leave();
    }
  }

  async #collect(channel: Channel, start: RangeStart, limits: RangeLimits, signal: AbortSignal): Promise<LogEntry[]> {
    const collected = new Collected(start, limits, this.#options);
    const abort = () => collected.fail(signal.reason);
    channel.on('error', (error) => collected.fail(error));
    channel.once('close', () => collected.fail(new EventLogUnavailable('the connection to the broker was lost')));
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    let unacked = 0;
    const received = (message: ConsumeMessage | null) => {
      if (message === null) return collected.fail(new EventLogUnavailable('the event log was deleted'));
      if (collected.ended) return;
      unacked += 1;
      if (unacked % ACK_EVERY === 0) channel.ack(message, true);
      collected.take(message);
    };
    try {
      await channel.prefetch(PREFETCH);
      await channel.consume(this.#options.queue, received, { arguments: { 'x-stream-offset': offsetArgument(start) } });
      collected.expectMore();
      return await collected.done;
    } finally {
      signal.removeEventListener('abort', abort);
      collected.stop();
    }
  }
}

/** Publishers' clocks and the broker's may differ by this much. */
const SKEW_S = 60;

/** What the broker takes as the place to begin. A time is the broker's own there, so it is asked for a little earlier. */
function offsetArgument({ from }: RangeStart): unknown {
  if (from === 'first') return 'first';
  if (from instanceof Date) return { '!': 'timestamp', value: Math.max(0, Math.floor(from.getTime() / 1000) - SKEW_S) };
  return from.offset;
}

/** One range while it is read. */
class Collected {
  readonly done: Promise<LogEntry[]>;
  readonly #entries: LogEntry[] = [];
  readonly #start: RangeStart;
  readonly #limits: RangeLimits;
  readonly #options: RangeReaderOptions;
  /** The event of the position, as long as it was not seen. */
  #awaited: LogPosition | undefined;
  #characters = 0;
  #settle: { resolve: (entries: LogEntry[]) => void; reject: (error: unknown) => void } | undefined;
  #cancelTimer = () => {};

  constructor(start: RangeStart, limits: RangeLimits, options: RangeReaderOptions) {
    this.#start = start;
    this.#limits = limits;
    this.#options = options;
    if (start.from !== 'first' && !(start.from instanceof Date)) this.#awaited = start.from;
    this.done = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // It may fail before anyone waits for it.
    this.done.catch(() => {});
  }

  get ended(): boolean {
    return this.#settle === undefined;
  }

  take(message: ConsumeMessage): void {
    const entry = new LogEntry(message);
    // A stream is delivered by chunks: what is before the place asked for can come first.
    if (this.#awaited && entry.offset < this.#awaited.offset) return;
    if (this.#awaited) this.#seen(this.#awaited, entry);
    else this.#keep(entry);
  }

  /** (Re)starts the wait for the next delivery. */
  expectMore(): void {
    if (this.ended) return;
    this.#cancelTimer();
    const waitMs = this.#awaited ? PRESENT_WITHIN_MS : this.#limits.quietMs;
    this.#cancelTimer = this.#options.clock.after(waitMs, () => {
      if (this.#awaited) this.fail(new CursorGone('the event log does not hold the event of this cursor'));
      else this.#end();
    });
  }

  fail(error: unknown): void {
    this.#settle?.reject(error);
    this.stop();
  }

  stop(): void {
    this.#settle = undefined;
    this.#cancelTimer();
  }

  #seen(awaited: LogPosition, entry: LogEntry): void {
    if (entry.offset !== awaited.offset || entry.check !== awaited.check) {
      this.fail(new CursorGone('the event log no longer holds the event of this cursor'));
      return;
    }
    this.#awaited = undefined;
    this.expectMore();
  }

  #keep(entry: LogEntry): void {
    const { from } = this.#start;
    const tooEarly = from instanceof Date && entry.publishedAtS < Math.floor(from.getTime() / 1000);
    if (!tooEarly) {
      this.#entries.push(entry);
      this.#characters += entry.text.length;
    }
    const until = this.#limits.until();
    const joined = until !== undefined && entry.offset >= until && !tooEarly;
    const full = this.#entries.length >= this.#options.entries || this.#characters >= this.#options.characters;
    if (joined || full) this.#end();
    else this.expectMore();
  }

  #end(): void {
    this.#settle?.resolve(this.#entries);
    this.stop();
  }
}
