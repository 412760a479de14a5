import { makeEvent } from '@tributary/contracts';
import { newEventId } from '@tributary/runtime';
import { addToOutbox } from '../outbox/outbox.ts';
import type { Queryable } from '../transaction.ts';

export interface ConnectionNews {
  workspace: string;
  platform: string;
  connectionId: string;
  /** What somebody has decided about it. */
  action: 'paused' | 'removed';
  at: Date;
}

/**
 * Tells of a decision, in the transaction that takes it; call it once the connection's row is locked. Its rev is above
 * all that an owner of the connection may have stamped or may yet stamp, and below all of the next owner.
 */
export async function tellOfConnection(tx: Queryable, news: ConnectionNews): Promise<void> {
  const { workspace, platform, connectionId } = news;
  const { rows } = await tx.query<{ rev: string }>(
    `insert into connection_lease as l (connection_id, rev_floor, said_status) values ($1, 1, $2)
     on conflict (connection_id) do update
       set rev_floor = l.rev_floor + 1, said_status = excluded.said_status, said_event = null
     returning rev_floor as rev`,
    [connectionId, news.action],
  );
  const event = makeEvent({
    id: newEventId(),
    name: `connection.${news.action}`,
    workspace,
    platform,
    connectionId,
    subject: connectionId,
    time: news.at.toISOString(),
    origin: 'live',
    data: { connectionId, rev: rows[0]?.rev ?? '1' },
  });
  const routing = {
    workspace,
    event: `connection.${news.action}` as const,
    platform,
    connectionId,
    subjectId: connectionId,
  };
  await addToOutbox(tx, connectionId, { kind: 'event', event, routing });
}
