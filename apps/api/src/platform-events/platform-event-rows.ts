import type { Json, PlatformEventResource } from '@tributary/contracts';
import type { ListDefinition } from '../lists/list-query.ts';

export interface PlatformEventRow extends Record<string, unknown> {
  id: string;
  platform: string;
  connection_id: string;
  device_id: string | null;
  name: string;
  ts: Date;
  details: { [key: string]: Json };
}

export const platformEventList: ListDefinition = {
  name: 'platform-events',
  select: 'e.id, e.platform, e.connection_id, e.device_id, e.name, e.ts, e.details',
  from: 'platform_event e join connection c on c.id = e.connection_id',
  filter: {
    deviceId: { type: 'id', sql: 'e.device_id' },
    connectionId: { type: 'id', sql: 'e.connection_id' },
    platform: { type: 'id', sql: 'e.platform' },
    name: { type: 'id', sql: 'e.name' },
    ts: { type: 'instant', sql: 'e.ts' },
    'details.*': { type: 'any', sql: 'e.details' },
  },
  sort: { ts: { sql: 'e.ts', type: 'timestamptz', always: true } },
  key: { sql: 'e.id', type: 'uuid', descending: true },
};

export const NEWEST_FIRST = '-ts';

export const presentPlatformEvent = (row: PlatformEventRow): PlatformEventResource => ({
  id: row.id,
  platform: row.platform,
  connectionId: row.connection_id,
  ...(row.device_id === null ? {} : { deviceId: row.device_id }),
  name: row.name,
  ts: row.ts.toISOString(),
  details: row.details,
});
