import type { Channel, ConsumeMessage } from 'amqplib';
import type { DeliveryTags } from './delivery-tags.ts';

/** One message as delivered. Settling is a no-op when it was settled before or when its channel is gone. */
export interface Delivery {
  readonly body: Buffer;
  readonly routingKey: string;
  readonly headers: Record<string, unknown>;
  readonly messageId: string | undefined;
  readonly contentType: string | undefined;
  /** The broker has delivered it before, to whomever. */
  readonly redelivered: boolean;
  /** How often it came back before; the broker's limit is 20. */
  readonly deliveryCount: number;
  /** Increasing per channel. */
  readonly tag: number;
  /** Generation of the channel. */
  readonly generation: number;
  ack(): void;
  /** Acknowledges this one and every earlier one of the same channel that is still held. */
  ackUpTo(): void;
  /** Back to the queue, or to the dead letters. */
  reject(requeue: boolean): void;
}

/** Where deliveries of one channel generation are settled; `alive` turns false when the channel is gone. */
export interface DeliveryScope {
  channel: Channel;
  generation: number;
  tags: DeliveryTags;
  alive: boolean;
  onSettled(): void;
}

export class ChannelDelivery implements Delivery {
  readonly #message: ConsumeMessage;
  readonly #scope: DeliveryScope;

  constructor(message: ConsumeMessage, scope: DeliveryScope) {
    this.#message = message;
    this.#scope = scope;
    scope.tags.hold(message.fields.deliveryTag);
  }

  get body(): Buffer {
    return this.#message.content;
  }

  get routingKey(): string {
    return this.#message.fields.routingKey;
  }

  get headers(): Record<string, unknown> {
    return this.#message.properties.headers ?? {};
  }

  get messageId(): string | undefined {
    return this.#message.properties.messageId;
  }

  get contentType(): string | undefined {
    return this.#message.properties.contentType;
  }

  get redelivered(): boolean {
    return this.#message.fields.redelivered;
  }

  get deliveryCount(): number {
    const count = this.headers['x-delivery-count'];
    return typeof count === 'number' ? count : 0;
  }

  get tag(): number {
    return this.#message.fields.deliveryTag;
  }

  get generation(): number {
    return this.#scope.generation;
  }

  ack(): void {
    const { channel, tags } = this.#scope;
    if (this.#scope.alive && tags.settle(this.tag)) this.#settle(() => channel.ack(this.#message));
  }

  ackUpTo(): void {
    const { channel, tags } = this.#scope;
    if (!this.#scope.alive) return;
    const greatest = tags.settleUpTo(this.tag);
    if (greatest === undefined) return;
    const fields = { ...this.#message.fields, deliveryTag: greatest };
    this.#settle(() => channel.ack({ ...this.#message, fields }, true));
  }

  reject(requeue: boolean): void {
    const { channel, tags } = this.#scope;
    if (this.#scope.alive && tags.settle(this.tag)) this.#settle(() => channel.reject(this.#message, requeue));
  }

  /** A channel on its way down refuses; the broker then delivers again, which is what a lost acknowledgement means. */
  #settle(write: () => void): void {
    try {
      write();
    } catch {
      this.#scope.alive = false;
    }
    this.#scope.onSettled();
  }
}
