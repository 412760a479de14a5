import { hash } from 'node:crypto';
import type { ConnectionResource, Json } from '@tributary/contracts';
import { TOUCHES } from '@tributary/database';
import type { KnownTarget } from '../gateway/known-answers/known-answer.ts';
import type { ListDefinition } from '../lists/list-query.ts';

export interface ConnectionRow extends Record<string, unknown> {
  id: string;
  workspace_id: string;
  platform: string;
  name: string;
  settings: { [key: string]: Json };
  credentials_fingerprint: string;
  credentials_updated_at: Date;
  paused: boolean;
  version: number;
  created_at: Date;
  updated_at: Date;
  status: string | null;
  since: Date | null;
  reason: string | null;
  touches: Record<string, number> | null;
  read_at_ms: number;
}

/** After a pause nothing is known before the adapter has said something. */
const STATUS = `case when c.paused then 'paused' when s.status = 'paused' then 'unknown' else coalesce(s.status, 'unknown') end`;

export const connectionList: ListDefinition = {
  name: 'connections',
  select: `c.id, c.workspace_id, c.platform, c.name, c.settings, c.credentials_fingerprint, c.credentials_updated_at, c.paused,
    c.version, c.created_at, c.updated_at, s.status, s.since, s.reason, ${TOUCHES}`,
  from: 'connection c left join connection_status s on s.connection_id = c.id',
  filter: {
    id: { type: 'id', sql: 'c.id' },
    platform: { type: 'id', sql: 'c.platform' },
    name: { type: 'text', sql: 'c.name' },
    paused: { type: 'boolean', sql: 'c.paused' },
    status: { type: 'id', sql: STATUS },
    createdAt: { type: 'instant', sql: 'c.created_at' },
    updatedAt: { type: 'instant', sql: 'c.updated_at' },
    'settings.*': { type: 'any', sql: 'c.settings' },
  },
  sort: {
    name: { sql: 'c.name', type: 'text' },
    platform: { sql: 'c.platform', type: 'text' },
    createdAt: { sql: 'c.created_at', type: 'timestamptz' },
    updatedAt: { sql: 'c.updated_at', type: 'timestamptz' },
  },
  key: { sql: 'c.id', type: 'text' },
};

/** The sealed credentials are no part of the row that is read for answers. */
export function presentConnection(row: ConnectionRow): ConnectionResource {
  const said = row.status ?? 'unknown';
  const status = row.paused ? 'paused' : said === 'paused' ? 'unknown' : said;
  return {
    id: row.id,
    platform: row.platform,
    name: row.name,
    settings: row.settings,
    credentials: { fingerprint: row.credentials_fingerprint, updatedAt: row.credentials_updated_at.toISOString() },
    paused: row.paused,
    status: status as ConnectionResource['status'],
    ...(row.since && said === status ? { statusSince: row.since.toISOString() } : {}),
    ...(row.reason && said === status ? { statusReason: row.reason } : {}),
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

/**
 * The version that changes by requests, then what the adapter says of itself. If-Match looks at the first part alone:
 * a connection that flaps must not keep its owner from repairing it.
 */
export const connectionEtag = (row: ConnectionRow): string =>
  `"${row.version}-${hash('sha256', JSON.stringify([row.id, row.status, row.since, row.reason, row.paused]), 'base64url').slice(0, 12)}"`;

/** Whom to ask about it, and from when on an answer counts. */
export const targetOf = (row: ConnectionRow): KnownTarget => ({
  platform: row.platform,
  connectionId: row.id,
  workspace: row.workspace_id,
  version: row.version,
  readAtMs: row.read_at_ms,
  touches: row.touches ?? {},
});
