import type { SubscribedEvents, SubscriptionBatch } from '@tributary/contracts';
import { newId } from '@tributary/runtime';
import type pg from 'pg';
import type { Database } from '../database.ts';
import { addToOutbox, type OutboxMessage } from '../outbox/outbox.ts';
import { inTransaction, type Queryable } from '../transaction.ts';
import type { SubscriptionLease } from './subscription-leases.ts';
import type { SubscriptionStart } from './subscriptions.ts';

/** What is to be planned, and where it stands. */
export interface PlannedSubscription {
  id: string;
  workspace: string;
  events: SubscribedEvents;
  batch: SubscriptionBatch | null;
  start: SubscriptionStart;
  /** `start` is where to begin: nothing was planned from it yet. */
  begins: boolean;
  startRev: number;
  /** Everything up to here is planned; null where nothing was looked at yet. */
  cursor: string | null;
}

/** One POST to be. */
export interface DeliveryDraft {
  kind: 'events' | 'resync';
  eventIds: string[];
  after: string | null;
  cursor: string | null;
  mediaType: string;
  body: string;
}

/** How much waits to be sent. */
export interface Backlog {
  deliveries: number;
  bytes: number;
}

export interface Planned extends Backlog {
  /** Nothing was pending before: somebody must be told that there is a turn to take. */
  wasIdle: boolean;
}

interface Scope extends SubscriptionLease {
  startRev: number;
}

/**
 * Puts down which deliveries there are to be and how far the event log was read for them, both in one transaction: after
 * a crash at any moment no event is left out, and none is planned twice. Everything is undone by a newer lease or start.
 */
export class DeliveryPlans {
  readonly #pool: pg.Pool;

  constructor(db: Pick<Database, 'pool'>) {
    this.#pool = db.pool;
  }

  /** Undefined when the lease is not held any more, or the subscription was removed. */
  async load({ id, epoch }: SubscriptionLease): Promise<PlannedSubscription | undefined> {
    const { rows } = await this.#pool.query<PlannedSubscription>(
      `select s.id, s.workspace_id as workspace, s.events, s.batch, s.start, s.start_rev as "startRev",
         st.start_rev < s.start_rev as begins, st.cursor
       from subscription s join subscription_state st on st.subscription_id = s.id
       where s.id = $1 and st.epoch = $2`,
      [id, String(epoch)],
    );
    return rows[0];
  }

  /** Gives up what is pending, and begins at `cursor`. False when the lease is not held any more. */
  async begin({ id, epoch, startRev }: Scope, cursor: string | null): Promise<boolean> {
    return inTransaction(this.#pool, async (tx) => {
      const { rows } = await tx.query<{ done: string }>(
        'select done_seq as done from subscription_state where subscription_id = $1 and epoch = $2 and start_rev < $3 for update',
        [id, String(epoch), startRev],
      );
      if (!rows[0]) return false;
      await tx.query(
        `update delivery set state = 'abandoned', body = null, finished_at = now()
         where subscription_id = $1 and seq > $2 and state = 'pending'`,
        [id, rows[0].done],
      );
      await tx.query(
        `update subscription_state set cursor = $2, start_rev = $3, done_seq = next_seq - 1, pending_bytes = 0, turn_at = null
         where subscription_id = $1`,
        [id, cursor, startRev],
      );
      return true;
    });
  }

  /** Looked at, and nothing in it was wanted. False when the lease is not held any more, or there is a newer start. */
  async skip({ id, epoch, startRev }: Scope, cursor: string): Promise<boolean> {
    const { rowCount } = await this.#pool.query(
      'update subscription_state set cursor = $4 where subscription_id = $1 and epoch = $2 and start_rev = $3',
      [id, String(epoch), startRev, cursor],
    );
    return rowCount === 1;
  }

  /** Undefined when the lease is not held any more, or there is a newer start: then nothing was planned. */
  async plan(
    { id, epoch, startRev }: Scope,
    drafts: readonly DeliveryDraft[],
    cursor: string,
    runner: Queryable = this.#pool,
  ): Promise<Planned | undefined> {
    const { rows } = await runner.query<Planned>(
      `with before as (
         select subscription_id as id, workspace_id, next_seq, turn_at is null as idle from subscription_state
         where subscription_id = $1 and epoch = $2 and start_rev = $3 for update
       ),
       added as (
         insert into delivery (id, workspace_id, subscription_id, seq, kind, state, event_ids, after, cursor, media_type, body, bytes)
         select d.id, before.workspace_id, before.id, before.next_seq + d.n - 1, d.kind, 'pending', string_to_array(d.events, ','),
           d.after, d.cursor, d.media_type, d.body, d.bytes
         from before, unnest($5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::int[])
           with ordinality as d(id, kind, events, after, cursor, media_type, body, bytes, n)
       )
       update subscription_state st
       set cursor = $4, next_seq = st.next_seq + $13, pending_bytes = pending_bytes + $14, turn_at = coalesce(turn_at, now())
       from before where st.subscription_id = before.id
       returning before.idle as "wasIdle", (st.next_seq - 1 - st.done_seq)::int as deliveries, st.pending_bytes as bytes`,
      [id, String(epoch), startRev, cursor, ...columns(drafts)],
    );
    return rows[0];
  }

  /** The same, with a message that is published if and only if this is planned. */
  planAndTell(
    scope: Scope,
    draft: DeliveryDraft,
    cursor: string,
    message: OutboxMessage,
  ): Promise<Planned | undefined> {
    return inTransaction(this.#pool, async (tx) => {
      const planned = await this.plan(scope, [draft], cursor, tx);
      if (planned) await addToOutbox(tx, scope.id, message);
      return planned;
    });
  }

  /** Undefined when the lease is not held any more. */
  async backlog({ id, epoch }: SubscriptionLease): Promise<Backlog | undefined> {
    const { rows } = await this.#pool.query<Backlog>(
      `select (next_seq - 1 - done_seq)::int as deliveries, pending_bytes as bytes from subscription_state
       where subscription_id = $1 and epoch = $2`,
      [id, String(epoch)],
    );
    return rows[0];
  }
}

function columns(drafts: readonly DeliveryDraft[]): unknown[] {
  const bytes = drafts.map((draft) => Buffer.byteLength(draft.body));
  return [
    drafts.map(() => newId('dlv')),
    drafts.map((draft) => draft.kind),
    drafts.map((draft) => draft.eventIds.join(',')),
    drafts.map((draft) => draft.after),
    drafts.map((draft) => draft.cursor),
    drafts.map((draft) => draft.mediaType),
    drafts.map((draft) => draft.body),
    bytes,
    drafts.length,
    bytes.reduce((sum, n) => sum + n, 0),
  ];
}
