import type { Broker, Consumer, Delivery } from '@tributary/messaging';
import type { Logger } from '@tributary/runtime';
import type { Parking } from './parking.ts';

const PREFETCH = 16;

/** What the broker gave up delivering is parked like anything else that does not fit, so that it is seen and can be replayed. */
export class DeadLetters {
  readonly #parking: Parking;
  readonly #broker: Broker;
  readonly #log: Logger;
  readonly #life = new AbortController();
  #consumer: Consumer | undefined;

  constructor(parts: { broker: Broker; parking: Parking; log: Logger }) {
    this.#broker = parts.broker;
    this.#parking = parts.parking;
    this.#log = parts.log;
  }

  start(): void {
    const { ingestDead } = this.#broker.names;
    this.#consumer ??= this.#broker.consume(ingestDead, { prefetch: PREFETCH, name: 'dead-letters' }, (delivery) =>
      this.#park(delivery),
    );
  }

  async stop(): Promise<void> {
    this.#life.abort(new Error('stopping'));
    await this.#consumer?.close();
  }

  async #park(delivery: Delivery): Promise<void> {
    const { headers, body, routingKey, messageId } = delivery;
    const queue = textOf(headers['x-first-death-queue']) ?? this.#broker.names.ingestDead;
    const why = textOf(headers['x-first-death-reason']) ?? 'unknown';
    // An order that nobody took before its deadline: its command says so, and there is nothing to put right.
    if (why === 'expired') return delivery.ack();
    const problems = [{ path: '', problem: `given up by the broker: ${why}` }];
    this.#parking.received();
    try {
      const fault = { reason: 'delivery-limit' as const, problems };
      await this.#parking.park({ queue, routingKey, headers, body, fault, eventId: messageId }, this.#life.signal);
      delivery.ack();
    } catch (error) {
      if (!this.#life.signal.aborted)
        this.#log.error({ err: error }, 'could not park a dead letter; it stays in its queue');
    }
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
