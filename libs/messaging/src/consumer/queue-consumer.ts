import type { Clock, Gauge, Logger, Metrics } from '@tributary/runtime';
import type { Channel, ConsumeMessage } from 'amqplib';
import { answeredWithin } from '../answered-within.ts';
import { ChannelSlot, openChannel } from '../channel-slot.ts';
import type { Link } from '../link.ts';
import { ChannelDelivery, type Delivery, type DeliveryScope } from './delivery.ts';
import { DeliveryTags } from './delivery-tags.ts';

export interface ConsumeOptions {
  /** Deliveries that may be held unacknowledged at once. */
  prefetch: number;
  /** For logs and metrics. */
  name: string;
}

export type DeliveryHandler = (delivery: Delivery) => void | Promise<void>;

/** Consumes one queue for ever, through lost connections and a deleted queue, until it is closed. */
export interface Consumer {
  /** Asks for no more messages; those held stay held and can be acknowledged. Holds until `resume`, also across reconnects. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Stops for good; what is held and not acknowledged goes back to the queue. */
  close(): Promise<void>;
  /** Generation of the channel: grows when messages held before will be delivered again. */
  readonly generation: number;
  readonly paused: boolean;
  /** Called with the new generation whenever the channel changed. */
  onGeneration(fn: (generation: number) => void): void;
}

export interface QueueConsumerOptions extends ConsumeOptions {
  link: Link;
  queue: string;
  handler: DeliveryHandler;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
}

const CANCEL_TIMEOUT_MS = 5_000;

interface Subscription {
  scope: DeliveryScope;
  /** Set while the broker delivers. */
  consumerTag?: string;
}

export class QueueConsumer implements Consumer {
  readonly #options: QueueConsumerOptions;
  readonly #slot: ChannelSlot<Channel>;
  readonly #held: Gauge<'consumer'>;
  readonly #listeners = new Set<(generation: number) => void>();
  #subscription: Subscription | undefined;
  #paused = false;
  #closed = false;
  /** Pauses, resumes and new channels one after another, each acting on the latest wish. */
  #turn: Promise<void> = Promise.resolve();

  constructor(options: QueueConsumerOptions) {
    this.#options = options;
    const labels = ['consumer'] as const;
    this.#held = options.metrics.gauge('consume_held_messages', {
      help: 'Deliveries not yet acknowledged.',
      labels,
    });
    options.metrics
      .gauge('consume_prefetch_messages', { help: 'Deliveries that may be held at once.', labels })
      .set({ consumer: options.name }, options.prefetch);
    this.#held.set({ consumer: options.name }, 0);
    this.#slot = new ChannelSlot({
      link: options.link,
      name: options.name,
      clock: options.clock,
      log: options.log,
      open: openChannel,
      onOpen: (channel, generation) => this.#opened(channel, generation),
      onLost: () => this.#lost(),
    });
  }

  get generation(): number {
    return this.#slot.generation;
  }

  get paused(): boolean {
    return this.#paused;
  }

  onGeneration(fn: (generation: number) => void): void {
    this.#listeners.add(fn);
  }

  async pause(): Promise<void> {
    this.#paused = true;
    await this.#settleWish();
  }

  async resume(): Promise<void> {
    this.#paused = false;
    await this.#settleWish();
  }

  async close(): Promise<void> {
    this.#closed = true;
    // Closing the channel ends the consumer too, and does not wait behind a cancel that nobody answers.
    await this.#slot.close();
  }

  async #opened(channel: Channel, generation: number): Promise<void> {
    const scope: DeliveryScope = {
      channel,
      generation,
      tags: new DeliveryTags(),
      alive: true,
      onSettled: () => this.#showHeld(scope),
    };
    this.#subscription = { scope };
    for (const fn of this.#listeners) fn(generation);
    await channel.prefetch(this.#options.prefetch);
    await this.#settleWish();
  }

  #lost(): void {
    if (!this.#subscription) return;
    this.#subscription.scope.alive = false;
    this.#subscription = undefined;
    this.#held.set({ consumer: this.#options.name }, 0);
  }

  /** Makes the channel do what is wished: deliver, or not. Failures end in a new channel, which comes here again. */
  #settleWish(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#follow());
    return this.#turn;
  }

  async #follow(): Promise<void> {
    const subscription = this.#subscription;
    if (!subscription) return;
    const wanted = !this.#paused && !this.#closed;
    try {
      if (wanted && subscription.consumerTag === undefined) await this.#subscribe(subscription);
      else if (!wanted && subscription.consumerTag !== undefined) await this.#unsubscribe(subscription);
    } catch (error) {
      const { log, name, queue } = this.#options;
      if (subscription.scope.alive) log.warn({ consumer: name, queue, err: error }, 'could not consume; trying again');
      void this.#renew(subscription, 'could not consume');
    }
  }

  async #subscribe(subscription: Subscription): Promise<void> {
    const { scope } = subscription;
    const reply = await scope.channel.consume(this.#options.queue, (message) => this.#received(subscription, message));
    subscription.consumerTag = reply.consumerTag;
  }

  async #unsubscribe(subscription: Subscription): Promise<void> {
    const tag = subscription.consumerTag;
    delete subscription.consumerTag;
    if (tag === undefined) return;
    const cancelled = subscription.scope.channel.cancel(tag);
    // A broker that is silent is given up for another connection; a refusal is told by `cancelled`.
    if (!(await answeredWithin(cancelled, CANCEL_TIMEOUT_MS, this.#options.clock))) {
      throw new Error('the broker does not answer');
    }
    await cancelled;
  }

  #received(subscription: Subscription, message: ConsumeMessage | null): void {
    if (message === null) {
      const { log, name, queue } = this.#options;
      log.warn({ consumer: name, queue }, 'the broker has cancelled the consumer: its queue was deleted or has moved');
      delete subscription.consumerTag;
      void this.#renew(subscription, 'cancelled by the broker');
      return;
    }
    if (this.#closed) return;
    const delivery = new ChannelDelivery(message, subscription.scope);
    this.#showHeld(subscription.scope);
    void this.#handle(delivery);
  }

  /** A handler that fails gives the message back; after the delivery limit it is a dead letter. */
  async #handle(delivery: Delivery): Promise<void> {
    try {
      await this.#options.handler(delivery);
    } catch (error) {
      const { log, name } = this.#options;
      log.error({ consumer: name, err: error, deliveryCount: delivery.deliveryCount }, 'a handler failed');
      delivery.reject(true);
    }
  }

  async #renew(subscription: Subscription, reason: string): Promise<void> {
    if (subscription === this.#subscription && !this.#closed) await this.#slot.renew(reason);
  }

  #showHeld(scope: DeliveryScope): void {
    if (scope.alive) this.#held.set({ consumer: this.#options.name }, scope.tags.size);
  }
}
