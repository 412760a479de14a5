import { Inject, Injectable } from '@nestjs/common';
import type { ParkedResource } from '@tributary/contracts';
import { addToOutbox, discardParked, inTransaction } from '@tributary/database';
import { writeAudit } from '../audit-log/audit-trail.ts';
import type { CallerIdentity } from '../auth/caller.ts';
import { HOUSE, type House } from '../house.ts';
import { notFound, ProblemError } from '../http/problem-error.ts';
import type { ListRequest } from '../lists/list-query.ts';
import { type ListPage, readList } from '../lists/read-list.ts';
import { type ParkedRow, parkedList, presentParked, visibleParked } from './parked-list.ts';

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
      conditions: (parameters) => [visibleParked(parameters.add(workspace, 'text'))],
      present: presentParked,
    });
  }

  /** Throws 404 for a message that is not there or is another workspace's. */
  async get(workspace: string, id: string): Promise<ParkedResource> {
    const { rows } = await this.#house.db.pool.query<ParkedRow>(
      `select ${parkedList.select} from ${parkedList.from} where p.id = $1 and ${visibleParked('$2::text')}`,
      [id, workspace],
    );
    const row = rows[0];
    if (!row) throw notFound('parked message');
    return presentParked(row);
  }

  /** The same; throws 409 for one that is settled. */
  async parked(workspace: string, id: string): Promise<ParkedResource> {
    const message = await this.get(workspace, id);
    if (message.state !== 'parked') throw new ProblemError('conflict', `The message is ${message.state} already.`);
    return message;
  }

  /** Hands the message to the intake, by the outbox: it is asked for even if the broker is away now. */
  async replay(caller: CallerIdentity, id: string, traceId: string): Promise<ParkedResource> {
    const message = await this.parked(caller.workspace, id);
    await inTransaction(this.#house.db.pool, async (client) => {
      await addToOutbox(client, id, { kind: 'queue', queue: this.#house.replayQueue, body: { parkedId: id } });
      await writeAudit(this.#house.audit, caller, { action: 'parked-message.replayed', target: id, traceId }, client);
    });
    return message;
  }

  /** Gives it up, with its place in the account. Throws 409 for one that a job is about to settle. */
  async discard(
    caller: CallerIdentity,
    id: string,
    { reason = 'no reason was given', traceId }: { reason?: string | undefined; traceId: string },
  ): Promise<ParkedResource> {
    await this.parked(caller.workspace, id);
    await inTransaction(this.#house.db.pool, async (client) => {
      const discarded = await discardParked(client, { ids: [id], reason, actor: caller.actor });
      if (discarded === 0) throw new ProblemError('conflict', 'A job is about to settle the message; cancel it first.');
      const entry = { action: 'parked-message.discarded', target: id, details: { reason, messages: 1 }, traceId };
      await writeAudit(this.#house.audit, caller, entry, client);
    });
    return this.get(caller.workspace, id);
  }
}
