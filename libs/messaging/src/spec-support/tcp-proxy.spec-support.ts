import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP proxy under a test's control: cut what flows, refuse what comes, or swallow what one side says. */
export class TcpProxy {
  readonly #server: Server;
  readonly #pairs = new Set<{ client: Socket; upstream: Socket }>();
  readonly #target: number;
  #refusing = false;
  #swallowing = false;
  #accepted = 0;
  /** Called with each chunk that the broker says; answer false to cut the connection instead of handing it on. */
  onReply: ((chunk: Buffer) => boolean) | undefined;

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((client) => this.#accept(client));
  }

  static async start(target: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.#pairs.size;
  }

  /** Connections accepted since the start. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Resets every connection. */
  cut(): void {
    for (const { client, upstream } of [...this.#pairs]) {
      client.resetAndDestroy();
      upstream.resetAndDestroy();
    }
  }

  /** While true, new connections are reset at once. */
  refuse(refusing: boolean): void {
    this.#refusing = refusing;
  }

  /** While true, what the broker says is lost; nothing is closed. */
  swallowReplies(swallowing: boolean): void {
    this.#swallowing = swallowing;
  }

  /** Says something to every client as if the broker had; only while the broker is silent. */
  inject(bytes: Buffer): void {
    for (const { client } of this.#pairs) client.write(bytes);
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #accept(client: Socket): void {
    client.on('error', () => client.destroy());
    if (this.#refusing) {
      client.resetAndDestroy();
      return;
    }
    this.#accepted += 1;
    const upstream = connect(this.#target, '127.0.0.1');
    const pair = { client, upstream };
    this.#pairs.add(pair);
    const end = () => {
      this.#pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    client.on('data', (chunk) => upstream.write(chunk));
    upstream.on('data', (chunk) => {
      if (this.#swallowing) return;
      if (this.onReply?.(chunk) === false) return void this.cut();
      client.write(chunk);
    });
    upstream.on('error', end);
    client.on('close', end);
    upstream.on('close', end);
  }
}
