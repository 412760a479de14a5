import { generate } from 'mqtt-packet';
import { MOST_SUBSCRIPTIONS, matcher } from './topics.ts';

export type Qos = 0 | 1;

export interface Message {
  topic: string;
  payload: Buffer;
  /** As a QoS 0 packet, made once for all who get it so. */
  packet: Buffer;
}

/** Where a session's packets go while somebody is there. */
export interface Wire {
  /** Whether it is still open. */
  send(packet: Buffer): boolean;
}

interface Subscription {
  qos: Qos;
  matches(topic: string): boolean;
}

const LONGEST_BACKLOG = 100_000;
const LAST_MESSAGE_ID = 65_535;

export const REFUSED = 0x80;

export function messageOf(topic: string, payload: string | Buffer): Message {
  const bytes = Buffer.from(payload);
  const packet = generate({ cmd: 'publish', topic, payload: bytes, qos: 0, dup: false, retain: false });
  return { topic, payload: bytes, packet };
}

/** What the broker keeps of one client: its subscriptions, and the QoS 1 messages that it has not acknowledged. */
export class MqttSession {
  readonly clientId: string;
  readonly companyId: string;
  readonly #maxInflight: number;
  readonly #onAcknowledged: (message: Message) => void;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #inflight = new Map<number, Message>();
  #waiting: Message[] = [];
  #nextId = 1;
  #wire: Wire | undefined;

  constructor(
    clientId: string,
    companyId: string,
    { maxInflight, onAcknowledged }: { maxInflight: number; onAcknowledged: (message: Message) => void },
  ) {
    this.clientId = clientId;
    this.companyId = companyId;
    this.#maxInflight = maxInflight;
    this.#onAcknowledged = onAcknowledged;
  }

  get filters(): string[] {
    return [...this.#subscriptions.keys()];
  }

  /** QoS 1 messages that were sent, and those that wait to be. */
  get unacknowledged(): number {
    return this.#inflight.size + this.#waiting.length;
  }

  /** What was under way is sent again, and what has waited follows. */
  attach(wire: Wire): void {
    this.#wire = wire;
    for (const [messageId, message] of this.#inflight) wire.send(qos1Packet(message, messageId, true));
    this.#sendWaiting();
  }

  detach(): void {
    this.#wire = undefined;
  }

  /** Granted quality of service, or 0x80. */
  subscribe(filter: string, qos: number): number {
    if (!this.#subscriptions.has(filter) && this.#subscriptions.size >= MOST_SUBSCRIPTIONS) return REFUSED;
    const granted: Qos = qos === 0 ? 0 : 1;
    this.#subscriptions.set(filter, { qos: granted, matches: matcher(filter) });
    return granted;
  }

  unsubscribe(filter: string): void {
    this.#subscriptions.delete(filter);
  }

  /** Whether the client gets it, now or when it is back. Once, however many filters match. */
  deliver(message: Message, publishedQos: Qos): boolean {
    const granted = this.#grantedFor(message.topic);
    return granted !== undefined && this.push(message, granted === 0 ? 0 : publishedQos);
  }

  /** Sends without asking what was subscribed to. */
  push(message: Message, qos: Qos): boolean {
    if (qos === 0) return this.#wire?.send(message.packet) ?? false;
    if (this.#waiting.length >= LONGEST_BACKLOG) return false;
    this.#waiting.push(message);
    this.#sendWaiting();
    return true;
  }

  acknowledge(messageId: number): void {
    const message = this.#inflight.get(messageId);
    if (!message) return;
    this.#inflight.delete(messageId);
    this.#onAcknowledged(message);
    this.#sendWaiting();
  }

  #grantedFor(topic: string): Qos | undefined {
    let granted: Qos | undefined;
    for (const { qos, matches } of this.#subscriptions.values()) {
      if (granted !== 1 && matches(topic)) granted = qos;
    }
    return granted;
  }

  #sendWaiting(): void {
    const room = this.#maxInflight - this.#inflight.size;
    if (!this.#wire || room <= 0 || this.#waiting.length === 0) return;
    const next = this.#waiting.slice(0, room);
    this.#waiting = this.#waiting.slice(room);
    for (const message of next) {
      const messageId = this.#takeId();
      this.#inflight.set(messageId, message);
      this.#wire.send(qos1Packet(message, messageId, false));
    }
  }

  #takeId(): number {
    while (this.#inflight.has(this.#nextId)) this.#nextId = (this.#nextId % LAST_MESSAGE_ID) + 1;
    const id = this.#nextId;
    this.#nextId = (id % LAST_MESSAGE_ID) + 1;
    return id;
  }
}

const qos1Packet = ({ topic, payload }: Message, messageId: number, dup: boolean): Buffer =>
  generate({ cmd: 'publish', topic, payload, qos: 1, dup, retain: false, messageId });
