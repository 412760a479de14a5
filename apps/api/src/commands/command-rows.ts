import type { CommandResource, Evidence, Json, WireError } from '@tributary/contracts';
import type { ListDefinition } from '../lists/list-query.ts';

export interface CommandRow extends Record<string, unknown> {
  id: string;
  device_id: string;
  connection_id: string;
  name: string;
  params: { [key: string]: Json };
  state: CommandResource['state'];
  expires_at: Date;
  created_at: Date;
  updated_at: Date;
  error: WireError | null;
  transitions: { state: CommandResource['state']; at: string; evidence: Evidence; error: WireError | null }[];
}

/** Times come out of JSON with an offset and as many digits as there are. */
const TRANSITIONS = `(select coalesce(jsonb_agg(jsonb_build_object('state', t.state, 'at', t.at, 'evidence', t.evidence, 'error', t.error) order by t.step), '[]')
  from command_transition t where t.command_id = m.id) as transitions`;

export const commandList: ListDefinition = {
  name: 'commands',
  select: `m.id, m.device_id, m.connection_id, m.name, m.params, m.state, m.expires_at, m.created_at, m.updated_at, m.error, ${TRANSITIONS}`,
  from: 'command m',
  filter: {
    id: { type: 'id', sql: 'm.id' },
    deviceId: { type: 'id', sql: 'm.device_id' },
    connectionId: { type: 'id', sql: 'm.connection_id' },
    platform: { type: 'id', sql: 'm.platform' },
    name: { type: 'id', sql: 'm.name' },
    state: { type: 'id', sql: 'm.state' },
    expiresAt: { type: 'instant', sql: 'm.expires_at' },
    createdAt: { type: 'instant', sql: 'm.created_at' },
    updatedAt: { type: 'instant', sql: 'm.updated_at' },
    'params.*': { type: 'any', sql: 'm.params' },
  },
  sort: {
    createdAt: { sql: 'm.created_at', type: 'timestamptz' },
    updatedAt: { sql: 'm.updated_at', type: 'timestamptz' },
    expiresAt: { sql: 'm.expires_at', type: 'timestamptz' },
  },
  key: { sql: 'm.id', type: 'text', descending: true },
};

export const presentCommand = (row: CommandRow): CommandResource => ({
  id: row.id,
  deviceId: row.device_id,
  connectionId: row.connection_id,
  name: row.name,
  params: row.params,
  state: row.state,
  expiresAt: row.expires_at.toISOString(),
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
  ...(row.error ? { error: row.error } : {}),
  transitions: row.transitions.map(({ state, at, evidence, error }) => ({
    state,
    at: new Date(at).toISOString(),
    evidence,
    ...(error ? { error } : {}),
  })),
});
