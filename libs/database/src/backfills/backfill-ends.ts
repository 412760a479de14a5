import type { Queryable } from '../transaction.ts';
import { tellOfBackfill } from './backfill-events.ts';
import { type BackfillStanding, partCounts, STANDING, type StandingRow } from './backfill-rows.ts';

const LONGEST_REASON = 500;

export const shortened = (reason: string | undefined): string | null => reason?.slice(0, LONGEST_REASON) ?? null;

/** The share lock keeps a take-over waiting until this is committed. */
export async function holdsLease(
  tx: Queryable,
  { connectionId, epoch }: { connectionId: string; epoch: number },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    'select from connection_lease where connection_id = $1 and epoch = $2 and replica is not null for share',
    [connectionId, epoch],
  );
  return rowCount === 1;
}

export async function begin(tx: Queryable, id: string): Promise<void> {
  const { rowCount } = await tx.query(
    `update backfill set state = 'running', started_at = now(), updated_at = now() where id = $1 and state = 'planned'`,
    [id],
  );
  if (rowCount) await tell(tx, id, 'started');
}

/** Ends the backfill when nothing of it is open any more. */
export async function settle(tx: Queryable, id: string): Promise<void> {
  const standing = await standingOf(tx, id);
  const { waiting, running, total, unrecoverable } = standing.parts;
  if (standing.state !== 'running' || waiting + running > 0) return;
  const lost = unrecoverable === 0 ? undefined : `${unrecoverable} of ${total} parts cannot be had`;
  await end(tx, id, total > 0 && unrecoverable === total ? 'failed' : 'completed', lost);
}

export async function end(tx: Queryable, id: string, state: 'completed' | 'cancelled' | 'failed', reason?: string) {
  await tx.query(
    `update backfill set state = $2, ended_at = now(), updated_at = now(), reason = coalesce($3, reason) where id = $1`,
    [id, state, shortened(reason)],
  );
  await tx.query(
    `update backfill_part set state = 'cancelled', updated_at = now()
     where backfill_id = $1 and state in ('waiting', 'running')`,
    [id],
  );
  await tell(tx, id, state);
}

export async function tell(tx: Queryable, id: string, action: Parameters<typeof tellOfBackfill>[1]): Promise<void> {
  const standing = await standingOf(tx, id);
  await tellOfBackfill(tx, action, standing, standing.at);
}

async function standingOf(tx: Queryable, id: string): Promise<BackfillStanding & { at: Date }> {
  const { rows } = await tx.query<
    StandingRow &
      Pick<BackfillStanding, 'id' | 'workspace' | 'connectionId' | 'platform' | 'kind' | 'state'> & {
        fromTs: Date;
        toTs: Date;
        reason: string | null;
        at: Date;
      }
  >(
    `select b.id, b.workspace_id as workspace, b.connection_id as "connectionId", c.platform, b.kind, b.state,
       b.from_ts as "fromTs", b.to_ts as "toTs", b.reason, now() as at, ${STANDING}
     from backfill b join connection c on c.id = b.connection_id where b.id = $1`,
    [id],
  );
  const [row] = rows;
  if (!row) throw new RangeError(`there is no backfill ${id}`);
  const { fromTs, toTs, reason, by_state: byState, ...rest } = row;
  return {
    ...rest,
    fromMs: fromTs.getTime(),
    toMs: toTs.getTime(),
    parts: partCounts(byState),
    ...(reason === null ? {} : { reason }),
  };
}
