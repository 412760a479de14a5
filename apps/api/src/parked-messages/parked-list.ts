import type { ParkedResource } from '@tributary/contracts';
import { redactBytes, redactValue } from '@tributary/runtime';
import type { ListDefinition } from '../lists/list-query.ts';

export interface ParkedRow extends Record<string, unknown> {
  id: string;
  workspace_id: string | null;
  queue: string;
  routing_key: string;
  reason: string;
  problems: { path: string; problem: string }[];
  event_id: string | null;
  payload: Buffer;
  headers: Record<string, unknown>;
  state: ParkedResource['state'];
  replays: number;
  parked_at: Date;
  kind: NonNullable<ParkedResource['kind']>;
  fingerprint: string;
  platform: string | null;
  area: string | null;
  connection_id: string | null;
  device_id: string | null;
  redacted: boolean | null;
  times: number;
  last_parked_at: Date;
  verdict: ParkedResource['verdict'] | null;
  discard_reason: string | null;
  settled_by: string | null;
  job_id: string | null;
}

/** Fields that messages are found by, also those that are replayed or discarded in bulk. */
export const parkedList: ListDefinition = {
  name: 'parked-messages',
  select: `p.id, p.workspace_id, p.queue, p.routing_key, p.reason, p.problems, p.event_id, p.payload, p.headers, p.state,
    p.replays, p.parked_at, p.kind, p.fingerprint, p.platform, p.area, p.connection_id, p.device_id, p.redacted, p.times,
    p.last_parked_at, p.verdict, p.discard_reason, p.settled_by, p.job_id`,
  from: 'parked_message p',
  filter: {
    id: { type: 'id', sql: 'p.id' },
    kind: { type: 'id', sql: 'p.kind' },
    queue: { type: 'id', sql: 'p.queue' },
    routingKey: { type: 'id', sql: 'p.routing_key' },
    reason: { type: 'id', sql: 'p.reason' },
    fingerprint: { type: 'id', sql: 'p.fingerprint' },
    platform: { type: 'id', sql: 'p.platform' },
    area: { type: 'id', sql: 'p.area' },
    connectionId: { type: 'id', sql: 'p.connection_id' },
    deviceId: { type: 'id', sql: 'p.device_id' },
    eventId: { type: 'id', sql: 'p.event_id' },
    jobId: { type: 'id', sql: 'p.job_id' },
    state: { type: 'id', sql: 'p.state' },
    replays: { type: 'number', sql: 'p.replays' },
    parkedAt: { type: 'instant', sql: 'p.parked_at' },
    lastParkedAt: { type: 'instant', sql: 'p.last_parked_at' },
  },
  sort: {
    parkedAt: { sql: 'p.parked_at', type: 'timestamptz' },
    lastParkedAt: { sql: 'p.last_parked_at', type: 'timestamptz' },
  },
  key: { sql: 'p.id', type: 'text', descending: true },
};

/** The workspace that may look after messages whose own workspace nobody can tell. */
const HOME_WORKSPACE = 'default';

export const visibleParked = (workspace: string): string =>
  `(p.workspace_id = ${workspace} or (p.workspace_id is null and ${workspace} = '${HOME_WORKSPACE}'))`;

export const presentParked = (row: ParkedRow): ParkedResource => ({
  id: row.id,
  ...(row.workspace_id === null ? {} : { workspace: row.workspace_id }),
  queue: row.queue,
  routingKey: row.routing_key,
  reason: row.reason,
  problems: row.problems,
  ...(row.event_id === null ? {} : { eventId: row.event_id }),
  parkedAt: row.parked_at.toISOString(),
  replays: row.replays,
  state: row.state,
  ...shownPayload(row),
  kind: row.kind,
  ...(row.fingerprint === '' ? {} : { fingerprint: row.fingerprint }),
  times: row.times,
  lastParkedAt: row.last_parked_at.toISOString(),
  ...given({
    platform: row.platform,
    area: row.area,
    connectionId: row.connection_id,
    deviceId: row.device_id,
    verdict: row.verdict,
    discardReason: row.discard_reason,
    settledBy: row.settled_by,
    jobId: row.job_id,
  }),
});

/** A row of before secrets were looked for when a message was parked: they are looked for now. */
function shownPayload({ payload, headers, redacted }: ParkedRow) {
  if (redacted !== null) return { payload: textOrBase64(payload), redacted, headers };
  const shown = redactBytes(payload);
  return { payload: shown.text, redacted: shown.redacted, headers: redactValue(headers) as Record<string, unknown> };
}

function textOrBase64(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) ? text : bytes.toString('base64');
}

const given = <T extends Record<string, unknown>>(members: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
