import { makeEvent, type Point, REV_TIME_SHIFT, telemetryEventId, type Via } from '@tributary/contracts';
import { type BatchPoint, TelemetryStore } from '@tributary/database';
import { systemClock } from '@tributary/runtime';
import { PLATFORM } from './fake-platform.ts';
import type { Seeded, World } from './world.ts';

/** Stores points of the seeded device, as ingest would. */
export async function commitPoints(
  world: World,
  { connectionId, deviceId }: Seeded,
  { rev, points, workspace = 'default' }: { rev: string; points: readonly BatchPoint[]; workspace?: string },
): Promise<void> {
  const store = new TelemetryStore(world.db, { clock: systemClock, retentionMs: 2_000 * 86_400_000 });
  await store.ensurePartitions(Date.now());
  const owner = { workspace, platform: PLATFORM, connectionId, deviceId, nativeId: 'd 1/ü' };
  const { refused } = await store.commit({ groups: [{ ...owner, rev, points }], sealedMs: Date.now() });
  if (refused.length > 0) throw new Error(`points were refused: ${JSON.stringify(refused[0])}`);
}

let stamped = 0n;

/** A rev of now, greater than all before. */
export function nextRev(): string {
  stamped += 1n;
  return String((BigInt(Date.now()) << REV_TIME_SHIFT) + stamped);
}

export interface Published {
  eventId: string;
  rev: string;
}

/** Hands points of the seeded device to the bus, as an adapter would, and, unless told otherwise, stores them. */
export async function publishPoints(
  world: World,
  workspace: string,
  ids: Pick<Seeded, 'connectionId' | 'deviceId'> & Partial<Seeded>,
  points: Point[],
  { via, stored = true, rev = nextRev() }: { via?: Via; stored?: boolean; rev?: string } = {},
): Promise<Published> {
  const { connectionId, deviceId } = ids;
  const eventId = telemetryEventId(connectionId, rev);
  const name = 'telemetry.observed' as const;
  const owner = { workspace, platform: PLATFORM, connectionId };
  const data = { deviceId, nativeId: 'd 1/ü', rev, points, ...(via ? { via } : {}) };
  const time = new Date().toISOString();
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const event = makeEvent({ ...owner, id: eventId, name, subject: deviceId, time, origin: 'poll', data, traceparent });
  const publisher = world.broker.publisher({ name: `test-${rev}` });
  await publisher.publish(event, { ...owner, event: name, subjectId: deviceId });
  await publisher.close();
  const batch = points.map(({ signal, ts, value }): BatchPoint => [signal, Date.parse(ts), value]);
  if (stored) await commitPoints(world, ids as Seeded, { rev, workspace, points: batch });
  return { eventId, rev };
}
