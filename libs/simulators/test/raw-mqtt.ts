import { generate, type IConnectPacket, type Packet, type PacketCmd, parser } from 'mqtt-packet';
import { WebSocket } from 'ws';
import type { OchnoSimulator } from '../src/index.ts';

type Received<C extends PacketCmd> = Extract<Packet, { cmd: C }>;

/** An MQTT client that does what it is told, also what no library would do. */
export class RawMqtt {
  readonly #socket: WebSocket;
  readonly #parser = parser({ protocolVersion: 4 });
  readonly #waiting = new Set<() => void>();
  readonly received: Packet[] = [];
  readonly closed: Promise<unknown>;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('message', (data) => this.#parser.parse(data as Buffer));
    this.#parser.on('packet', (packet: Packet) => {
      this.received.push(packet);
      for (const check of [...this.#waiting]) check();
    });
  }

  /** Throws with the status when the handshake is refused. */
  static async open(sim: OchnoSimulator, url: string, subProtocols: string[] = ['mqttv3.1']): Promise<RawMqtt> {
    const socket = new WebSocket(url, subProtocols, { ca: sim.ca });
    const client = new RawMqtt(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return client;
  }

  /** With a session. */
  static async join(sim: OchnoSimulator, url: string, connect: Partial<IConnectPacket> = {}): Promise<RawMqtt> {
    const client = await RawMqtt.open(sim, url);
    client.connect(connect);
    const { returnCode } = await client.next('connack');
    if (returnCode !== 0) throw new Error(`CONNACK ${returnCode}`);
    return client;
  }

  get subProtocol(): string {
    return this.#socket.protocol;
  }

  connect(given: Partial<IConnectPacket> = {}): void {
    this.send({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      clientId: 'raw',
      keepalive: 300,
      ...given,
    });
  }

  send(packet: Packet): void {
    this.sendBytes(generate(packet));
  }

  sendBytes(bytes: Uint8Array | string): void {
    this.#socket.send(bytes);
  }

  /** Codes of the SUBACK. */
  async subscribe(filters: string | string[], qos: 0 | 1 = 0): Promise<unknown[]> {
    const subscriptions = [filters].flat().map((topic) => ({ topic, qos }));
    this.send({ cmd: 'subscribe', messageId: 7, subscriptions });
    return (await this.next('suback')).granted;
  }

  publish(topic: string, payload: unknown, qos: 0 | 1 | 2 = 0): void {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    this.send({ cmd: 'publish', topic, payload: text, qos, dup: false, retain: false, messageId: 9 });
  }

  /** What has been sent is done once this has resolved. */
  async settled(): Promise<void> {
    this.send({ cmd: 'pingreq' });
    await this.next('pingresp');
  }

  /** The next packet of that kind; others stay in `received`. */
  next<C extends PacketCmd>(cmd: C): Promise<Received<C>> {
    return new Promise((resolve) => {
      const check = () => {
        const at = this.received.findIndex((packet) => packet.cmd === cmd);
        if (at < 0) return;
        this.#waiting.delete(check);
        const [found] = this.received.splice(at, 1);
        resolve(found as Received<C>);
      };
      this.#waiting.add(check);
      check();
    });
  }

  end(): void {
    this.#socket.terminate();
  }
}
