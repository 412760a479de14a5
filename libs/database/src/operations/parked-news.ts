import {
  houseRouting,
  isWord,
  MAX_TOLD_PROBLEMS,
  makeHouseEvent,
  origin,
  type ParkedKind,
  type ParkedProblem,
  parkedMessageData,
} from '@tributary/contracts';
import { newEventId } from '@tributary/runtime';
import type { Database } from '../database.ts';
import { addToOutbox } from '../outbox/outbox.ts';
import { inTransaction, type Queryable } from '../transaction.ts';

/** A group is told of at most so often; what is parked of it in between is counted. */
const TOLD_EVERY = "interval '1 minute'";
const AT_ONCE = 100;
const EVENT = 'parked-message.parked';

/** A row that is news: it was not parked before. */
export interface NewlyParked {
  id: string;
  workspace: string | null;
  fingerprint: string;
}

interface Told {
  count: number;
  since: Date;
  at: Date;
}

interface ParkedRow {
  kind: ParkedKind;
  reason: string;
  problems: ParkedProblem[];
  platform: string | null;
  area: string | null;
  connectionId: string | null;
  deviceId: string | null;
  origin: string | null;
}

/** Whose parked messages have no workspace are shown to the first one. */
const workspaceOf = (workspace: string | null): string =>
  workspace !== null && isWord(workspace) ? workspace : 'default';

/** In the transaction that parks it: the first of a group is told at once, and one that comes when a minute has passed. */
export async function noteParked(tx: Queryable, parked: NewlyParked): Promise<void> {
  const { id, fingerprint } = parked;
  const workspace = workspaceOf(parked.workspace);
  const { rows: first } = await tx.query<{ at: Date }>(
    `insert into parked_news (workspace_id, fingerprint, told_at) values ($1, $2, now())
     on conflict do nothing returning now() as at`,
    [workspace, fingerprint],
  );
  if (first[0]) return tell(tx, { workspace, fingerprint, id }, { count: 1, since: first[0].at, at: first[0].at });
  const { rows } = await tx.query<{ due: boolean }>(
    `update parked_news set untold = untold + 1, untold_since = coalesce(untold_since, now()), newest_id = $3
     where workspace_id = $1 and fingerprint = $2 returning told_at < now() - ${TOLD_EVERY} as due`,
    [workspace, fingerprint, id],
  );
  if (rows[0]?.due) await tellDue(tx, 1, { workspace, fingerprint });
}

/** Tells of groups of which more has been parked since they were last told of, once their minute has passed. */
export class ParkedNews {
  readonly #db: Pick<Database, 'pool'>;

  constructor(db: Pick<Database, 'pool'>) {
    this.#db = db;
  }

  /** How many groups were told of. Any number of processes may do it: each group is told once. */
  tellRest(): Promise<number> {
    return inTransaction(this.#db.pool, (tx) => tellDue(tx, AT_ONCE));
  }
}

const DUE = `
  with due as (
    select workspace_id, fingerprint, untold, untold_since, newest_id from parked_news
    where untold > 0 and told_at < now() - ${TOLD_EVERY}
      and ($2::text is null or (workspace_id = $2 and fingerprint = $3))
    order by workspace_id, fingerprint limit $1 for update skip locked
  )
  update parked_news n set told_at = now(), untold = 0, untold_since = null, newest_id = null from due d
  where n.workspace_id = d.workspace_id and n.fingerprint = d.fingerprint
  returning n.workspace_id as workspace, n.fingerprint, d.newest_id as id, d.untold as count, d.untold_since as since,
    now() as at`;

async function tellDue(
  tx: Queryable,
  most: number,
  group?: { workspace: string; fingerprint: string },
): Promise<number> {
  const { rows } = await tx.query<Told & { workspace: string; fingerprint: string; id: string }>(DUE, [
    most,
    group?.workspace ?? null,
    group?.fingerprint ?? null,
  ]);
  for (const row of rows) await tell(tx, row, row);
  return rows.length;
}

async function tell(
  tx: Queryable,
  { workspace, fingerprint, id }: { workspace: string; fingerprint: string; id: string },
  { count, since, at }: Told,
): Promise<void> {
  const { rows } = await tx.query<ParkedRow>(
    `select kind, reason, problems, platform, area, connection_id as "connectionId", device_id as "deviceId",
       headers ->> 'cloudEvents_origin' as origin from parked_message where id = $1`,
    [id],
  );
  const [row] = rows;
  if (!row) return;
  const data = {
    parkedMessageId: id,
    fingerprint,
    kind: row.kind,
    reason: row.reason,
    problems: row.problems.slice(0, MAX_TOLD_PROBLEMS),
    count,
    since: since.toISOString(),
    ...aboutOf(row),
  };
  const event = makeHouseEvent({ id: newEventId(), name: EVENT, workspace, time: at.toISOString(), data });
  await addToOutbox(tx, id, { kind: 'event', event, routing: houseRouting(workspace, EVENT, id) });
}

/** What the row says of where it came from, as far as it has the form of what it says: a stranger may have written it. */
function aboutOf(row: ParkedRow) {
  const { platform, area, connectionId, deviceId } = row;
  const { shape } = parkedMessageData;
  const fits = { platform, area, connectionId, deviceId, origin: origin.safeParse(row.origin).data ?? null };
  return Object.fromEntries(
    Object.entries(fits).filter(
      ([name, value]) => value !== null && shape[name as keyof typeof fits].safeParse(value).success,
    ),
  ) as { [K in keyof typeof fits]?: NonNullable<(typeof fits)[K]> };
}
