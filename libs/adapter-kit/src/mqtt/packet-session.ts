import type { Duplex } from 'node:stream';
import {
  InvalidRequestError,
  PermissionDeniedError,
  type PlatformError,
  TimeoutError,
  UnavailableError,
} from '@tributary/contracts';
import type { Clock } from '@tributary/runtime';
import { type IPublishPacket, type Packet, parser as packetParser, writeToStream } from 'mqtt-packet';
import type { MqttMessage, MqttOptions, MqttSession } from '../connection-kit.ts';
import { ANSWER_LOST, NOT_SENT } from '../http/network-failure.ts';
import { AckWindow } from './ack-window.ts';
import { MessageInbox } from './message-inbox.ts';
import { connackFailure } from './mqtt-failure.ts';
import { OutgoingPackets } from './outgoing-packets.ts';

const PROTOCOL = { protocolId: 'MQTT', protocolVersion: 4 } as const;
const DEFAULT_KEEPALIVE_SECONDS = 30;
/** A packet larger than this is not waited for. */
const MAX_PACKET_BYTES = 4 * 1024 * 1024;
const MAX_TOPIC_BYTES = 65_535;
const CLOSE_GRACE_MS = 1_000;
const SUBSCRIPTION_REFUSED = 0x80;

/**
 * An MQTT 3.1.1 client for one connection of one session: it does not reconnect, whoever opened it does. Messages are
 * handed out as they come and acknowledged in their order, so that as many are under way as the broker allows; a
 * client that acknowledges from within its message handler brings one per round trip.
 */
export class PacketSession implements MqttSession {
  readonly #stream: Duplex;
  readonly #clock: Clock;
  readonly #parser = packetParser(PROTOCOL);
  readonly #outgoing = new OutgoingPackets();
  readonly #acks = new AckWindow((messageId) => this.#write({ cmd: 'puback', messageId }));
  readonly #inbox: MessageInbox<MqttMessage>;
  readonly #connected: Promise<void>;
  #settleConnected: (failure?: Error) => void = () => {};
  #ended = false;
  #heard = true;
  #stopKeepalive = () => {};

  constructor(stream: Duplex, clock: Clock) {
    this.#stream = stream;
    this.#clock = clock;
    this.#inbox = new MessageInbox({ pause: () => stream.pause(), resume: () => stream.resume() });
    this.#connected = new Promise((resolve, reject) => {
      this.#settleConnected = (failure) => (failure ? reject(failure) : resolve());
    });
    this.#parser.on('packet', (packet) => this.#received(packet));
    this.#parser.on('error', () => this.#lose('the broker sent what is not MQTT'));
    stream.on('data', (chunk: Buffer) => this.#parse(chunk));
    stream.on('error', () => this.#lose('the connection to the broker failed'));
    stream.on('end', () => this.#lose('the broker closed the connection'));
    stream.on('close', () => this.#lose('the connection to the broker was closed'));
  }

  /** Introduces itself. Rejects with what the broker answered, or `UnavailableError` when the connection ends. */
  async connect(options: MqttOptions): Promise<void> {
    const keepalive = options.keepaliveSeconds ?? DEFAULT_KEEPALIVE_SECONDS;
    this.#write({
      cmd: 'connect',
      ...PROTOCOL,
      clientId: options.clientId,
      clean: options.clean ?? true,
      keepalive,
      ...(options.username === undefined ? {} : { username: options.username }),
      ...(options.password === undefined ? {} : { password: Buffer.from(options.password) }),
    });
    await this.#connected;
    if (keepalive > 0) this.#stopKeepalive = this.#clock.every((keepalive * 1_000) / 2, () => this.#keepAlive());
  }

  async publish(
    topic: string,
    payload: string | Uint8Array,
    options: { qos: 0 | 1; signal: AbortSignal },
  ): Promise<void> {
    assertTopicName(topic);
    const packet = { cmd: 'publish', topic, payload: Buffer.from(payload), dup: false, retain: false } as const;
    options.signal.throwIfAborted();
    if (this.#ended) throw new UnavailableError('mqtt: the session is closed', { platformCode: NOT_SENT });
    if (options.qos === 0) return this.#drained(this.#write({ ...packet, qos: 0 }), options.signal);
    await this.#outgoing.send((messageId) => this.#write({ ...packet, qos: 1, messageId }), options.signal);
  }

  async subscribe(filter: string, qos: 0 | 1, signal: AbortSignal): Promise<void> {
    if (filter === '' || filter.includes('\0') || Buffer.byteLength(filter) > MAX_TOPIC_BYTES) {
      throw new InvalidRequestError('mqtt: not a topic filter');
    }
    const subscriptions = [{ topic: filter, qos }];
    const answered = this.#inbox.keepOpen();
    try {
      await this.#outgoing.send((messageId) => this.#write({ cmd: 'subscribe', messageId, subscriptions }), signal);
    } finally {
      answered();
    }
  }

  messages(signal: AbortSignal): AsyncIterable<MqttMessage> {
    return this.#inbox.read(signal);
  }

  /** Says goodbye and ends the iteration of messages. What is not acknowledged by then the broker sends again. */
  async close(): Promise<void> {
    if (this.#ended) return;
    this.#write({ cmd: 'disconnect' });
    this.#end();
    const gone = new Promise<void>((resolve) => this.#stream.once('close', resolve));
    this.#stream.end();
    const cancel = this.#clock.after(CLOSE_GRACE_MS, () => this.#stream.destroy());
    this.#stream.resume();
    await gone;
    cancel();
  }

  #parse(chunk: Buffer): void {
    if (this.#ended) return;
    this.#heard = true;
    try {
      // It answers how many bytes of an unfinished packet it holds.
      if (this.#parser.parse(chunk) > MAX_PACKET_BYTES) this.#lose('the broker sent a packet that is too large');
    } catch {
      this.#lose('the broker sent what is not MQTT');
    }
  }

  #received(packet: Packet): void {
    // The rest is PINGRESP: having heard it is all.
    if (packet.cmd === 'connack') this.#settleConnected(connackFailure(packet.returnCode ?? 0));
    else if (packet.cmd === 'publish') this.#message(packet);
    else if (packet.cmd === 'puback') this.#outgoing.acknowledged(packet.messageId ?? 0);
    else if (packet.cmd === 'suback') this.#subscribed(packet.messageId ?? 0, packet.granted);
  }

  #subscribed(messageId: number, granted: unknown[]): void {
    const refused = granted.includes(SUBSCRIPTION_REFUSED);
    const refusal = refused ? new PermissionDeniedError('mqtt: the broker refuses the subscription') : undefined;
    this.#outgoing.acknowledged(messageId, refusal);
  }

  #message(packet: IPublishPacket): void {
    // One message is handed out once and has one time of receipt, however often the broker sends it.
    if (packet.dup && this.#acks.holds(packet.messageId ?? 0)) return;
    const ack = packet.qos === 1 && packet.messageId ? this.#acks.received(packet.messageId) : () => {};
    this.#inbox.push({
      topic: packet.topic,
      payload: Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload),
      qos: packet.qos,
      dup: packet.dup,
      retained: packet.retain,
      receivedAtMs: this.#clock.now(),
      ack,
    });
  }

  /** Twice within the interval: once to ask, once to see whether anything came. */
  #keepAlive(): void {
    // While the consumer is behind nothing is read, so silence says nothing.
    if (!this.#heard && !this.#inbox.paused) {
      this.#lose('the broker has fallen silent');
      return;
    }
    this.#heard = false;
    this.#write({ cmd: 'pingreq' });
  }

  #write(packet: Packet): boolean {
    return this.#ended || writeToStream(packet, this.#stream, PROTOCOL);
  }

  #drained(accepted: boolean, signal: AbortSignal): Promise<void> {
    if (accepted) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const settle = () => {
        signal.removeEventListener('abort', settle);
        this.#stream.off('drain', settle).off('close', settle);
        if (signal.aborted) reject(signal.reason);
        else resolve();
      };
      signal.addEventListener('abort', settle, { once: true });
      this.#stream.once('drain', settle).once('close', settle);
    });
  }

  #lose(why: string): void {
    if (this.#ended) return;
    this.#end(new UnavailableError(`mqtt: ${why}`));
    this.#stream.destroy();
  }

  #end(failure?: PlatformError): void {
    this.#ended = true;
    this.#stopKeepalive();
    this.#settleConnected(failure ?? new UnavailableError('mqtt: the session is closed'));
    this.#connected.catch(() => undefined);
    // Whether a publish under way took effect nobody knows.
    const why = failure?.message ?? 'mqtt: the session was closed';
    this.#outgoing.lost(new TimeoutError(`${why} before the broker acknowledged`, { platformCode: ANSWER_LOST }));
    this.#inbox.end(failure);
  }
}

function assertTopicName(topic: string): void {
  const bytes = Buffer.byteLength(topic);
  if (bytes === 0 || bytes > MAX_TOPIC_BYTES || /[+#\0]/.test(topic)) {
    throw new InvalidRequestError('mqtt: not the name of a topic');
  }
}
