import { type EntityData, entityId, makeEvent } from '@tributary/contracts';
import { newEventId } from '@tributary/runtime';
import { addToOutbox } from '../outbox/outbox.ts';
import type { Queryable } from '../transaction.ts';

export interface EntityNews {
  workspace: string;
  platform: string;
  connectionId: string;
  /** What somebody has had done to it on the platform. */
  action: 'created' | 'updated' | 'removed';
  at: Date;
  /** As the platform has it now; without attributes where it is gone. */
  entity: Omit<EntityData, 'rev'>;
  traceparent?: string | undefined;
}

/** A rev is milliseconds, then 16 bits of a counter, then 5 bits of whoever stamped it. */
const MS_SHIFT = 21n;
const COUNTER_SHIFT = 5n;
/** Steps of the counter in a microsecond: a thousand of them stay below its 16 bits. */
const STEPS = 65n;

/**
 * Tells of a change of a record that was made through us. Its rev is of the same form as those of adapters, stamped by
 * the one clock of the database: what an adapter sees of the record later has a greater one. Call it when the platform
 * has taken the change.
 */
export async function tellOfEntity(tx: Queryable, news: EntityNews): Promise<void> {
  const { workspace, platform, connectionId, action, entity } = news;
  const subject = entityId(connectionId, entity.entityType, entity.nativeId);
  const event = makeEvent({
    id: newEventId(),
    name: `entity.${action}`,
    workspace,
    platform,
    connectionId,
    subject,
    time: news.at.toISOString(),
    origin: 'live',
    data: { ...entity, rev: await stampedNow(tx) },
    traceparent: news.traceparent,
  });
  const routing = { workspace, event: `entity.${action}` as const, platform, connectionId, subjectId: subject };
  await addToOutbox(tx, subject, { kind: 'event', event, routing });
}

/** Microseconds fill the counter, so that stampings follow each other as the database's clock does. */
async function stampedNow(tx: Queryable): Promise<string> {
  const { rows } = await tx.query<{ us: string }>(
    'select floor(extract(epoch from clock_timestamp()) * 1000000)::bigint as us',
  );
  const us = BigInt(rows[0]?.us ?? 0);
  return String(((us / 1_000n) << MS_SHIFT) | (((us % 1_000n) * STEPS) << COUNTER_SHIFT));
}
