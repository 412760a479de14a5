import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP proxy that keeps everything that passes, either way. */
export class WireTap {
  readonly #server: Server;
  readonly #target: { host: string; port: number };
  readonly #sockets = new Set<Socket>();
  /** One for each way of each connection. */
  readonly #kept: Buffer[][] = [];

  private constructor(url: URL) {
    this.#target = { host: url.hostname, port: Number(url.port) };
    this.#server = createServer((client) => this.#accept(client));
  }

  /** `url` must name its port. */
  static async before(url: string): Promise<WireTap> {
    const tap = new WireTap(new URL(url));
    tap.#server.listen(0, '127.0.0.1');
    await once(tap.#server, 'listening');
    return tap;
  }

  /** The same address, by way of here. */
  through(url: string): string {
    const changed = new URL(url);
    changed.hostname = '127.0.0.1';
    changed.port = String((this.#server.address() as AddressInfo).port);
    return changed.href;
  }

  /** Everything so far, a byte a character. */
  text(): string {
    return this.#kept.map((chunks) => Buffer.concat(chunks).toString('latin1')).join('\n');
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    const server = connect(this.#target);
    const gone = () => {
      client.destroy();
      server.destroy();
    };
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      const chunks: Buffer[] = [];
      this.#kept.push(chunks);
      this.#sockets.add(from);
      from.on('data', (chunk: Buffer) => chunks.push(chunk));
      from.on('error', gone).on('close', gone).setNoDelay().pipe(to);
    }
  }
}
