import type { CommandState, Evidence, Json, WireError } from '@tributary/contracts';

export interface StoredCommand {
  id: string;
  workspace: string;
  platform: string;
  connectionId: string;
  deviceId: string;
  nativeId: string;
  name: string;
  params: Record<string, Json>;
  state: CommandState;
  expiresAt: Date;
  createdAt: Date;
  updatedAt: Date;
  error: WireError | null;
  reference: Record<string, string | number | boolean> | null;
  traceparent: string | null;
}

export interface StoredTransition {
  state: CommandState;
  at: Date;
  evidence: Evidence;
  error: WireError | null;
}

/** Of `command` as `c`. */
export const COMMAND_COLUMNS = `
  c.id, c.workspace_id as workspace, c.platform, c.connection_id as "connectionId", c.device_id as "deviceId",
  c.native_id as "nativeId", c.name, c.params, c.state, c.expires_at as "expiresAt", c.created_at as "createdAt",
  c.updated_at as "updatedAt", c.error, c.reference, c.traceparent`;
