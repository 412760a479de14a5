import type { Clock } from '@tributary/runtime';
import type { Channel, ConsumeMessage } from 'amqplib';
import { closeChannel } from '../close-channel.ts';
import { EventLogUnavailable } from '../errors.ts';
import type { Link } from '../link.ts';
import type { PermitGate } from '../permit-gate.ts';
import { LogEntry } from './log-entry.ts';

export interface LogSearchOptions {
  link: Link;
  queue: string;
  clock: Clock;
  /** Reads that may run at once in this process. */
  gate: PermitGate;
}

/** What is looked for, and between which seconds since 1970 it was published. */
export interface SearchedStretch {
  fromS: number;
  toS: number;
  /** By id and routing key alone, so that what is not wanted is not read. */
  likely: (messageId: string | undefined, routingKey: string) => boolean;
  sure: (entry: LogEntry) => boolean;
  /** The offset at which the log ends; nothing is waited for behind it. */
  endsAt: number | undefined;
  /** Events looked at, at most. */
  most: number;
}

/** `all`: it is not in the stretch. `most`: so many events were looked at, and it was none of them. */
export type SearchEnd = { entry: LogEntry } | { entry: undefined; looked: 'all' | 'most' };

const PREFETCH = 1_000;
const ACK_EVERY = 400;
/** A log that has something delivers it in milliseconds. */
const QUIET_MS = 2_000;

/** Goes through a stretch of the log for one event, with a consumer of its own, and keeps nothing else of it. */
export class LogSearch {
  readonly #options: LogSearchOptions;

  constructor(options: LogSearchOptions) {
    this.#options = options;
  }

  /** Throws `EventLogUnavailable` when the broker is away, or the signal's reason. */
  async find(stretch: SearchedStretch, signal: AbortSignal): Promise<SearchEnd> {
    const { gate, link } = this.#options;
    await gate.enter(signal);
    let channel: Channel | undefined;
    try {
      const model = link.model;
      if (!model) throw new EventLogUnavailable('the broker is not reachable');
      channel = await model.createChannel();
      return await this.#scan(channel, stretch, signal);
    } catch (error) {
      if (error instanceof EventLogUnavailable || signal.aborted) throw error;
      throw new EventLogUnavailable('the event log could not be searched', { cause: error });
    } finally {
      if (channel) await closeChannel(channel);
      gate.leave();
    }
  }

  async #scan(channel: Channel, stretch: SearchedStretch, signal: AbortSignal): Promise<SearchEnd> {
    const { promise, resolve, reject } = Promise.withResolvers<SearchEnd>();
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    channel.on('error', reject);
    channel.once('close', () => reject(new EventLogUnavailable('the connection to the broker was lost')));
    const ended = () => resolve({ entry: undefined, looked: 'all' });
    let cancelQuiet = this.#options.clock.after(QUIET_MS, ended);
    let seen = 0;
    const received = (message: ConsumeMessage | null) => {
      if (message === null) return reject(new EventLogUnavailable('the event log was deleted'));
      seen += 1;
      if (seen % ACK_EVERY === 0) channel.ack(message, true);
      const judged = judge(message, stretch);
      if (judged) resolve(judged);
      else if (seen >= stretch.most) resolve({ entry: undefined, looked: 'most' });
      cancelQuiet();
      cancelQuiet = this.#options.clock.after(QUIET_MS, ended);
    };
    try {
      signal.throwIfAborted();
      await channel.prefetch(PREFETCH);
      const from = { '!': 'timestamp', value: Math.max(0, stretch.fromS) };
      await channel.consume(this.#options.queue, received, { arguments: { 'x-stream-offset': from } });
      return await promise;
    } finally {
      // What arrives before the channel is closed settles nothing any more.
      promise.catch(() => undefined);
      cancelQuiet();
      signal.removeEventListener('abort', abort);
    }
  }
}

/** Undefined while it goes on. */
function judge(message: ConsumeMessage, { likely, sure, toS, endsAt }: SearchedStretch): SearchEnd | undefined {
  const { messageId, timestamp, headers } = message.properties;
  if (likely(messageId, message.fields.routingKey)) {
    const entry = new LogEntry(message);
    if (sure(entry)) return { entry };
  }
  const past = typeof timestamp === 'number' && timestamp > toS;
  const last = endsAt !== undefined && Number(headers?.['x-stream-offset']) >= endsAt;
  return past || last ? { entry: undefined, looked: 'all' } : undefined;
}
