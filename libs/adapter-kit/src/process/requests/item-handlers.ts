import {
  type AdapterReply,
  InvalidRequestError,
  isPlatformError,
  MAX_POINTS,
  MalformedResponseError,
  type ParkedProblem,
  type Point,
  UnsupportedError,
} from '@tributary/contracts';
import { parkedItemOwner } from '@tributary/database';
import type { RequestHandler } from '@tributary/messaging';
import type { Clock } from '@tributary/runtime';
import { z } from 'zod';
import type { Adapter, PointBatch } from '../../contract.ts';
import { REFUSED_POINT, type ReadItem, readItem } from '../asides/item-text.ts';
import type { Vault } from '../ports.ts';
import { checkPoint } from '../publishing/point-check.ts';
import type { ConnectionInstance } from '../supervision/connection-instance.ts';
import type { UseInstance } from './capability.ts';

export interface ItemHandlerOptions {
  use: UseInstance;
  vault: Pick<Vault, 'open'>;
  clock: Clock;
}

const refusedPoint = z.object({ device: z.string().min(1).max(512), point: z.looseObject({ signal: z.string() }) });

/** Reads what was set aside again, as this connection's adapter reads it today. Asks no platform and publishes nothing. */
export const itemPreview =
  ({ use, vault, clock }: ItemHandlerOptions): RequestHandler<'items.preview'> =>
  ({ connectionId, what, sealed, asideAt }) =>
    use(connectionId, async ({ record, adapter }) => {
      const item = opened(sealed, record, vault);
      const times = { asideMs: Date.parse(asideAt), nowMs: clock.now() };
      try {
        return checked(what === REFUSED_POINT ? pointsOf(item) : observed(adapter, what, item), times);
      } catch (error) {
        // It does not fit today either: that is an answer, and no failure.
        if (!isPlatformError(error) || error.code !== 'malformed-response') throw error;
        return { batches: [], problems: [{ path: '', problem: error.message }] };
      }
    });

function opened(sealed: string, record: ConnectionInstance['record'], vault: Pick<Vault, 'open'>): ReadItem {
  try {
    const owner = parkedItemOwner({ workspace: record.workspace, connectionId: record.id });
    return readItem(vault.open(sealed, owner).item ?? '');
  } catch (error) {
    throw new InvalidRequestError('the item cannot be opened with the keys of this process', { cause: error });
  }
}

function pointsOf({ item }: ReadItem): PointBatch[] {
  const read = refusedPoint.safeParse(item);
  if (!read.success) throw new MalformedResponseError('the item names no device and signal');
  const { device, point } = read.data;
  return [{ device, origin: 'replay', points: [point as unknown as PointBatch['points'][number]] }];
}

function observed(adapter: Adapter, what: string, { item, context }: ReadItem): PointBatch[] {
  const read = adapter.items && Object.hasOwn(adapter.items, what) ? adapter.items[what] : undefined;
  if (!read) {
    throw new UnsupportedError(
      `no ${what} is read by itself; what the platform still gives is read by the next poll or discovery`,
    );
  }
  return read(item, context);
}

/** All of an item, or nothing of it. A point without a time has that at which its item was set aside. */
function checked(
  batches: readonly PointBatch[],
  { asideMs, nowMs }: { asideMs: number; nowMs: number },
): AdapterReply<'items.preview'> {
  const problems: ParkedProblem[] = [];
  const good = batches.flatMap(({ device, points }) => {
    const fitting: Point[] = [];
    for (const given of points) {
      const point = checkPoint({ ...given, tsMs: given.tsMs ?? asideMs }, nowMs);
      if (point.ok) fitting.push(point.point);
      else problems.push({ path: `/${problems.length}`, problem: point.reason });
    }
    return inMessages(device, fitting);
  });
  if (problems.length > 0) return { batches: [], problems };
  if (good.length === 0) return { batches: [], problems: [{ path: '', problem: 'there is no point in it' }] };
  return { batches: good, problems: [] };
}

function inMessages(nativeId: string, points: readonly Point[]) {
  const messages = Math.ceil(points.length / MAX_POINTS);
  return Array.from({ length: messages }, (_, n) => ({
    nativeId,
    points: points.slice(n * MAX_POINTS, (n + 1) * MAX_POINTS),
  }));
}
