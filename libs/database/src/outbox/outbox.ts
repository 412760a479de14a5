import type { AnyEvent, RoutingParts } from '@tributary/contracts';
import { newEventId } from '@tributary/runtime';
import type { Queryable } from '../transaction.ts';

/** NOTIFY channel that wakes relays. */
export const OUTBOX_CHANNEL = 'tributary_outbox';
/** Relays share the work by lanes; messages of one aggregate are always in one lane. */
export const LANES = 16;

/** What is to be published because of what the same transaction writes. */
export type OutboxMessage =
  | { kind: 'event'; event: AnyEvent; routing: RoutingParts }
  | { kind: 'queue'; queue: string; body: unknown; expiresAtMs?: number };

/** A message as the relay reads it. */
export interface OutboxRow {
  seq: string;
  messageId: string;
  aggregate: string;
  message: OutboxMessage;
}

/**
 * Adds a message to the transaction of `tx`. Messages of one aggregate are published in the order in which they were
 * added, provided their transactions followed each other, as those do that lock the aggregate's row first.
 */
export async function addToOutbox(tx: Queryable, aggregate: string, message: OutboxMessage): Promise<void> {
  const id = message.kind === 'event' ? message.event.id : newEventId();
  await tx.query(
    `with added as (
       insert into outbox (message_id, lane, aggregate, message) values ($1, abs(hashtext($2::text) % ${LANES}), $2, $3)
     )
     select pg_notify('${OUTBOX_CHANNEL}', '')`,
    [id, aggregate, JSON.stringify(message)],
  );
}
