import type { Broker, Consumer, Delivery } from '@tributary/messaging';
import type { Logger } from '@tributary/runtime';
import { z } from 'zod';
import type { StorageGate } from '../batches/storage-gate.ts';
import type { Held, MessageHandling } from '../intake/message-handling.ts';
import type { Fault } from './reasons.ts';

/** A parked message, as far as a replay needs it. */
export interface ReplayableMessage {
  id: string;
  queue: string;
  payload: Buffer;
  /** Only a parked message is replayed: not a discarded one, and one that was replayed is done. */
  parked: boolean;
}

export interface ReplayStore {
  get(id: string): Promise<ReplayableMessage | undefined>;
  markReplayed(id: string): Promise<void>;
  /** It does not fit now either: why, for whoever looks at it. */
  failedAgain(id: string, fault: Fault): Promise<void>;
}

/** How the messages of a queue are read and stored, whatever their type. */
export type Replay = (payload: Buffer, signal: AbortSignal) => Promise<Fault | undefined>;

const request = z.object({ parkedId: z.string().min(1).max(64) });
const PREFETCH = 4;

/** Puts a message through the reading and storing of a handling; answers why it does not fit, or nothing. */
export const replayThrough =
  <T>(handling: MessageHandling<T>): Replay =>
  async (payload, signal) => {
    const decoded = handling.decode(payload);
    handling.received(decoded);
    if (decoded.fault) handling.parked(decoded, decoded.badSize);
    if (decoded.item === undefined) return decoded.fault;
    const held: Held<T> = { item: decoded.item, decoded };
    const refusals = await handling.storeAlone(held, signal);
    for (const { size } of refusals) handling.parked(decoded, size);
    return decoded.fault ?? refusals[0]?.fault;
  };

/** Carries out requests to put parked messages through the intake again. Carrying one out twice is harmless. */
export class Replays {
  readonly #broker: Broker;
  readonly #store: ReplayStore;
  readonly #gate: StorageGate;
  readonly #byQueue: ReadonlyMap<string, Replay>;
  readonly #log: Logger;
  readonly #life = new AbortController();
  #consumer: Consumer | undefined;

  constructor(parts: {
    broker: Broker;
    store: ReplayStore;
    gate: StorageGate;
    byQueue: ReadonlyMap<string, Replay>;
    log: Logger;
  }) {
    this.#broker = parts.broker;
    this.#store = parts.store;
    this.#gate = parts.gate;
    this.#byQueue = parts.byQueue;
    this.#log = parts.log;
  }

  start(): void {
    const { ingestReplays } = this.#broker.names;
    this.#consumer ??= this.#broker.consume(ingestReplays, { prefetch: PREFETCH, name: 'replays' }, (delivery) =>
      this.#handle(delivery),
    );
  }

  async stop(): Promise<void> {
    this.#life.abort(new Error('stopping'));
    await this.#consumer?.close();
  }

  async #handle(delivery: Delivery): Promise<void> {
    const parkedId = readRequest(delivery.body);
    try {
      if (parkedId === undefined) this.#log.warn('a request to replay names no parked message; ignored');
      else await this.#replay(parkedId);
      delivery.ack();
    } catch (error) {
      if (this.#life.signal.aborted) return;
      throw error;
    }
  }

  async #replay(id: string): Promise<void> {
    const { signal } = this.#life;
    const message = await this.#gate.run(() => this.#store.get(id), signal);
    if (!message?.parked) return this.#log.info({ parkedId: id }, 'there is nothing to replay');
    const replay = this.#byQueue.get(message.queue);
    const fault: Fault | undefined = replay
      ? await replay(message.payload, signal)
      : { reason: 'unknown-replay', problems: [{ path: '', problem: 'nothing here reads messages of that queue' }] };
    if (fault) await this.#gate.run(() => this.#store.failedAgain(id, fault), signal);
    else await this.#gate.run(() => this.#store.markReplayed(id), signal);
    this.#log.info(
      { parkedId: id, reason: fault?.reason },
      fault ? 'a replayed message does not fit again' : 'a parked message was replayed',
    );
  }
}

function readRequest(body: Buffer): string | undefined {
  try {
    return request.parse(JSON.parse(body.toString('utf8'))).parkedId;
  } catch {
    // Whatever it is, it is no request; there is nothing in it to lose.
    return undefined;
  }
}
