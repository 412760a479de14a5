import type { BackfillState } from '@tributary/contracts';
import { newId } from '@tributary/runtime';
import type pg from 'pg';
import type { CheckpointValue } from '../connections/checkpoints.ts';
import type { Database } from '../database.ts';
import { inTransaction, type Queryable } from '../transaction.ts';
import { begin, end, holdsLease, settle, shortened, tell } from './backfill-ends.ts';
import {
  type NewBackfill,
  type OpenPart,
  PART_COLUMNS,
  type PartClaim,
  type PartRow,
  presentPart,
} from './backfill-rows.ts';
import { insertParts } from './part-rows.ts';

/** Progress is told no more often than this. */
const TELL_EVERY_MS = 2_000;

/** What is written with a step of a part, in its transaction; it is told whether the step was taken. */
type Also = (tx: Queryable) => Promise<void>;

/**
 * The only writer of backfills and their parts. Every step of a part is conditional on the lease's epoch and on the
 * attempt that claimed it: a zombie changes nothing. The row of the backfill is locked before those of its parts.
 */
export class Backfills {
  readonly #pool: pg.Pool;

  constructor(db: Pick<Database, 'pool'>) {
    this.#pool = db.pool;
  }

  /** In a transaction. One without parts has nothing to bring, and is completed at once. Returns its id. */
  async plan(draft: NewBackfill, tx: Queryable): Promise<string> {
    const id = newId('bkf');
    await tx.query(
      `insert into backfill (id, workspace_id, connection_id, kind, state, from_ts, to_ts, device_ids, filter, signals,
         only_gaps, asked_by, estimated_calls, estimated_ms, reason)
       values ($1, $2, $3, $4, 'planned', to_timestamp($5::float8 / 1000), to_timestamp($6::float8 / 1000), $7, $8, $9,
         $10, $11, $12, $13, $14)`,
      [
        id,
        draft.workspace,
        draft.connectionId,
        draft.kind,
        draft.fromMs,
        draft.toMs,
        draft.deviceIds ?? [],
        draft.filter ?? null,
        draft.signals ?? [],
        draft.onlyGaps,
        draft.askedBy ?? null,
        Math.round(draft.estimate.calls),
        Math.round(draft.estimate.ms),
        draft.reason ?? null,
      ],
    );
    await insertParts(tx, id, draft);
    if (draft.parts.length === 0) {
      await begin(tx, id);
      await settle(tx, id);
    }
    return id;
  }

  /**
   * Parts of these connections that may be tried now, the most urgent first: up to `each` of every connection, and those
   * among `running` not counted. A part that was claimed under an earlier lease, or by an attempt that this process does
   * not know, is open again.
   */
  async open(connectionIds: readonly string[], each: number): Promise<OpenPart[]> {
    if (connectionIds.length === 0) return [];
    const { rows } = await this.#pool.query<PartRow>(
      `select ${PART_COLUMNS} from unnest($1::text[]) as c(id)
       cross join lateral (
         select * from backfill_part p where p.connection_id = c.id and p.state in ('waiting', 'running') and p.not_before <= now()
         order by p.urgency, p.not_before, p.backfill_id, p.number limit $2
       ) p join backfill b on b.id = p.backfill_id`,
      [connectionIds, each],
    );
    return rows.map(presentPart);
  }

  /**
   * Takes an open part for the lease named. Undefined when the lease is another's by now, or the part is no longer open,
   * or was claimed since it was read.
   */
  claim(part: OpenPart, epoch: number): Promise<OpenPart | undefined> {
    return inTransaction(this.#pool, async (tx) => {
      if (!(await holdsLease(tx, { connectionId: part.connectionId, epoch }))) return undefined;
      const { rowCount } = await tx.query('select from backfill where id = $1 for update', [part.backfillId]);
      if (!rowCount) return undefined;
      const { rows } = await tx.query<PartRow>(
        `update backfill_part p set state = 'running', attempts = p.attempts + 1, epoch = $4, updated_at = now()
         from backfill b
         where b.id = p.backfill_id and p.backfill_id = $1 and p.number = $2 and p.attempts = $3
           and p.state in ('waiting', 'running') and b.state in ('planned', 'running')
         returning ${PART_COLUMNS}`,
        [part.backfillId, part.number, part.attempts, epoch],
      );
      if (!rows[0]) return undefined;
      await begin(tx, part.backfillId);
      return presentPart(rows[0]);
    });
  }

  /**
   * A page of it is confirmed. False when the part is no longer ours to read: the lease was lost, or it was cancelled.
   * `also` is written with it or not at all.
   */
  paged(
    claim: PartClaim,
    page: { points: number; calls: number; resume?: CheckpointValue | undefined },
    also: Also = nothing,
  ): Promise<boolean> {
    return inTransaction(this.#pool, async (tx) => {
      if (!(await holdsLease(tx, claim))) return false;
      const telling = await tx.query(
        `update backfill set told_at = now(), updated_at = now()
         where id = $1 and state = 'running' and coalesce(told_at, started_at) <= now() - $2 * interval '1 millisecond'`,
        [claim.backfillId, TELL_EVERY_MS],
      );
      const { rowCount } = await tx.query(
        `update backfill_part set points = points + $4, calls = calls + $5, resume = coalesce($6, resume), refusals = 0,
           updated_at = now()
         where backfill_id = $1 and number = $2 and ${CLAIMED}`,
        [...keyOf(claim), page.points, page.calls, page.resume ?? null],
      );
      if (!rowCount) return false;
      await also(tx);
      if (telling.rowCount) await tell(tx, claim.backfillId, 'progressed');
      return true;
    });
  }

  /** It was read to its end, or cannot be had; the backfill ends with its last part. False as for `paged`. */
  finish(
    claim: PartClaim,
    end: { state: 'done' | 'unrecoverable'; calls: number; reason?: string },
    also: Also = nothing,
  ): Promise<boolean> {
    return inTransaction(this.#pool, async (tx) => {
      if (!(await holdsLease(tx, claim))) return false;
      await tx.query('select from backfill where id = $1 for update', [claim.backfillId]);
      const { rowCount } = await tx.query(
        `update backfill_part set state = $4, calls = calls + $5, reason = $6, resume = null, updated_at = now()
         where backfill_id = $1 and number = $2 and ${CLAIMED}`,
        [...keyOf(claim), end.state, end.calls, shortened(end.reason)],
      );
      if (!rowCount) return false;
      await also(tx);
      await settle(tx, claim.backfillId);
      return true;
    });
  }

  /** It failed, and is open again after `waitMs`. False as for `paged`. */
  async postpone(
    claim: PartClaim,
    failure: { waitMs: number; refused: boolean; calls: number; reason: string },
  ): Promise<boolean> {
    const { rowCount } = await this.#pool.query(
      `update backfill_part set state = 'waiting', not_before = now() + $4 * interval '1 millisecond',
         refusals = refusals + $5, calls = calls + $6, reason = $7, updated_at = now()
       where backfill_id = $1 and number = $2 and ${CLAIMED}`,
      [...keyOf(claim), Math.round(failure.waitMs), failure.refused ? 1 : 0, failure.calls, shortened(failure.reason)],
    );
    return rowCount === 1;
  }

  /** In a transaction. What is under way ends with its page. */
  async cancel(workspace: string, id: string, tx: Queryable): Promise<'cancelled' | 'too-late' | 'not-found'> {
    const { rows } = await tx.query<{ state: BackfillState }>(
      'select state from backfill where id = $1 and workspace_id = $2 for update',
      [id, workspace],
    );
    const state = rows[0]?.state;
    if (state === undefined) return 'not-found';
    if (state !== 'planned' && state !== 'running') return 'too-late';
    await end(tx, id, 'cancelled', 'asked for by a caller');
    return 'cancelled';
  }

  /** In a transaction: nobody will read what is open of this connection any more. */
  async abandon(connectionId: string, reason: string, tx: Queryable): Promise<void> {
    const { rows } = await tx.query<{ id: string }>(
      `select id from backfill where connection_id = $1 and state in ('planned', 'running') order by id for update`,
      [connectionId],
    );
    for (const { id } of rows) await end(tx, id, 'failed', reason);
  }

  /** Open parts of the connections, by state, and since when the oldest is due; for metrics. */
  async census(connectionIds: readonly string[]): Promise<{ waiting: number; running: number; oldestMs: number }> {
    const { rows } = await this.#pool.query<{ waiting: number; running: number; oldest: number | null }>(
      `select count(*) filter (where p.state = 'waiting')::int as waiting,
         count(*) filter (where p.state = 'running')::int as running,
         (extract(epoch from now() - min(b.created_at)) * 1000)::float8 as oldest
       from backfill_part p join backfill b on b.id = p.backfill_id
       where p.connection_id = any($1) and p.state in ('waiting', 'running')`,
      [connectionIds],
    );
    const { waiting = 0, running = 0, oldest = 0 } = rows[0] ?? {};
    return { waiting, running, oldestMs: Math.max(0, oldest ?? 0) };
  }

  /** What repairs of the connection are still open. */
  async openRepairs(connectionId: string): Promise<OpenPart[]> {
    const { rows } = await this.#pool.query<PartRow>(
      `select ${PART_COLUMNS} from backfill_part p join backfill b on b.id = p.backfill_id
       where p.connection_id = $1 and p.state in ('waiting', 'running') and b.kind = 'repair'`,
      [connectionId],
    );
    return rows.map(presentPart);
  }

  /** Parts of repairs of the connection that came to their end within the last day, and when; the newest thousand. */
  async repairsLately(connectionId: string): Promise<(OpenPart & { endedMs: number })[]> {
    const { rows } = await this.#pool.query<PartRow & { ended_ms: number }>(
      `select ${PART_COLUMNS}, (extract(epoch from p.updated_at) * 1000)::float8 as ended_ms
       from backfill b join backfill_part p on p.backfill_id = b.id
       where b.connection_id = $1 and b.kind = 'repair' and b.created_at > now() - interval '2 days'
         and p.state = 'done' and p.updated_at > now() - interval '1 day'
       order by p.updated_at desc limit 1000`,
      [connectionId],
    );
    return rows.map((row) => ({ ...presentPart(row), endedMs: row.ended_ms }));
  }

  /** Plans for the owner of the connection only: undefined when the lease is another's by now. */
  planAsOwner(draft: NewBackfill, epoch: number): Promise<string | undefined> {
    return inTransaction(this.#pool, async (tx) =>
      (await holdsLease(tx, { connectionId: draft.connectionId, epoch })) ? this.plan(draft, tx) : undefined,
    );
  }
}

const CLAIMED = `attempts = $3 and state = 'running'`;
const keyOf = ({ backfillId, number, attempt }: PartClaim) => [backfillId, number, attempt];
const nothing: Also = async () => undefined;
