import type { Broker, Consumer, Delivery } from '@tributary/messaging';
import type { Clock, Logger } from '@tributary/runtime';
import { type Claim, claimOf } from '../intake/account-points.ts';
import { readBody } from '../intake/message-body.ts';
import type { Parking } from './parking.ts';

const PREFETCH = 16;

/** What the broker gave up delivering is parked like anything else that does not fit, so that it is seen and can be replayed. */
export class DeadLetters {
  readonly #parking: Parking;
  readonly #broker: Broker;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #readsSafely: (body: Buffer) => Promise<boolean>;
  /** When each of those that are being parked was delivered; monotonic. */
  readonly #held = new Map<Delivery, number>();
  readonly #life = new AbortController();
  #consumer: Consumer | undefined;

  constructor(parts: {
    broker: Broker;
    parking: Parking;
    readsSafely: (body: Buffer) => Promise<boolean>;
    clock: Clock;
    log: Logger;
  }) {
    this.#broker = parts.broker;
    this.#parking = parts.parking;
    this.#readsSafely = parts.readsSafely;
    this.#clock = parts.clock;
    this.#log = parts.log;
  }

  /** For how long the oldest has been held that is not parked yet; 0 without one. Milliseconds. */
  get heldMs(): number {
    const [oldest] = this.#held.values();
    return oldest === undefined ? 0 : this.#clock.monotonicMs() - oldest;
  }

  start(): void {
    const { ingestDead } = this.#broker.names;
    this.#consumer ??= this.#broker.consume(ingestDead, { prefetch: PREFETCH, name: 'dead-letters' }, (delivery) =>
      this.#take(delivery),
    );
  }

  async stop(): Promise<void> {
    this.#life.abort(new Error('stopping'));
    await this.#consumer?.close();
  }

  async #take(delivery: Delivery): Promise<void> {
    this.#held.set(delivery, this.#clock.monotonicMs());
    await this.#park(delivery).finally(() => this.#held.delete(delivery));
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
      const claim = queue === this.#broker.names.ingestTelemetry ? await this.#claimOf(delivery) : undefined;
      const known = {
        eventId: messageId,
        workspace: claim?.workspace,
        connectionId: claim?.connectionId,
        points: claim?.points,
      };
      await this.#parking.park({ queue, routingKey, headers, body, fault, ...known }, this.#life.signal);
      delivery.ack();
    } catch (error) {
      if (!this.#life.signal.aborted)
        this.#log.error({ err: error }, 'could not park a dead letter; it stays in its queue');
    }
  }

  /** Whose points it brings. It may be what ended a process twenty times, so another one reads it first. */
  async #claimOf({ body, routingKey }: Delivery): Promise<Claim | undefined> {
    if (!(await this.#readsSafely(body))) return undefined;
    const read = readBody(body);
    const claim = read.ok ? claimOf(read.json) : undefined;
    return claim && routingKey.startsWith(`${claim.workspace}.`) ? claim : undefined;
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
