import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions, type Server as TlsServer } from 'node:tls';

export type OutageMode = 'refuse' | 'close' | 'hang';

export interface GateOptions {
  host: string;
  /** 0 lets the system choose; the choice is kept over outages. */
  port: number;
  accept: (socket: Socket) => void;
  /** Callers are let in once the handshake is done; outages and cuts happen below it, to the TCP connection. */
  tls?: TlsOptions;
}

/** A TCP door before any kind of server: it can refuse, drop or ignore callers, and cut those that are inside. */
export class Gate {
  readonly #options: GateOptions;
  readonly #server: Server;
  /** Never listens itself: it is handed connections that the door has let in. */
  readonly #tls: TlsServer | undefined;
  readonly #sockets = new Set<Socket>();
  #port = 0;
  #outage: OutageMode | undefined;
  #work: Promise<unknown> = Promise.resolve();

  private constructor(options: GateOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#admit(socket));
    this.#tls = options.tls && createTlsServer(options.tls, (secured) => this.#letIn(secured));
    // A caller that does not trust the certificate, or speaks no TLS.
    this.#tls?.on('tlsClientError', (_error, secured) => secured.destroy());
  }

  static async open(options: GateOptions): Promise<Gate> {
    const gate = new Gate(options);
    await gate.#listen(options.port);
    gate.#port = (gate.#server.address() as AddressInfo).port;
    return gate;
  }

  get port(): number {
    return this.#port;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** From now on nobody gets in, and those inside are thrown out. */
  shut(mode: OutageMode): Promise<void> {
    return this.#queue(async () => {
      this.#outage = mode;
      if (mode === 'refuse') await this.#unlisten();
      this.cut();
    });
  }

  reopen(): Promise<void> {
    return this.#queue(async () => {
      this.#outage = undefined;
      this.cut();
      if (!this.#server.listening) await this.#listen(this.#port);
    });
  }

  /** Resets every connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  close(): Promise<void> {
    return this.#queue(async () => {
      for (const socket of this.#sockets) socket.destroy();
      await this.#unlisten();
    });
  }

  #admit(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    if (this.#outage === 'hang') socket.resume();
    else if (this.#outage) socket.resetAndDestroy();
    else if (this.#tls) this.#tls.emit('connection', socket);
    else this.#options.accept(socket);
  }

  #letIn(secured: Socket): void {
    secured.on('error', () => secured.destroy());
    this.#options.accept(secured);
  }

  #listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host: this.#options.host, port }, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  #unlisten(): Promise<void> {
    if (!this.#server.listening) return Promise.resolve();
    // The callback waits for every connection; whoever is still inside is cut right after.
    this.#server.close();
    return Promise.resolve();
  }

  #queue(work: () => Promise<void>): Promise<void> {
    const next = this.#work.then(work);
    this.#work = next.catch(() => {});
    return next;
  }
}
