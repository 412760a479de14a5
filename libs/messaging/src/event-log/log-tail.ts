import type { Clock, Logger } from '@tributary/runtime';
import type { Channel, ConsumeMessage } from 'amqplib';
import { ChannelSlot, openChannel } from '../channel-slot.ts';
import type { Link } from '../link.ts';
import type { LogPosition } from './cursor.ts';
import { LogEntry } from './log-entry.ts';
import type { RecentEvents } from './recent-events.ts';

export interface LogTailOptions {
  link: Link;
  queue: string;
  recent: RecentEvents<LogEntry>;
  clock: Clock;
  log: Logger;
}

const PREFETCH = 1_000;
const ACK_EVERY = 100;
/** An event that is in the log is delivered in milliseconds; after this long it is not there. */
const RESUME_PATIENCE_MS = 3_000;
/** After this long without a delivery the log counts as empty. */
const EMPTY_AFTER_MS = 1_000;
/** The newest events come in one burst; it is over by then. */
const BURST_MS = 50;

/** The one consumer of a process at the end of the log: fills the memory of recent events, without gaps in it. */
export class LogTail {
  readonly #options: LogTailOptions;
  readonly #slot: ChannelSlot<Channel>;
  readonly #whenReady = new Set<() => void>();
  #ready = false;
  /** Where the memory ended when this channel was opened, until that event was seen again. */
  #resumeFrom: LogPosition | undefined;
  #unacked = 0;
  #cancelTimer = () => {};

  constructor(options: LogTailOptions) {
    this.#options = options;
    this.#slot = new ChannelSlot({
      link: options.link,
      name: `${options.queue} (tail)`,
      clock: options.clock,
      log: options.log,
      open: openChannel,
      onOpen: (channel) => this.#opened(channel),
      onLost: () => this.#lost(),
    });
  }

  /** The end of the log is known: what is not in the memory is older, or not yet published. */
  get ready(): boolean {
    return this.#ready;
  }

  /** Resolves when `ready`; when the signal aborts first, too. */
  whenReady(signal: AbortSignal): Promise<void> {
    if (this.#ready || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        this.#whenReady.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#whenReady.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  async close(): Promise<void> {
    this.#cancelTimer();
    await this.#slot.close();
    for (const done of [...this.#whenReady]) done();
  }

  async #opened(channel: Channel): Promise<void> {
    const { recent, queue, clock } = this.#options;
    const newest = recent.newest;
    this.#resumeFrom = newest;
    this.#unacked = 0;
    // Before consuming: deliveries can come before `consume` resolves, and set a timer of their own.
    this.#cancelTimer();
    await channel.prefetch(PREFETCH);
    await channel.consume(queue, (message) => this.#received(channel, message), {
      arguments: { 'x-stream-offset': newest ? newest.offset : 'last' },
    });
    if (newest && this.#resumeFrom) this.#cancelTimer = clock.after(RESUME_PATIENCE_MS, () => this.#startAnew());
    else if (!newest && recent.size === 0) this.#cancelTimer = clock.after(EMPTY_AFTER_MS, () => this.#becomeReady());
  }

  #received(channel: Channel, message: ConsumeMessage | null): void {
    if (message === null) {
      void this.#slot.renew('the event log was deleted');
      return;
    }
    if (channel !== this.#slot.channel) return;
    this.#unacked += 1;
    if (this.#unacked >= ACK_EVERY) {
      this.#unacked = 0;
      channel.ack(message, true);
    }
    const entry = new LogEntry(message);
    if (this.#resumeFrom && !this.#resumed(this.#resumeFrom, entry)) return;
    const first = this.#options.recent.size === 0;
    this.#options.recent.append(entry);
    if (this.#ready || !first) return;
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.after(BURST_MS, () => this.#becomeReady());
  }

  /** True when the entry may be appended: the memory goes on without a gap, or has begun anew with it. */
  #resumed(from: LogPosition, entry: LogEntry): boolean {
    if (entry.offset < from.offset) return false;
    this.#cancelTimer();
    this.#resumeFrom = undefined;
    if (entry.offset === from.offset && entry.check === from.check) {
      this.#becomeReady();
      return false;
    }
    this.#options.log.warn({ queue: this.#options.queue }, 'the event log does not go on where it was left');
    this.#options.recent.reset();
    return true;
  }

  #startAnew(): void {
    if (!this.#resumeFrom) return;
    this.#options.recent.reset();
    void this.#slot.renew('the event log does not hold its former end');
  }

  #becomeReady(): void {
    this.#ready = true;
    for (const done of [...this.#whenReady]) done();
  }

  #lost(): void {
    this.#cancelTimer();
    this.#ready = false;
  }
}
