import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Transform, type TransformCallback } from 'node:stream';

/** From our side to the server, or back. */
export type Direction = 'upstream' | 'downstream';

export interface Toxics {
  /** Delay of every chunk. */
  latencyMs?: number;
  /** Swallows every byte while the connection stays open. */
  blackHole?: boolean;
  /** Cuts the connection with RST after this many more bytes. */
  cutAfterBytes?: number;
  /** Counts `cutAfterBytes` from where these bytes next begin, such as those of one kind of reply; 0 when absent. */
  cutAt?: Buffer;
  bytesPerSecond?: number;
}

interface Pair {
  client: Socket;
  server: Socket;
}

/**
 * A TCP proxy whose wires can be spoiled while data flows: cut, refuse, delay, swallow, slow down, cut after byte N.
 * Toxics apply to bytes that pass after they were set.
 */
export class FaultProxy {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  readonly #target: { host: string; port: number };
  readonly #toxics: Record<Direction, Toxics> = { upstream: {}, downstream: {} };
  #refusing = false;
  /** Connections accepted since the start. */
  accepted = 0;
  /** Bytes a black hole has taken. */
  swallowedBytes = 0;
  /** Connections that were cut by `cutAfterBytes`. */
  cuts = 0;

  private constructor(target: { host: string; port: number }) {
    this.#target = target;
    this.#server = createServer((client) => this.#accept(client));
  }

  static async start(target: { host: string; port: number }): Promise<FaultProxy> {
    const proxy = new FaultProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.#pairs.size;
  }

  /** The address with this proxy in place of the target, for any URL. */
  through(url: string): string {
    const changed = new URL(url);
    changed.hostname = '127.0.0.1';
    changed.port = String(this.port);
    return changed.href;
  }

  set(direction: Direction, toxics: Toxics): void {
    this.#toxics[direction] = toxics;
  }

  /** Resets every open connection. */
  cut(): void {
    for (const { client, server } of this.#pairs) {
      client.resetAndDestroy();
      server.destroy();
    }
  }

  /** As if the target were gone: open connections are reset, new ones too. */
  down(): void {
    this.#refusing = true;
    this.cut();
  }

  up(): void {
    this.#refusing = false;
  }

  heal(): void {
    this.up();
    this.set('upstream', {});
    this.set('downstream', {});
  }

  async stop(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    this.accepted += 1;
    if (this.#refusing) {
      client.resetAndDestroy();
      return;
    }
    const server = connect(this.#target);
    const pair = { client, server };
    this.#pairs.add(pair);
    const gone = () => {
      this.#pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) socket.on('error', gone).on('close', gone).setNoDelay();
    client.pipe(this.#wire('upstream', pair)).pipe(server);
    server.pipe(this.#wire('downstream', pair)).pipe(client);
  }

  #wire(direction: Direction, pair: Pair): Transform {
    const toxicsOf = () => this.#toxics[direction];
    const swallow = (bytes: number) => {
      this.swallowedBytes += bytes;
    };
    const cut = () => {
      this.cuts += 1;
      pair.client.resetAndDestroy();
      pair.server.destroy();
    };
    return new Transform({
      transform(chunk: Buffer, _encoding, done: TransformCallback) {
        const toxics = toxicsOf();
        if (toxics.blackHole) {
          swallow(chunk.length);
          return done();
        }
        const waitMs =
          (toxics.latencyMs ?? 0) + (toxics.bytesPerSecond ? (chunk.length / toxics.bytesPerSecond) * 1000 : 0);
        const pass = () => {
          aim(toxics, chunk);
          if (toxics.cutAt || toxics.cutAfterBytes === undefined) return done(null, chunk);
          if (chunk.length <= toxics.cutAfterBytes) {
            toxics.cutAfterBytes -= chunk.length;
            return done(null, chunk);
          }
          this.push(chunk.subarray(0, toxics.cutAfterBytes));
          delete toxics.cutAfterBytes;
          // The pushed bytes leave before the reset does.
          setImmediate(cut);
        };
        if (waitMs > 0) setTimeout(pass, waitMs);
        else pass();
      },
    });
  }
}

/** The reply to be cut is in this chunk: from now on bytes are counted from its beginning. */
function aim(toxics: Toxics, chunk: Buffer): void {
  const at = toxics.cutAt ? chunk.indexOf(toxics.cutAt) : -1;
  if (at < 0) return;
  toxics.cutAfterBytes = at + (toxics.cutAfterBytes ?? 0);
  delete toxics.cutAt;
}
