import { randomUUID } from 'node:crypto';
import { ClientRMQ, type ReadPacket, type WritePacket } from '@nestjs/microservices';
import { TimeoutError, UnavailableError } from '@tributary/contracts';
import type { Logger } from '@tributary/runtime';
import type { ConfirmChannel, ConsumeMessage, Message, Options } from 'amqplib';
import { QuietNestLogger } from './nest-logger.ts';
import { costIn, headersOf } from './request-wire.ts';

/** Where and how one question goes out; travels as the packet's data as far as `publish`. */
export interface OutgoingRequest {
  queue: string;
  payload: unknown;
  options: Options.Publish;
  onVendorCalls?: ((calls: number) => void) | undefined;
}

type Answer = (packet: WritePacket) => void;

/** The broker's pseudo-queue: answers come straight to the channel that asked. */
const REPLY_TO = 'amq.rabbitmq.reply-to';

/**
 * Nest's RMQ client on a channel that is kept for it. Nest keeps the packets, the routing of answers and the
 * deserialising; the connection is not its own, because its own neither replaces a channel that died alone nor refrains
 * from sending a request again that may already have been carried out. (Nest's constructor loads
 * `amqp-connection-manager` all the same: it must be installed, and is not used.)
 */
export class RmqRequestClient extends ClientRMQ {
  protected override readonly logger: QuietNestLogger;
  #channel: ConfirmChannel | undefined;
  readonly #sent = new Map<string, OutgoingRequest>();

  constructor(log: Logger) {
    super({ queue: '', noAssert: true });
    this.logger = new QuietNestLogger(log, RmqRequestClient.name);
  }

  /** Questions without an answer. */
  get open(): number {
    return this.#sent.size;
  }

  /** The channel is given, not made here. */
  override async connect(): Promise<void> {}

  override async close(): Promise<void> {
    this.lost('the request client was closed');
  }

  /** From now on questions go through this channel. */
  async use(channel: ConfirmChannel): Promise<void> {
    await channel.consume(REPLY_TO, (message) => this.#replied(message), { noAck: true });
    channel.on('return', (message: Message) => {
      this.#fail(String(message.properties.correlationId), new UnavailableError('no adapter serves this platform'));
    });
    this.#channel = channel;
  }

  /** Answers to what was asked cannot come any more. Whether it was carried out is not known, hence a timeout. */
  lost(reason: string): void {
    this.#channel = undefined;
    for (const id of [...this.#sent.keys()]) this.#fail(id, new TimeoutError(`the answer was lost: ${reason}`));
  }

  protected override publish(packet: ReadPacket<OutgoingRequest>, callback: Answer): () => void {
    const channel = this.#channel;
    if (!channel) {
      callback({ err: new UnavailableError('the broker is not reachable') });
      return () => {};
    }
    const id = randomUUID();
    const { queue, payload, options } = packet.data;
    const forget = () => {
      this.routingMap.delete(id);
      this.#sent.delete(id);
    };
    this.routingMap.set(id, callback);
    this.#sent.set(id, packet.data);
    try {
      const content = Buffer.from(JSON.stringify({ pattern: packet.pattern, data: payload, id }));
      const properties = { ...options, correlationId: id, replyTo: REPLY_TO, mandatory: true, persistent: false };
      channel.publish('', queue, content, properties, (error) => {
        // A lost channel tells by `lost`; here it is the queue that is full.
        if (error && channel === this.#channel) this.#fail(id, new UnavailableError('too many requests wait there'));
      });
    } catch (error) {
      forget();
      callback({ err: new UnavailableError('the request could not be sent', { cause: error }) });
    }
    return forget;
  }

  #replied(message: ConsumeMessage | null): void {
    const id = String(message?.properties.correlationId);
    const callback = message && this.routingMap.get(id);
    if (!message || !callback) return;
    const { vendorCalls } = costIn(headersOf(message.properties));
    if (vendorCalls !== undefined) this.#sent.get(id)?.onVendorCalls?.(vendorCalls);
    void this.handleMessage(this.parseMessageContent(message.content), callback as Answer);
  }

  #fail(id: string, error: Error): void {
    const callback = this.routingMap.get(id);
    this.routingMap.delete(id);
    this.#sent.delete(id);
    callback?.({ err: error });
  }
}
