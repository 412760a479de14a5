import { connect as connectTcp, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type SecureContext } from 'node:tls';
import { type Clock, checkedUrl, guardedLookup } from '@tributary/runtime';
import { webSocketTransport } from './web-socket-transport.ts';

const DEFAULT_PORTS: Record<string, number> = { 'mqtt:': 1883, 'mqtts:': 8883 };

/** How to get to a broker, and whom to believe there. */
export interface TransportOptions {
  allowPrivateAddresses: boolean;
  /** By default whom the process believes. */
  trust?: SecureContext | undefined;
  /** Sub-protocol of a WebSocket. */
  subprotocol?: string | undefined;
  clock: Clock;
}

const OF_CONNECTION = "the connection's URL";

/** `mqtts:` or `wss:`; `mqtt:` and `ws:` only where private addresses are allowed. Throws `InvalidRequestError`. */
export const brokerUrl = (text: string, allowPrivate: boolean): URL =>
  checkedUrl(text, { secure: ['mqtts:', 'wss:'], plain: ['mqtt:', 'ws:'], allowPrivate }, OF_CONNECTION);

/**
 * Opens a byte stream to the broker, with the same check of addresses as HTTP. Rejects with what the network said, or
 * with a `PlatformError` where a WebSocket was answered with an HTTP status.
 */
export async function openTransport(url: URL, options: TransportOptions, signal: AbortSignal): Promise<Duplex> {
  if (url.protocol === 'ws:' || url.protocol === 'wss:') return webSocketTransport(url, options, signal);
  const secure = url.protocol === 'mqtts:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const target = {
    host,
    port: Number(url.port || DEFAULT_PORTS[url.protocol]),
    lookup: guardedLookup(options.allowPrivateAddresses),
    noDelay: true,
    autoSelectFamily: true,
  };
  const trust = options.trust ? { secureContext: options.trust } : {};
  const socket: Socket = secure
    ? connectTls({ ...target, ...trust, servername: host, ALPNProtocols: ['mqtt'] })
    : connectTcp(target);
  await opened(socket, secure ? 'secureConnect' : 'connect', signal);
  return socket;
}

function opened(socket: Socket, event: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: unknown) => {
      signal.removeEventListener('abort', abort);
      socket.off('error', settle).off('close', closed).off(event, settle);
      if (error === undefined) return resolve();
      socket.on('error', () => undefined).destroy();
      reject(error);
    };
    const abort = () => settle(signal.reason);
    const closed = () => settle(new Error('the connection was closed'));
    socket
      .once('error', settle)
      .once('close', closed)
      .once(event, () => settle());
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
  });
}
