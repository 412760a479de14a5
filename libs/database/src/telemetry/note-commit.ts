import type { Queryable } from '../transaction.ts';

/**
 * Says of this transaction when it was committed, as exactly as one can before the commit: the rows that it has written
 * know its number. One row, however many points there are.
 */
export async function noteCommit(tx: Queryable, sealedMs: number | undefined): Promise<void> {
  const statement =
    'insert into telemetry_commit (xid, sealed_at) values (pg_current_xact_id()::xid::text::bigint, $1)';
  await tx.query(statement, [sealedMs === undefined ? null : new Date(sealedMs)]);
}
