import type { DeviceResource, Json } from '@tributary/contracts';
import { type FreshRow, freshColumns, freshFilter, freshMembersOf } from '../freshness/fresh-members.ts';
import type { ListDefinition } from '../lists/list-query.ts';

export interface DeviceRow extends Record<string, unknown>, FreshRow {
  id: string;
  connection_id: string;
  platform: string;
  native_id: string;
  name: string;
  kind: string | null;
  label: string | null;
  description: string | null;
  serial: string | null;
  parent_id: string | null;
  space_id: string | null;
  properties: { [key: string]: Json };
  state: string;
  first_seen_at: Date;
  updated_at: Date;
  last_seen_at: Date | null;
}

const LAST_SEEN =
  '(select max(l.ts) from series s join series_latest l on l.series_id = s.id where s.device_id = d.id)';

const OBSERVED =
  '(select max(l.observed_at) from series s join series_latest l on l.series_id = s.id where s.device_id = d.id)';
const STALE_AFTER = '(select w.stale_after_ms from device_watch w where w.device_id = d.id)';

/** Devices of removed connections are nobody's any more. */
export const DEVICE_VISIBLE = 'c.removed_at is null';

export const deviceList: ListDefinition = {
  name: 'devices',
  select: `d.id, d.connection_id, d.platform, d.native_id, d.name, d.kind, d.label, d.description, d.serial, d.parent_id, d.space_id,
    d.properties, d.state, d.first_seen_at, d.updated_at, ${LAST_SEEN} as last_seen_at,
    ${freshColumns(OBSERVED, STALE_AFTER)}`,
  from: 'device d join connection c on c.id = d.connection_id',
  filter: {
    id: { type: 'id', sql: 'd.id' },
    connectionId: { type: 'id', sql: 'd.connection_id' },
    platform: { type: 'id', sql: 'd.platform' },
    nativeId: { type: 'id', sql: 'd.native_id' },
    name: { type: 'text', sql: 'd.name' },
    kind: { type: 'text', sql: 'd.kind' },
    label: { type: 'text', sql: 'd.label' },
    description: { type: 'text', sql: 'd.description' },
    serial: { type: 'id', sql: 'd.serial' },
    parentId: { type: 'id', sql: 'd.parent_id' },
    spaceId: { type: 'id', sql: 'd.space_id' },
    state: { type: 'id', sql: 'd.state' },
    firstSeenAt: { type: 'instant', sql: 'd.first_seen_at' },
    updatedAt: { type: 'instant', sql: 'd.updated_at' },
    lastSeenAt: { type: 'instant', sql: LAST_SEEN },
    ...freshFilter(OBSERVED, STALE_AFTER),
    'properties.*': { type: 'any', sql: 'd.properties' },
  },
  sort: {
    name: { sql: 'd.name', type: 'text' },
    kind: { sql: 'd.kind', type: 'text' },
    firstSeenAt: { sql: 'd.first_seen_at', type: 'timestamptz' },
    updatedAt: { sql: 'd.updated_at', type: 'timestamptz' },
  },
  key: { sql: 'd.id', type: 'text' },
};

export const presentDevice = (row: DeviceRow): DeviceResource => ({
  id: row.id,
  connectionId: row.connection_id,
  platform: row.platform,
  nativeId: row.native_id,
  name: row.name,
  ...(row.kind === null ? {} : { kind: row.kind }),
  ...(row.label === null ? {} : { label: row.label }),
  ...(row.description === null ? {} : { description: row.description }),
  ...(row.serial === null ? {} : { serial: row.serial }),
  ...(row.parent_id === null ? {} : { parentId: row.parent_id }),
  ...(row.space_id === null ? {} : { spaceId: row.space_id }),
  properties: row.properties,
  state: row.state as DeviceResource['state'],
  firstSeenAt: row.first_seen_at.toISOString(),
  ...(row.last_seen_at === null ? {} : { lastSeenAt: row.last_seen_at.toISOString() }),
  ...freshMembersOf(row),
  updatedAt: row.updated_at.toISOString(),
});
