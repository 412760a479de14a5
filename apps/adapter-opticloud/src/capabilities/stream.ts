import { interleave, type Limitations, type NativeId, type StreamItem } from '@tributary/adapter-kit';
import { isPlatformError } from '@tributary/contracts';
import { DeviceSession, type DeviceSessionOptions } from '../device-session.ts';
import { sharedChanges } from '../mapping.ts';
import type { AttributeReader } from './attributes.ts';

export interface SharedUpdatesOptions {
  sessions: DeviceSessionOptions;
  reader: Pick<AttributeReader, 'read'>;
  limitations: Limitations;
  devices: readonly NativeId[];
}

/** Shared attributes as they change, of the devices as which the adapter may act. Throws when one session is lost. */
export function sharedUpdates(options: SharedUpdatesOptions, signal: AbortSignal): AsyncIterable<StreamItem> {
  const { devices } = options;
  return interleave(devices, devices.length, (device, stop) => listen(options, device, stop), signal);
}

/** A device as which we may not act is told of in the connection's health; the others go on. */
async function* listen(
  options: SharedUpdatesOptions,
  device: NativeId,
  signal: AbortSignal,
): AsyncGenerator<StreamItem, void, undefined> {
  const what = `acting as ${device}`;
  options.limitations.lift(what);
  try {
    yield* updatesOf(options, device, signal);
  } catch (error) {
    if (!isPlatformError(error) || !['permission-denied', 'not-found'].includes(error.code)) throw error;
    options.limitations.note(what, `${what}: ${error.code}`);
  }
}

/** Subscribes first and reads second, so that a change while no session stood is not missed. */
async function* updatesOf(
  { sessions, reader }: SharedUpdatesOptions,
  device: NativeId,
  signal: AbortSignal,
): AsyncGenerator<StreamItem> {
  const session = await DeviceSession.open(sessions, device, { lane: 'live', signal });
  try {
    await session.subscribeSharedUpdates(signal);
    const present = (await reader.read(device, { lane: 'live', signal })).filter(({ scope }) => scope === 'shared');
    if (present.length > 0) yield { type: 'attributes', device, attributes: present };
    for await (const { update, message } of session.sharedUpdates(signal)) {
      const attributes = sharedChanges(update);
      if (attributes.length > 0) yield { type: 'attributes', device, attributes, via: { message }, done: message.ack };
      else message.ack();
    }
  } finally {
    await session.close();
  }
}
