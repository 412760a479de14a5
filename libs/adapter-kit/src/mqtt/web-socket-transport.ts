import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { MalformedResponseError } from '@tributary/contracts';
import { guardedLookup } from '@tributary/runtime';
import { createWebSocketStream, WebSocket } from 'ws';
import { statusFailure } from '../http/status-failure.ts';
import type { TransportOptions } from './broker-transport.ts';

const DEFAULT_SUBPROTOCOL = 'mqtt';
/** A frame larger than this ends the connection. */
const MAX_FRAME_BYTES = 4 * 1024 * 1024;

/**
 * MQTT over WebSocket as a stream of bytes. What is not read waits in the broker's socket: memory stays bounded however
 * fast it sends. An upgrade that is refused rejects with what its status means, the status in `platformStatus`.
 */
export function webSocketTransport(url: URL, options: TransportOptions, signal: AbortSignal): Promise<Duplex> {
  const socket = new WebSocket(url, [options.subprotocol ?? DEFAULT_SUBPROTOCOL], {
    perMessageDeflate: false,
    followRedirects: false,
    maxPayload: MAX_FRAME_BYTES,
    lookup: guardedLookup(options.allowPrivateAddresses),
    ...(options.trust ? { secureContext: options.trust } : {}),
  });
  socket.on('message', (_data, isBinary) => {
    // MQTT travels in binary frames; a text frame is a protocol error.
    if (!isBinary) socket.terminate();
  });
  return new Promise((resolve, reject) => {
    const settle = (error?: unknown) => {
      signal.removeEventListener('abort', abort);
      socket.off('open', open).off('error', settle).off('unexpected-response', refused);
      if (error === undefined) return resolve(createWebSocketStream(socket));
      socket.on('error', () => undefined).terminate();
      reject(error);
    };
    const open = () => settle();
    const abort = () => settle(signal.reason);
    const refused = (_request: unknown, answer: IncomingMessage) => {
      answer.destroy();
      settle(upgradeFailure(answer, options.clock.now()));
    };
    socket.on('open', open).on('error', settle).on('unexpected-response', refused);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
  });
}

function upgradeFailure({ statusCode = 0, headers }: IncomingMessage, nowMs: number): Error {
  const after = headers['retry-after'];
  const answer = { status: statusCode, headers: after === undefined ? {} : { 'retry-after': after }, text: '' };
  const failure = statusFailure('mqtt', answer, nowMs);
  return failure ?? new MalformedResponseError('mqtt: the answer is no upgrade', { platformStatus: statusCode });
}
