import type { AnyEvent, RoutingParts } from '@tributary/contracts';
import type { Clock, Logger, Metrics } from '@tributary/runtime';
import type { ConfirmChannel, Message } from 'amqplib';
import { fullJitterMs } from '../backoff.ts';
import { ChannelSlot, openConfirmChannel } from '../channel-slot.ts';
import { MessagingClosed } from '../errors.ts';
import type { Link } from '../link.ts';
import { PermitGate } from '../permit-gate.ts';
import type { TopologyNames } from '../topology-names.ts';
import { eventMessage, type OutgoingMessage, queueMessage, type SendOptions } from './outgoing-message.ts';
import { PublishWindow, type WindowEntry } from './publish-window.ts';
import { type PublisherMetrics, publisherMetrics } from './publisher-metrics.ts';

export interface EventPublisher {
  /**
   * Resolves after the broker confirmed. Until then the event is written again, with the same id, after a nack, a
   * return, a lost confirm or a lost connection; so it may arrive more than once, never not at all. Waits when the
   * window is full. Rejects only with the signal's reason, with `MessagingClosed`, or with a `RangeError` for parts
   * that would not route; after the first two the event may or may not have arrived.
   */
  publish(event: AnyEvent, routing: RoutingParts, signal?: AbortSignal): Promise<void>;
  /** Like `publish`, to one queue through the default exchange: commands. A queue that is missing is waited for. */
  send(queue: string, body: unknown, options: SendOptions, signal?: AbortSignal): Promise<void>;
  /** Waits up to five seconds for what is unconfirmed; the rest is rejected with `MessagingClosed`. */
  close(): Promise<void>;
}

export interface PublisherOptions {
  link: Link;
  names: TopologyNames;
  /** Without a slash at its end; empty leaves `dataschema` relative. */
  schemaBaseUrl: string;
  name: string;
  /** Messages that may be unconfirmed at once. */
  window: number;
  confirmTimeoutMs: number;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
}

interface Job {
  message: OutgoingMessage;
  resolve: () => void;
  reject: (error: unknown) => void;
}

const REFUSED = { baseMs: 250, capMs: 15_000 };
const TIMEOUT_CHECK_MS = 1_000;
const CLOSE_TIMEOUT_MS = 5_000;
/** The message of amqplib's error for `basic.nack`; a lost channel has another and is handled by the slot. */
const NACKED = 'message nacked';

export class ConfirmedPublisher implements EventPublisher {
  readonly #options: PublisherOptions;
  readonly #labels: { publisher: string };
  readonly #metrics: PublisherMetrics;
  readonly #gate: PermitGate;
  readonly #window = new PublishWindow<Job>();
  readonly #slot: ChannelSlot<ConfirmChannel>;
  /** Ids that came back unroutable and whose confirm, which follows, must not count. */
  readonly #returned = new Set<string>();
  readonly #cleanUp: (() => void)[] = [];
  #writable = false;
  #closed = false;
  #whenEmpty: (() => void) | undefined;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#labels = { publisher: options.name };
    this.#metrics = publisherMetrics(options.metrics);
    this.#gate = new PermitGate(options.window);
    this.#metrics.window.set(this.#labels, options.window);
    this.#cleanUp.push(
      options.link.onBlocked((blocked) => {
        if (!blocked) this.#window.restartWaiting(options.clock.monotonicMs());
        this.#pump();
      }),
      options.clock.every(TIMEOUT_CHECK_MS, () => this.#checkTimeout()),
    );
    this.#slot = new ChannelSlot({
      link: options.link,
      name: options.name,
      clock: options.clock,
      log: options.log,
      open: openConfirmChannel,
      onOpen: (channel) => this.#opened(channel),
      onLost: () => this.#lost(),
    });
  }

  async publish(event: AnyEvent, routing: RoutingParts, signal?: AbortSignal): Promise<void> {
    const { names, clock, schemaBaseUrl } = this.#options;
    const { dataschema } = event;
    const absolute = dataschema.startsWith('/') ? { ...event, dataschema: schemaBaseUrl + dataschema } : event;
    await this.#submit(eventMessage(names, absolute, routing, clock.now()), signal);
  }

  async send(queue: string, body: unknown, options: SendOptions, signal?: AbortSignal): Promise<void> {
    await this.#submit(queueMessage(queue, body, options, this.#options.clock.now()), signal);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#drained();
    for (const entry of [...this.#window.entries()]) {
      this.#finish(entry, () => entry.item.reject(new MessagingClosed('the publisher was closed')));
    }
    for (const clean of this.#cleanUp) clean();
    await this.#slot.close();
  }

  async #submit(message: OutgoingMessage, signal: AbortSignal | undefined): Promise<void> {
    if (this.#closed) throw new MessagingClosed('the publisher is closed');
    signal?.throwIfAborted();
    if (!this.#gate.tryEnter()) {
      const entered = this.#gate.enter(signal);
      this.#showWaiting();
      await entered.finally(() => this.#showWaiting());
    }
    await new Promise<void>((resolve, reject) => this.#accept({ message, resolve, reject }, signal));
  }

  #accept(job: Job, signal: AbortSignal | undefined): void {
    const entry = this.#window.add(job);
    this.#metrics.unconfirmed.set(this.#labels, this.#window.size);
    if (this.#closed) {
      this.#finish(entry, () => job.reject(new MessagingClosed('the publisher was closed')));
      return;
    }
    if (signal) {
      const abort = () => this.#finish(entry, () => job.reject(signal.reason));
      const { resolve, reject } = job;
      signal.addEventListener('abort', abort, { once: true });
      job.resolve = () => {
        signal.removeEventListener('abort', abort);
        resolve();
      };
      job.reject = (error) => {
        signal.removeEventListener('abort', abort);
        reject(error);
      };
    }
    this.#pump();
  }

  /** Writes what is pending while the broker and the socket take it. */
  #pump(): void {
    const channel = this.#slot.channel;
    while (channel && this.#writable && !this.#options.link.blocked && channel === this.#slot.channel) {
      const entry = this.#window.take(this.#options.clock.monotonicMs());
      if (!entry) return;
      this.#write(channel, entry);
    }
  }

  #write(channel: ConfirmChannel, entry: WindowEntry<Job>): void {
    const { exchange, routingKey, content, options } = entry.item.message;
    const generation = this.#slot.generation;
    this.#metrics.written.inc(this.#labels);
    try {
      const room = channel.publish(exchange, routingKey, content, options, (error) =>
        this.#answered(entry, generation, error),
      );
      if (!room) this.#writable = false;
    } catch (error) {
      // A message that cannot be encoded (RangeError) will never be; a channel that is closing brings it back by itself.
      if (error instanceof RangeError || error instanceof TypeError) {
        this.#finish(entry, () => entry.item.reject(error));
      }
    }
  }

  #answered(entry: WindowEntry<Job>, generation: number, error: Error | null): void {
    if (generation !== this.#slot.generation || entry.state !== 'written') return;
    const returned = this.#returned.delete(entry.item.message.options.messageId);
    if (error && error.message !== NACKED) return;
    if (error || returned) {
      (error ? this.#metrics.nacked : this.#metrics.returned).inc(this.#labels);
      this.#tryLater(entry, returned);
      return;
    }
    this.#metrics.confirmed.inc(this.#labels);
    const seconds = (this.#options.clock.monotonicMs() - entry.writtenAtMs) / 1000;
    this.#metrics.confirmSeconds.observe(this.#labels, seconds);
    this.#finish(entry, () => entry.item.resolve());
  }

  #tryLater(entry: WindowEntry<Job>, unroutable: boolean): void {
    const { clock, log, name, link } = this.#options;
    if (entry.refusals === 0) {
      const reason = unroutable ? 'no queue wants it' : 'a queue refused it';
      log.warn({ publisher: name, routingKey: entry.item.message.routingKey, reason }, 'publishing a message again');
    }
    this.#window.refuse(entry);
    clock.after(fullJitterMs(entry.refusals, REFUSED), () => {
      const again = () => {
        this.#window.wake(entry);
        this.#pump();
      };
      // What is missing may have been deleted by hand.
      if (unroutable) void link.setUpAgain().then(again, again);
      else again();
    });
  }

  #finish(entry: WindowEntry<Job>, tell: () => void): void {
    if (!this.#window.settle(entry)) return;
    this.#gate.leave();
    this.#metrics.unconfirmed.set(this.#labels, this.#window.size);
    tell();
    if (this.#window.size === 0) this.#whenEmpty?.();
  }

  #opened(channel: ConfirmChannel): void {
    this.#returned.clear();
    channel.on('drain', () => {
      if (channel !== this.#slot.channel) return;
      this.#writable = true;
      this.#pump();
    });
    channel.on('return', (message: Message) => this.#returned.add(String(message.properties.messageId)));
    this.#writable = true;
    this.#pump();
  }

  #lost(): void {
    this.#writable = false;
    const lost = this.#window.channelLost();
    this.#metrics.lost.inc(this.#labels, lost);
  }

  #checkTimeout(): void {
    const { clock, confirmTimeoutMs, link } = this.#options;
    const oldest = this.#window.oldestWrittenMs();
    if (oldest === undefined || link.blocked || clock.monotonicMs() - oldest < confirmTimeoutMs) return;
    this.#metrics.timeouts.inc(this.#labels);
    this.#window.restartWaiting(clock.monotonicMs());
    void this.#slot.renew('a confirm did not come');
  }

  #showWaiting(): void {
    this.#metrics.waiting.set(this.#labels, this.#gate.waiting);
  }

  async #drained(): Promise<void> {
    if (this.#window.size === 0) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(CLOSE_TIMEOUT_MS, resolve);
      this.#whenEmpty = () => {
        cancel();
        resolve();
      };
    });
  }
}
