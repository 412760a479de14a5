import { ROOM } from './fake-entities.ts';
import { PLATFORM } from './fake-platform.ts';
import { publishPoints } from './points.ts';
import type { Seeded, World } from './world.ts';

/** What exists in a seeded workspace, by the names under which routes ask for it in their paths. */
export type KnownValues = Record<string, string>;

const TS = '2026-03-29T01:00:00.000Z';

/** Of a workspace that `seed` has filled. A parameter that is not here is a route that no test reaches: add it. */
export async function knownValues(world: World, workspace: string, ids: Seeded): Promise<KnownValues> {
  const { id } = await world.house.keys.create({ workspace, name: 'known', scopes: ['read'] });
  const { eventId } = await publishPoints(world, workspace, ids, [{ signal: 'power', ts: TS, value: 12.5 }]);
  return {
    platform: PLATFORM,
    eventId,
    ts: TS,
    connectionId: ids.connectionId,
    deviceId: ids.deviceId,
    spaceId: ids.spaceId,
    seriesId: ids.seriesId,
    backfillId: ids.backfillId,
    commandId: ids.commandId,
    fileId: ids.fileId,
    messageId: ids.parkedId,
    jobId: ids.jobId,
    subscriptionId: ids.subscriptionId,
    deliveryId: ids.deliveryId,
    keyId: id,
    type: ROOM,
    nativeId: 'room/1 ö',
    relation: 'leads to/ö',
    file: 'start.js',
    code: 'not-found',
  };
}

/** Values that another one has at another route than the name alone says. */
const BY_ROUTE: Record<string, KnownValues> = {
  '/v1/devices/by-native/{connectionId}/{nativeId}': { nativeId: 'd 1/ü' },
  '/v1/connections/{connectionId}/users/{nativeId}': { nativeId: 'u/2' },
  '/v1/schemas/{type}': { type: 'io.tributary.telemetry.observed.v1' },
  '/v1/schemas/{type}/event': { type: 'io.tributary.telemetry.observed.v1' },
};

/** The path of a route with everything in it filled in. Throws for a parameter that nobody knows a value of. */
export function filledPath(path: string, known: KnownValues): string {
  const here = { ...known, ...BY_ROUTE[path] };
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = here[name];
    if (value === undefined) throw new Error(`say in world/known-values.ts what {${name}} of ${path} is`);
    return encodeURIComponent(value);
  });
}
