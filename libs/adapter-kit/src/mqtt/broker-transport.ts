import { connect as connectTcp, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { checkedUrl, guardedLookup } from '../http/address-guard.ts';
import { webSocketTransport } from './web-socket-transport.ts';

const DEFAULT_PORTS: Record<string, number> = { 'mqtt:': 1883, 'mqtts:': 8883 };

/** `mqtts:` or `wss:`; `mqtt:` and `ws:` only where private addresses are allowed. Throws `InvalidRequestError`. */
export const brokerUrl = (text: string, allowPrivate: boolean): URL =>
  checkedUrl(text, { secure: ['mqtts:', 'wss:'], plain: ['mqtt:', 'ws:'], allowPrivate });

/** Opens a byte stream to the broker, with the same check of addresses as HTTP. Rejects with what the network said. */
export async function openTransport(url: URL, allowPrivate: boolean, signal: AbortSignal): Promise<Duplex> {
  if (url.protocol === 'ws:' || url.protocol === 'wss:') return webSocketTransport(url, allowPrivate, signal);
  const secure = url.protocol === 'mqtts:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const options = {
    host,
    port: Number(url.port || DEFAULT_PORTS[url.protocol]),
    lookup: guardedLookup(allowPrivate),
    noDelay: true,
    autoSelectFamily: true,
  };
  const socket: Socket = secure
    ? connectTls({ ...options, servername: host, ALPNProtocols: ['mqtt'] })
    : connectTcp(options);
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
