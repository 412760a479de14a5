import type { Clock } from '@tributary/runtime';
import type { MqttOptions } from '../connection-kit.ts';
import { deadline } from '../http/deadline.ts';
import { brokerUrl, openTransport } from './broker-transport.ts';
import { openingFailure } from './mqtt-failure.ts';
import { PacketSession } from './packet-session.ts';

/** From dialling to CONNACK. */
const OPEN_TIMEOUT_MS = 10_000;

/**
 * Opens a session. Rejects with `AuthenticationError` for refused credentials, `InvalidRequestError` for a URL that may
 * not be used or a refused client id, the signal's reason when aborted, `UnavailableError` otherwise. The signal's
 * later abort closes the session.
 */
export async function openMqtt(
  options: MqttOptions,
  { allowPrivateAddresses, clock }: { allowPrivateAddresses: boolean; clock: Clock },
): Promise<PacketSession> {
  const url = brokerUrl(options.url, allowPrivateAddresses);
  const limit = deadline(clock, OPEN_TIMEOUT_MS, options.signal);
  try {
    const session = new PacketSession(await openTransport(url, allowPrivateAddresses, limit.signal), clock);
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
