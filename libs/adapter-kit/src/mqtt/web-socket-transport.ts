import { Duplex } from 'node:stream';
import { type Agent, WebSocket } from 'undici';
import { vendorAgent } from '../http/vendor-agent.ts';

/** MQTT over WebSocket (subprotocol `mqtt`) as a stream of bytes. Redirects are refused by the protocol itself. */
export function webSocketTransport(url: URL, allowPrivate: boolean, signal: AbortSignal): Promise<Duplex> {
  const agent = vendorAgent({ allowPrivateAddresses: allowPrivate });
  const socket = new WebSocket(url, { protocols: ['mqtt'], dispatcher: agent });
  socket.binaryType = 'arraybuffer';
  return new Promise((resolve, reject) => {
    const duplex = new WebSocketDuplex(socket, agent);
    const fail = (error: unknown) => {
      duplex.on('error', () => undefined).destroy();
      reject(error);
    };
    const abort = () => fail(signal.reason);
    socket.addEventListener('error', (event) => fail(event.error ?? new Error('the WebSocket was refused')));
    socket.addEventListener('close', () => fail(new Error('the WebSocket was closed')));
    socket.addEventListener('open', () => {
      signal.removeEventListener('abort', abort);
      resolve(duplex);
    });
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
  });
}

class WebSocketDuplex extends Duplex {
  readonly #socket: WebSocket;
  readonly #agent: Agent;

  constructor(socket: WebSocket, agent: Agent) {
    super();
    this.#socket = socket;
    this.#agent = agent;
    socket.addEventListener('message', ({ data }) => {
      // MQTT travels in binary frames; a text frame is a protocol error.
      if (data instanceof ArrayBuffer) this.push(Buffer.from(data));
      else this.destroy(new Error('the broker sent text'));
    });
    socket.addEventListener('close', () => this.push(null));
    socket.addEventListener('error', (event) => this.destroy(event.error ?? new Error('the WebSocket failed')));
  }

  // A WebSocket cannot be told to wait: what comes is kept by the stream.
  override _read(): void {}

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const open = this.#socket.readyState === WebSocket.OPEN;
    if (open) this.#socket.send(chunk);
    done(open ? null : new Error('the WebSocket is closed'));
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.close();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (this.#socket.readyState <= WebSocket.OPEN) this.#socket.close();
    this.#agent.destroy().then(() => done(error), done);
  }
}
