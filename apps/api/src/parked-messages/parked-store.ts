import { Inject, Injectable } from '@nestjs/common';
import type { parkedMessageResource } from '@tributary/contracts';
import { addToOutbox, inTransaction } from '@tributary/database';
import type { z } from 'zod';
import { writeAudit } from '../audit-log/audit-trail.ts';
import type { CallerIdentity } from '../auth/caller.ts';
import { HOUSE, type House } from '../house.ts';
import { notFound, ProblemError } from '../http/problem-error.ts';
import type { ListDefinition, ListRequest } from '../lists/list-query.ts';
import { type ListPage, readList } from '../lists/read-list.ts';

export type ParkedResource = z.output<typeof parkedMessageResource>;

interface ParkedRow extends Record<string, unknown> {
  id: string;
  workspace_id: string | null;
  queue: string;
  routing_key: string;
  reason: string;
  problems: { path: string; problem: string }[];
  event_id: string | null;
  payload: Buffer;
  state: ParkedResource['state'];
  replays: number;
  parked_at: Date;
}

const parkedList: ListDefinition = {
  name: 'parked-messages',
  select:
    'p.id, p.workspace_id, p.queue, p.routing_key, p.reason, p.problems, p.event_id, p.payload, p.state, p.replays, p.parked_at',
  from: 'parked_message p',
  filter: {
    id: { type: 'id', sql: 'p.id' },
    queue: { type: 'id', sql: 'p.queue' },
    routingKey: { type: 'id', sql: 'p.routing_key' },
    reason: { type: 'id', sql: 'p.reason' },
    eventId: { type: 'id', sql: 'p.event_id' },
    state: { type: 'id', sql: 'p.state' },
    replays: { type: 'number', sql: 'p.replays' },
    parkedAt: { type: 'instant', sql: 'p.parked_at' },
  },
  sort: { parkedAt: { sql: 'p.parked_at', type: 'timestamptz' } },
  key: { sql: 'p.id', type: 'text', descending: true },
};

const presentParked = (row: ParkedRow): ParkedResource => ({
  id: row.id,
  ...(row.workspace_id === null ? {} : { workspace: row.workspace_id }),
  queue: row.queue,
  routingKey: row.routing_key,
  reason: row.reason,
  problems: row.problems,
  ...(row.event_id === null ? {} : { eventId: row.event_id }),
  parkedAt: row.parked_at.toISOString(),
  replays: row.replays,
  state: row.state,
  payload: textOrBase64(row.payload),
});

function textOrBase64(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) ? text : bytes.toString('base64');
}

/** The workspace that may look after messages whose own workspace nobody can tell. */
const HOME_WORKSPACE = 'default';

/**
 * Messages that the intake set aside. Those that do not say whose they are, are shown to the workspace `default` alone.
 */
@Injectable()
export class ParkedStore {
  readonly #house: House;

  constructor(@Inject(HOUSE) house: House) {
    this.#house = house;
  }

  list(workspace: string, request: ListRequest): Promise<ListPage<ParkedResource>> {
    return readList<ParkedRow, ParkedResource>(this.#house.db, {
      definition: parkedList,
      request,
      conditions: (parameters) => [visible(parameters.add(workspace, 'text'))],
      present: presentParked,
    });
  }

  /** Throws 404 for a message that is not there or is another workspace's. */
  async get(workspace: string, id: string): Promise<ParkedResource> {
    const { rows } = await this.#house.db.pool.query<ParkedRow>(
      `select ${parkedList.select} from ${parkedList.from} where p.id = $1 and ${visible('$2::text')}`,
      [id, workspace],
    );
    const row = rows[0];
    if (!row) throw notFound('parked message');
    return presentParked(row);
  }

  /** Hands the message to the intake, by the outbox: it is asked for even if the broker is away now. */
  async replay(caller: CallerIdentity, id: string, traceId: string): Promise<ParkedResource> {
    const message = await this.#parked(caller.workspace, id);
    await inTransaction(this.#house.db.pool, async (client) => {
      await addToOutbox(client, id, { kind: 'queue', queue: this.#house.replayQueue, body: { parkedId: id } });
      await writeAudit(this.#house.audit, caller, { action: 'parked-message.replayed', target: id, traceId }, client);
    });
    return message;
  }

  async discard(caller: CallerIdentity, id: string, traceId: string): Promise<ParkedResource> {
    await this.#parked(caller.workspace, id);
    await inTransaction(this.#house.db.pool, async (client) => {
      await client.query(`update parked_message set state = 'discarded' where id = $1 and state = 'parked'`, [id]);
      await writeAudit(this.#house.audit, caller, { action: 'parked-message.discarded', target: id, traceId }, client);
    });
    return this.get(caller.workspace, id);
  }

  async #parked(workspace: string, id: string): Promise<ParkedResource> {
    const message = await this.get(workspace, id);
    if (message.state !== 'parked') throw new ProblemError('conflict', `The message is ${message.state} already.`);
    return message;
  }
}

const visible = (workspace: string): string =>
  `(p.workspace_id = ${workspace} or (p.workspace_id is null and ${workspace} = '${HOME_WORKSPACE}'))`;
