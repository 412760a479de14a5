import type { MqttOptions } from '../connection-kit.ts';
import { deadline } from '../http/deadline.ts';
import { brokerUrl, openTransport, type TransportOptions } from './broker-transport.ts';
import { openingFailure } from './mqtt-failure.ts';
import { PacketSession } from './packet-session.ts';

/** From dialling to CONNACK. */
const OPEN_TIMEOUT_MS = 10_000;

/**
 * Opens a session. Rejects with `AuthenticationError` for refused credentials, `InvalidRequestError` for a URL that may
 * not be used or a refused client id, what the HTTP status means where a WebSocket was refused (`platformStatus` has
 * it), the signal's reason when aborted, `UnavailableError` otherwise. The signal's later abort closes the session.
 */
export async function openMqtt(
  options: MqttOptions,
  access: Omit<TransportOptions, 'subprotocol'>,
): Promise<PacketSession> {
  const { clock } = access;
  const url = brokerUrl(options.url, access.allowPrivateAddresses);
  const limit = deadline(clock, OPEN_TIMEOUT_MS, options.signal);
  try {
    const transport = await openTransport(url, { ...access, subprotocol: options.subprotocol }, limit.signal);
    const session = new PacketSession(transport, clock);
    const close = () => void session.close();
    limit.signal.addEventListener('abort', close, { once: true });
    await session.connect(options);
    limit.signal.removeEventListener('abort', close);
    options.signal.addEventListener('abort', close, { once: true });
    return session;
  } catch (error) {
    if (options.signal.aborted) throw options.signal.reason;
    throw openingFailure(limit.signal.aborted ? limit.signal.reason : error);
  } finally {
    limit.done();
  }
}
