import {
  generate,
  type IConnectPacket,
  type IPublishPacket,
  type ISubscribePacket,
  type IUnsubscribePacket,
  type Packet,
  parser,
} from 'mqtt-packet';
import { type RawData, WebSocket } from 'ws';
import type { ScenarioClock } from '../kit/scenario-clock.ts';
import type { IotCredential } from './iot-credentials.ts';
import type { MqttSession, Wire } from './mqtt-session.ts';

const DEFAULT_KEEP_ALIVE_S = 1_200;
const SHORTEST_KEEP_ALIVE_S = 30;
const CONNECT_WITHIN_MS = 30_000;
const MOST_UNSENT_BYTES = 64 * 1024 * 1024;

/** Who does what a packet asks for. A returned text ends the connection, and says why. */
export interface PacketHandler {
  connect(connection: MqttConnection, packet: IConnectPacket): Promise<string | undefined>;
  publish(connection: MqttConnection, packet: IPublishPacket): Promise<string | undefined>;
  subscribe(connection: MqttConnection, packet: ISubscribePacket): Promise<string | undefined>;
  unsubscribe(connection: MqttConnection, packet: IUnsubscribePacket): void;
  closed(connection: MqttConnection, reason: string): void;
}

/** One WebSocket that speaks MQTT 3.1.1. Packets are done one after another. */
export class MqttConnection implements Wire {
  readonly credential: IotCredential;
  readonly openedMs: number;
  session: MqttSession | undefined;
  readonly #socket: WebSocket;
  readonly #clock: ScenarioClock;
  readonly #handler: PacketHandler;
  readonly #parser = parser({ protocolVersion: 4 });
  #work: Promise<void> = Promise.resolve();
  #keepAliveMs = CONNECT_WITHIN_MS;
  #heardMs: number;
  #reason: string | undefined;

  constructor(socket: WebSocket, credential: IotCredential, clock: ScenarioClock, handler: PacketHandler) {
    this.credential = credential;
    this.#socket = socket;
    this.#clock = clock;
    this.#handler = handler;
    this.openedMs = clock.monotonicMs();
    this.#heardMs = this.openedMs;
    this.#parser.on('packet', (packet: Packet) => this.#queue(packet));
    this.#parser.on('error', () => this.close('not MQTT'));
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    socket.on('error', () => this.close('broken'));
    socket.on('close', () => this.#ended());
  }

  get isOpen(): boolean {
    return this.#reason === undefined;
  }

  send(packet: Buffer): boolean {
    if (this.#socket.bufferedAmount > MOST_UNSENT_BYTES) this.close('does not read');
    if (this.#socket.readyState !== WebSocket.OPEN || !this.isOpen) return false;
    this.#socket.send(packet);
    return true;
  }

  answer(packet: Packet): void {
    this.send(generate(packet));
  }

  /** Ends it without a word: MQTT 3.1.1 has none for a server. */
  close(reason: string): void {
    this.#reason ??= reason;
    this.#socket.terminate();
  }

  setKeepAlive(seconds: number): void {
    const asked = seconds === 0 || seconds > DEFAULT_KEEP_ALIVE_S ? DEFAULT_KEEP_ALIVE_S : seconds;
    this.#keepAliveMs = Math.max(asked, SHORTEST_KEEP_ALIVE_S) * 1_500;
  }

  /** Nothing was heard for one and a half times the keep-alive. */
  get isSilent(): boolean {
    return this.#clock.monotonicMs() - this.#heardMs > this.#keepAliveMs;
  }

  #receive(data: RawData, isBinary: boolean): void {
    this.#heardMs = this.#clock.monotonicMs();
    if (!isBinary) this.close('a text frame');
    else this.#parser.parse(Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as ArrayBuffer));
  }

  #queue(packet: Packet): void {
    // Acknowledgements come by the thousand and wait for nobody.
    if (packet.cmd === 'puback' && packet.messageId !== undefined) {
      this.session?.acknowledge(packet.messageId);
      return;
    }
    this.#work = this.#work
      .then(() => this.#take(packet))
      .catch((error: unknown) => this.close(`broke at ${packet.cmd}: ${String(error)}`));
  }

  async #take(packet: Packet): Promise<void> {
    const problem = this.isOpen ? await this.#handle(packet) : undefined;
    if (problem !== undefined) this.close(problem);
  }

  async #handle(packet: Packet): Promise<string | undefined> {
    if (packet.cmd === 'connect') return this.session ? 'a second CONNECT' : this.#handler.connect(this, packet);
    if (!this.session) return 'no CONNECT first';
    switch (packet.cmd) {
      case 'publish':
        return this.#handler.publish(this, packet);
      case 'subscribe':
        return this.#handler.subscribe(this, packet);
      case 'unsubscribe':
        this.#handler.unsubscribe(this, packet);
        return undefined;
      case 'pingreq':
        this.answer({ cmd: 'pingresp' });
        return undefined;
      case 'disconnect':
        return 'disconnected';
      default:
        return `an unexpected ${packet.cmd}`;
    }
  }

  #ended(): void {
    this.#reason ??= 'gone';
    this.#handler.closed(this, this.#reason);
  }
}
