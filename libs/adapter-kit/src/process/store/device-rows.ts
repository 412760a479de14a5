import type { DeviceData, Json } from '@tributary/contracts';
import type { Database } from '@tributary/database';
import type { DeviceDirectory } from '../ports.ts';

interface DeviceRow {
  id: string;
  nativeId: string;
  name: string;
  kind: string | null;
  label: string | null;
  description: string | null;
  serial: string | null;
  parentId: string | null;
  spaceId: string | null;
  reportsEveryMs: number | null;
  properties: Record<string, Json>;
}

interface SpaceRow {
  id: string;
  nativeId: string;
  name: string;
  kind: string;
  parentId: string | null;
}

type Spaces = DeviceData['spaces'];

/** The devices of a connection as ingest has stored them. */
export class DeviceRows implements DeviceDirectory {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async known(connectionId: string): Promise<Omit<DeviceData, 'rev'>[]> {
    const [devices, spaces] = await Promise.all([
      this.#db.pool.query<DeviceRow>(
        `select id, native_id as "nativeId", name, kind, label, description, serial, parent_id as "parentId",
           space_id as "spaceId", reports_every_ms as "reportsEveryMs", properties
         from device where connection_id = $1 and state = 'known' order by id`,
        [connectionId],
      ),
      this.#db.pool.query<SpaceRow>(
        'select id, native_id as "nativeId", name, kind, parent_id as "parentId" from space where connection_id = $1',
        [connectionId],
      ),
    ]);
    const byId = new Map(spaces.rows.map((space) => [space.id, space]));
    return devices.rows.map((row) => toDevice(row, chainOf(row.spaceId, byId)));
  }
}

/** Outermost first. */
function chainOf(innermost: string | null, byId: ReadonlyMap<string, SpaceRow>): Spaces {
  const chain: Spaces = [];
  const seen = new Set<string>();
  for (let space = byId.get(innermost ?? ''); space && !seen.has(space.id); space = byId.get(space.parentId ?? '')) {
    seen.add(space.id);
    chain.unshift({ spaceId: space.id, nativeId: space.nativeId, name: space.name, kind: space.kind });
  }
  return chain;
}

const toDevice = (row: DeviceRow, spaces: Spaces): Omit<DeviceData, 'rev'> => ({
  deviceId: row.id,
  nativeId: row.nativeId,
  name: row.name,
  ...(row.kind === null ? {} : { kind: row.kind }),
  ...(row.label === null ? {} : { label: row.label }),
  ...(row.description === null ? {} : { description: row.description }),
  ...(row.serial === null ? {} : { serial: row.serial }),
  ...(row.parentId === null ? {} : { parentId: row.parentId }),
  ...(row.reportsEveryMs === null ? {} : { reportsEveryMs: row.reportsEveryMs }),
  spaces,
  properties: row.properties,
});
