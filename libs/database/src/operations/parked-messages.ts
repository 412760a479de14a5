import { createHash } from 'node:crypto';
import { newId } from '@tributary/runtime';
import type { Database } from '../database.ts';
import { Conditions } from '../page.ts';

export interface MessageToPark {
  /** Absent where not even that could be read. */
  workspace?: string | undefined;
  queue: string;
  exchange: string;
  routingKey: string;
  headers: Record<string, unknown>;
  reason: string;
  problems: readonly { path: string; problem: string }[];
  eventId?: string | undefined;
  payload: Uint8Array;
}

export type ParkedState = 'parked' | 'replayed' | 'discarded';

export interface ParkedMessage {
  id: string;
  workspace: string | null;
  queue: string;
  exchange: string;
  routingKey: string;
  headers: Record<string, unknown>;
  reason: string;
  problems: { path: string; problem: string }[];
  eventId: string | null;
  payload: Buffer;
  state: ParkedState;
  replays: number;
  parkedAt: Date;
  replayedAt: Date | null;
}

const COLUMNS = `
  id, workspace_id as workspace, queue, exchange, routing_key as "routingKey", headers, reason, problems,
  event_id as "eventId", payload, state, replays, parked_at as "parkedAt", replayed_at as "replayedAt"`;

/** Messages that could not be processed, with the reason, until somebody replays or discards them. */
export class ParkedMessages {
  readonly #db: Pick<Database, 'pool'>;

  constructor(db: Pick<Database, 'pool'>) {
    this.#db = db;
  }

  /** The same message in the same queue is parked once; one that fails again after a replay is parked again. Returns its id. */
  async park(message: MessageToPark): Promise<string> {
    const digest = createHash('sha256').update(`${message.queue}\n`).update(message.payload).digest();
    const { rows } = await this.#db.pool.query<{ id: string }>(
      `insert into parked_message as p (id, workspace_id, queue, exchange, routing_key, headers, reason, problems, event_id,
         payload, digest, state)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'parked')
       on conflict (digest) do update set reason = excluded.reason, problems = excluded.problems, headers = excluded.headers,
         state = 'parked'
       returning id`,
      [
        newId('prk'),
        message.workspace ?? null,
        message.queue,
        message.exchange,
        message.routingKey,
        withoutNul(message.headers),
        message.reason.replaceAll('\0', ''),
        withoutNul(message.problems),
        message.eventId ?? null,
        Buffer.from(message.payload),
        digest,
      ],
    );
    return (rows[0] as { id: string }).id;
  }

  async get(workspace: string | undefined, id: string): Promise<ParkedMessage | undefined> {
    const where = new Conditions().and('id = ?', id).and('workspace_id = ?', workspace);
    const { rows } = await this.#db.pool.query<ParkedMessage>(
      `select ${COLUMNS} from parked_message where ${where.sql}`,
      where.values,
    );
    return rows[0];
  }

  /** Call after the broker confirmed the replayed message. False when there is no such message. */
  async markReplayed(id: string): Promise<boolean> {
    const { rowCount } = await this.#db.pool.query(
      `update parked_message set state = 'replayed', replays = replays + 1, replayed_at = now() where id = $1`,
      [id],
    );
    return rowCount === 1;
  }

  /** Messages that wait, for the metric. */
  async count(): Promise<number> {
    const { rows } = await this.#db.pool.query<{ n: number }>(
      `select count(*)::int as n from parked_message where state = 'parked'`,
    );
    return rows[0]?.n ?? 0;
  }
}

/** A parked message is bad by nature; its headers must not be able to keep it from being parked. */
const withoutNul = (value: unknown): string =>
  JSON.stringify(value, (_key, part) => (typeof part === 'string' ? part.replaceAll('\0', '').toWellFormed() : part));
