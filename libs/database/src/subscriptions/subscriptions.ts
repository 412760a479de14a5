import type { SubscribedEvents, SubscriptionBatch } from '@tributary/contracts';
import type pg from 'pg';
import type { CredentialVault } from '../connections/credential-vault.ts';
import type { Database } from '../database.ts';
import type { Queryable } from '../transaction.ts';

/** NOTIFY channel on which every change of a subscription is told, by its id. */
export const SUBSCRIPTIONS_CHANNEL = 'tributary_subscriptions';

/** Where deliveries begin: after an event, or at a time (RFC 3339). */
export type SubscriptionStart = { cursor: string } | { since: string };

export interface NewSubscription {
  id: string;
  workspace: string;
  url: string;
  description?: string | undefined;
  events: SubscribedEvents;
  batch?: SubscriptionBatch | undefined;
  headerNames: string[];
  /** Sealed for (workspace, id), as `secrets` is. */
  headers?: string | undefined;
  secrets: string;
  start: SubscriptionStart;
}

/** What is given replaces what was; `null` takes away. */
export interface SubscriptionChange {
  url?: string;
  description?: string | null;
  events?: SubscribedEvents;
  batch?: SubscriptionBatch | null;
  headers?: { names: string[]; sealed: string | null };
  secrets?: { sealed: string; previousUntil: Date | null };
  paused?: boolean;
  start?: SubscriptionStart;
  /** There is reason to try at once; failures count anew. Ends a suspension. */
  tryAgain?: true;
}

export interface SubscriptionCondition {
  /** In a transaction; the row stays locked until its end. */
  paused: boolean;
  suspended: boolean;
  version: number;
}

/** Subscriptions as callers want them. Written by the api alone; how far each is, is the service of webhooks' to write. */
export class Subscriptions {
  readonly #pool: pg.Pool;

  constructor(db: Pick<Database, 'pool'>) {
    this.#pool = db.pool;
  }

  async create(draft: NewSubscription, runner: Queryable = this.#pool): Promise<void> {
    await runner.query(
      `insert into subscription (id, workspace_id, url, description, events, batch, header_names, headers, secrets,
         secret_updated_at, start, updated_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, now(), $10, now())`,
      [
        draft.id,
        draft.workspace,
        draft.url,
        draft.description ?? null,
        draft.events,
        draft.batch ?? null,
        draft.headerNames,
        draft.headers ?? null,
        draft.secrets,
        draft.start,
      ],
    );
  }

  /** Locks the subscription and says how it is; undefined where there is none. Nobody can suspend it until `tx` ends. */
  async lock(workspace: string, id: string, tx: Queryable): Promise<SubscriptionCondition | undefined> {
    await tx.query('select from subscription where id = $1 and workspace_id = $2 for update', [id, workspace]);
    const { rows } = await tx.query<SubscriptionCondition>(
      `select s.paused, s.version, coalesce(st.suspended_rev = s.clock_rev, false) as suspended
       from subscription s left join subscription_state st on st.subscription_id = s.id
       where s.id = $1 and s.workspace_id = $2`,
      [id, workspace],
    );
    return rows[0];
  }

  /** Call it with the row locked. */
  async change(id: string, change: SubscriptionChange, tx: Queryable): Promise<void> {
    const { headers, secrets } = change;
    await tx.query(
      `update subscription set
         url = coalesce($2, url), description = case when $3 then $4 else description end,
         events = coalesce($5, events), batch = case when $6 then $7::jsonb else batch end,
         header_names = coalesce($8, header_names), headers = case when $8::text[] is null then headers else $9 end,
         secrets = coalesce($10, secrets),
         secret_updated_at = case when $10::text is null then secret_updated_at else now() end,
         previous_secret_until = case when $10::text is null then previous_secret_until else $11 end,
         paused = coalesce($12, paused), start = coalesce($13, start),
         start_rev = start_rev + case when $13::jsonb is null then 0 else 1 end,
         clock_rev = clock_rev + case when $14 then 1 else 0 end,
         version = version + 1, updated_at = now()
       where id = $1`,
      [
        id,
        change.url ?? null,
        change.description !== undefined,
        change.description ?? null,
        change.events ?? null,
        change.batch !== undefined,
        change.batch ?? null,
        headers?.names ?? null,
        headers?.sealed ?? null,
        secrets?.sealed ?? null,
        secrets?.previousUntil ?? null,
        change.paused ?? null,
        change.start ?? null,
        change.tryAgain ?? false,
      ],
    );
  }

  /** With all of its deliveries. */
  async remove(id: string, tx: Queryable): Promise<void> {
    await tx.query('delete from subscription where id = $1', [id]);
  }

  /** Seals secrets and headers of all workspaces with the first key; neither version nor time change. */
  async rotate(vault: CredentialVault): Promise<number> {
    const { rows } = await this.#pool.query<{ id: string; workspace: string; secrets: string; headers: string | null }>(
      'select id, workspace_id as workspace, secrets, headers from subscription order by id',
    );
    let rotated = 0;
    for (const { id, workspace, secrets, headers } of rows) {
      const owner = { workspace, connectionId: id };
      const sealed = [secrets, headers].map((text) => (text === null ? null : vault.rotate(text, owner)));
      if (sealed[0] === secrets && sealed[1] === headers) continue;
      const { rowCount } = await this.#pool.query(
        `update subscription set secrets = $4, headers = $5
         where id = $1 and secrets = $2 and headers is not distinct from $3`,
        [id, secrets, headers, ...sealed],
      );
      rotated += rowCount ?? 0;
    }
    return rotated;
  }
}
