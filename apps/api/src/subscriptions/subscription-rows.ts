import { hash } from 'node:crypto';
import type { DeliveryResource, SubscriptionResource } from '@tributary/contracts';
import type { ListDefinition } from '../lists/list-query.ts';

export interface SubscriptionRow extends Record<string, unknown> {
  id: string;
  workspace_id: string;
  url: string;
  description: string | null;
  events: SubscriptionResource['events'];
  batch: NonNullable<SubscriptionResource['batch']> | null;
  header_names: string[];
  secrets: string;
  secret_updated_at: Date;
  previous_secret_until: Date | null;
  state: SubscriptionResource['state'];
  version: number;
  created_at: Date;
  updated_at: Date;
  cursor: string | null;
  delivered_cursor: string | null;
  pending: number;
  oldest_pending_at: Date | null;
  failures: number;
  turn_at: Date | null;
  last_delivered_at: Date | null;
  last_failure: SubscriptionResource['progress']['lastFailure'] | null;
  suspended_at: Date | null;
  suspended_reason: 'gone' | 'failing' | null;
  suspended_detail: string | null;
}

const STATE = `case when s.paused then 'paused' when st.suspended_rev = s.clock_rev then 'suspended' else 'active' end`;

export const subscriptionList: ListDefinition = {
  name: 'subscriptions',
  select: `s.id, s.workspace_id, s.url, s.description, s.events, s.batch, s.header_names, s.secrets, s.secret_updated_at,
    s.previous_secret_until, ${STATE} as state, s.version, s.created_at, s.updated_at, st.cursor, st.delivered_cursor,
    coalesce(st.next_seq - 1 - st.done_seq, 0)::int as pending,
    (select d.created_at from delivery d where d.subscription_id = s.id and d.seq = st.done_seq + 1) as oldest_pending_at,
    coalesce(st.failures, 0) as failures, st.turn_at, st.last_delivered_at, st.last_failure, st.suspended_at,
    st.suspended_reason, st.suspended_detail`,
  from: 'subscription s left join subscription_state st on st.subscription_id = s.id',
  filter: {
    id: { type: 'id', sql: 's.id' },
    url: { type: 'text', sql: 's.url' },
    description: { type: 'text', sql: 's.description' },
    state: { type: 'id', sql: STATE },
    createdAt: { type: 'instant', sql: 's.created_at' },
    updatedAt: { type: 'instant', sql: 's.updated_at' },
  },
  sort: {
    url: { sql: 's.url', type: 'text' },
    createdAt: { sql: 's.created_at', type: 'timestamptz' },
    updatedAt: { sql: 's.updated_at', type: 'timestamptz' },
  },
  key: { sql: 's.id', type: 'text' },
};

/** Never a secret, nor the value of a header. */
export function presentSubscription(row: SubscriptionRow): SubscriptionResource {
  const { previous_secret_until: previousUntil } = row;
  return {
    id: row.id,
    url: row.url,
    ...(row.description === null ? {} : { description: row.description }),
    events: row.events,
    ...(row.batch === null ? {} : { batch: row.batch }),
    headers: row.header_names,
    secret: {
      updatedAt: row.secret_updated_at.toISOString(),
      ...(previousUntil === null ? {} : { previousUntil: previousUntil.toISOString() }),
    },
    state: row.state,
    ...(row.state === 'suspended' && row.suspended_at && row.suspended_reason
      ? {
          suspension: {
            at: row.suspended_at.toISOString(),
            reason: row.suspended_reason,
            ...(row.suspended_detail === null ? {} : { detail: row.suspended_detail }),
          },
        }
      : {}),
    progress: progressOf(row),
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

function progressOf(row: SubscriptionRow): SubscriptionResource['progress'] {
  const waits = row.failures > 0 && row.state === 'active' && row.turn_at !== null;
  return {
    ...(row.cursor === null ? {} : { cursor: row.cursor }),
    ...(row.delivered_cursor === null ? {} : { deliveredCursor: row.delivered_cursor }),
    pending: row.pending,
    ...(row.oldest_pending_at === null ? {} : { oldestPendingAt: row.oldest_pending_at.toISOString() }),
    failures: row.failures,
    ...(waits && row.turn_at ? { nextAttemptAt: row.turn_at.toISOString() } : {}),
    ...(row.last_delivered_at === null ? {} : { lastDeliveredAt: row.last_delivered_at.toISOString() }),
    ...(row.last_failure ? { lastFailure: row.last_failure } : {}),
  };
}

/** The version that changes by requests, then how it is doing; If-Match looks at the first part alone. */
export const subscriptionEtag = (row: SubscriptionRow): string =>
  `"${row.version}-${hash('sha256', JSON.stringify(presentSubscription(row)), 'base64url').slice(0, 12)}"`;

export interface DeliveryRow extends Record<string, unknown> {
  id: string;
  subscription_id: string;
  kind: DeliveryResource['kind'];
  state: DeliveryResource['state'];
  event_ids: string[];
  after: string | null;
  cursor: string | null;
  bytes: number;
  attempts: DeliveryResource['attempts'];
  created_at: Date;
  finished_at: Date | null;
}

export const deliveryList: ListDefinition = {
  name: 'deliveries',
  select:
    'd.id, d.subscription_id, d.kind, d.state, d.event_ids, d.after, d.cursor, d.bytes, d.attempts, d.created_at, d.finished_at',
  from: 'delivery d',
  filter: {
    id: { type: 'id', sql: 'd.id' },
    kind: { type: 'id', sql: 'd.kind' },
    state: { type: 'id', sql: 'd.state' },
    createdAt: { type: 'instant', sql: 'd.created_at' },
    finishedAt: { type: 'instant', sql: 'd.finished_at' },
  },
  sort: {},
  key: { sql: 'd.seq', type: 'bigint', descending: true },
};

/** Attempts that are shown of one delivery. */
const SHOWN = 20;

export const presentDelivery = (row: DeliveryRow): DeliveryResource => ({
  id: row.id,
  subscriptionId: row.subscription_id,
  kind: row.kind,
  state: row.state,
  eventIds: row.event_ids,
  ...(row.after === null ? {} : { after: row.after }),
  ...(row.cursor === null ? {} : { cursor: row.cursor }),
  bytes: row.bytes,
  createdAt: row.created_at.toISOString(),
  ...(row.finished_at === null ? {} : { finishedAt: row.finished_at.toISOString() }),
  attempts: row.attempts.slice(-SHOWN),
});
