import { type ConnectionSecrets, type CredentialVault, type ParkedMessages, parkedDigest } from '@tributary/database';
import { redactText, redactValue } from '@tributary/runtime';
import { storedPayload } from './parked-payload.ts';
import type { ParkedRow } from './parking.ts';

export interface ParkedRowParts {
  parked: ParkedMessages;
  exchange: string;
  vault: CredentialVault;
  secrets: Pick<ConnectionSecrets, 'of'>;
}

const CONNECTION = /^con_[a-z2-7]{26}$/;
const DEVICE = /^dev_[a-z2-7]{26}$/;
const WORDS = /^[a-z][a-z0-9-]{0,39}$/;

/**
 * Rows of parked messages, written. A message that is parked already keeps its row. Nothing of the row shows a secret:
 * what came is kept beside it, sealed, where it holds one.
 */
export const parkInto =
  ({ parked, exchange, vault, secrets }: ParkedRowParts) =>
  async (row: ParkedRow): Promise<void> => {
    const about = aboutRoute(row.routingKey);
    const connectionId = row.connectionId ?? about.connectionId;
    const own = await secrets.of(connectionId);
    const digest = parkedDigest(row.queue, row.payload);
    await parked.park({
      ...about,
      ...row,
      ...storedPayload(row.payload, { digest, secrets: own, vault }),
      exchange,
      connectionId,
      digest,
      routingKey: redactText(row.routingKey, own),
      headers: redactValue(row.headers, own) as Record<string, unknown>,
      problems: row.problems.map(({ path, problem }) => ({ path: redactText(path, own), problem })),
      eventId: row.eventId === undefined ? undefined : redactText(row.eventId, own),
    });
  };

/** What a routing key tells of a message that may not be readable. Whoever wrote it: these are only words to look for. */
function aboutRoute(routingKey: string) {
  const [, area = '', , platform = '', connectionId = '', deviceId = ''] = routingKey.split('.');
  return {
    ...(WORDS.test(area) ? { area } : {}),
    ...(WORDS.test(platform) ? { platform } : {}),
    ...(CONNECTION.test(connectionId) ? { connectionId } : {}),
    ...(DEVICE.test(deviceId) ? { deviceId } : {}),
  };
}
