import { type BackfillData, makeEvent } from '@tributary/contracts';
import { newEventId } from '@tributary/runtime';
import { addToOutbox } from '../outbox/outbox.ts';
import type { Queryable } from '../transaction.ts';
import type { BackfillStanding } from './backfill-rows.ts';

export type BackfillAction = 'started' | 'progressed' | 'completed' | 'cancelled' | 'failed';

/**
 * Tells of a backfill, in the transaction that changes it. What it says was brought is confirmed by the bus: so the event
 * stands behind all of these points in the log.
 */
export async function tellOfBackfill(
  tx: Queryable,
  action: BackfillAction,
  standing: BackfillStanding,
  at: Date,
): Promise<void> {
  const { id, workspace, platform, connectionId } = standing;
  const name = `backfill.${action}` as const;
  const event = makeEvent({
    id: newEventId(),
    name,
    workspace,
    platform,
    connectionId,
    subject: id,
    time: at.toISOString(),
    // It is news of now; what it tells of is not.
    origin: 'live',
    data: dataOf(standing),
  });
  await addToOutbox(tx, id, {
    kind: 'event',
    event,
    routing: { workspace, event: name, platform, connectionId, subjectId: id },
  });
}

const dataOf = ({ id, fromMs, toMs, connectionId, kind, state, parts, points, calls, reason }: BackfillStanding) =>
  ({
    backfillId: id,
    connectionId,
    kind,
    state,
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    parts,
    points,
    calls,
    ...(reason === undefined ? {} : { reason }),
  }) satisfies BackfillData;
