import type { fileResource } from '@tributary/contracts';
import type { z } from 'zod';
import type { ListDefinition } from '../lists/list-query.ts';

export type FileResource = z.output<typeof fileResource>;

export interface FileRow extends Record<string, unknown> {
  id: string;
  device_id: string;
  name: string;
  location: FileResource['location'];
  size_bytes: string | null;
  from_ts: Date | null;
  to_ts: Date | null;
  tag: string | null;
  updated_at: Date;
}

export const fileList: ListDefinition = {
  name: 'files',
  select: 'f.id, f.device_id, f.name, f.location, f.size_bytes, f.from_ts, f.to_ts, f.tag, f.updated_at',
  from: 'file f join device d on d.id = f.device_id join connection c on c.id = d.connection_id',
  filter: {
    id: { type: 'id', sql: 'f.id' },
    deviceId: { type: 'id', sql: 'f.device_id' },
    connectionId: { type: 'id', sql: 'd.connection_id' },
    name: { type: 'text', sql: 'f.name' },
    location: { type: 'id', sql: 'f.location' },
    sizeBytes: { type: 'number', sql: 'f.size_bytes' },
    from: { type: 'instant', sql: 'f.from_ts' },
    to: { type: 'instant', sql: 'f.to_ts' },
    tag: { type: 'text', sql: 'f.tag' },
  },
  sort: {
    name: { sql: 'f.name', type: 'text' },
    sizeBytes: { sql: 'f.size_bytes', type: 'bigint' },
    from: { sql: 'f.from_ts', type: 'timestamptz' },
    to: { sql: 'f.to_ts', type: 'timestamptz' },
  },
  key: { sql: 'f.id', type: 'text' },
};

export const presentFile = (row: FileRow): FileResource => ({
  id: row.id,
  deviceId: row.device_id,
  name: row.name,
  location: row.location,
  ...(row.size_bytes === null ? {} : { sizeBytes: Number(row.size_bytes) }),
  ...(row.from_ts === null ? {} : { from: row.from_ts.toISOString() }),
  ...(row.to_ts === null ? {} : { to: row.to_ts.toISOString() }),
  ...(row.tag === null ? {} : { tag: row.tag }),
});
