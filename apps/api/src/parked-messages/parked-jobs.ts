import { Inject, Injectable } from '@nestjs/common';
import type { ParkedJob } from '@tributary/contracts';
import { addToOutbox, inTransaction } from '@tributary/database';
import { newId } from '@tributary/runtime';
import { writeAudit } from '../audit-log/audit-trail.ts';
import type { CallerIdentity } from '../auth/caller.ts';
import { HOUSE, type House } from '../house.ts';
import { notFound, ProblemError } from '../http/problem-error.ts';
import type { ListDefinition, ListRequest } from '../lists/list-query.ts';
import { type ListPage, readList } from '../lists/read-list.ts';
import { Parameters } from '../lists/sql.ts';
import { type ParkedSelection, selected } from './parked-selection.ts';

interface JobRow extends Record<string, unknown> {
  id: string;
  kind: ParkedJob['kind'];
  state: ParkedJob['state'];
  selection: Record<string, unknown>;
  reason: string | null;
  actor: string;
  total: number;
  replayed: number;
  still_parked: number;
  discarded: number;
  skipped: number;
  points: ParkedJob['points'];
  created_at: Date;
  updated_at: Date;
  finished_at: Date | null;
}

const jobList: ListDefinition = {
  name: 'parked-jobs',
  select: `j.id, j.kind, j.state, j.selection, j.reason, j.actor, j.total, j.replayed, j.still_parked, j.discarded, j.skipped,
    j.points, j.created_at, j.updated_at, j.finished_at`,
  from: 'parked_job j',
  filter: {
    id: { type: 'id', sql: 'j.id' },
    kind: { type: 'id', sql: 'j.kind' },
    state: { type: 'id', sql: 'j.state' },
    actor: { type: 'id', sql: 'j.actor' },
    createdAt: { type: 'instant', sql: 'j.created_at' },
  },
  sort: { createdAt: { sql: 'j.created_at', type: 'timestamptz' } },
  key: { sql: 'j.id', type: 'text', descending: true },
};

const presentJob = (row: JobRow): ParkedJob => ({
  id: row.id,
  kind: row.kind,
  state: row.state,
  selection: row.selection,
  ...(row.reason === null ? {} : { reason: row.reason }),
  actor: row.actor,
  total: row.total,
  done: row.replayed + row.still_parked + row.discarded + row.skipped,
  replayed: row.replayed,
  stillParked: row.still_parked,
  discarded: row.discarded,
  skipped: row.skipped,
  points: row.points,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
  ...(row.finished_at === null ? {} : { finishedAt: row.finished_at.toISOString() }),
});

const ACTION = {
  replay: 'parked-messages.replayed',
  rehearsal: 'parked-messages.rehearsed',
  discard: 'parked-messages.discarded',
} as const;

export interface JobDraft {
  kind: ParkedJob['kind'];
  selection: ParkedSelection;
  /** Of a discard. */
  reason?: string;
}

/** Many parked messages that are replayed or discarded one after another, by the intake. */
@Injectable()
export class ParkedJobStore {
  readonly #house: House;

  constructor(@Inject(HOUSE) house: House) {
    this.#house = house;
  }

  list(workspace: string, request: ListRequest): Promise<ListPage<ParkedJob>> {
    return readList<JobRow, ParkedJob>(this.#house.db, {
      definition: jobList,
      request,
      conditions: (parameters) => [`j.workspace_id = ${parameters.add(workspace, 'text')}`],
      present: presentJob,
    });
  }

  /** Throws 404 for a job that is not there or is another workspace's. */
  async get(workspace: string, id: string): Promise<ParkedJob> {
    const { rows } = await this.#house.db.pool.query<JobRow>(
      `select ${jobList.select} from ${jobList.from} where j.id = $1 and j.workspace_id = $2`,
      [id, workspace],
    );
    const [row] = rows;
    if (!row) throw notFound('job');
    return presentJob(row);
  }

  /**
   * Takes on what is parked now and in no other job; what is parked later is not part of it. A job without a message is
   * completed at once. Throws a 400 for a filter that is none.
   */
  async start(caller: CallerIdentity, { kind, selection, reason }: JobDraft, traceId: string): Promise<ParkedJob> {
    const id = newId('pjb');
    const parameters = new Parameters();
    const job = parameters.add(id, 'text');
    const where = selected(caller.workspace, selection, parameters);
    await inTransaction(this.#house.db.pool, async (client) => {
      const { rowCount } = await client.query(
        `update parked_message p set job_id = ${job} where ${where} and p.job_id is null`,
        parameters.values,
      );
      const total = rowCount ?? 0;
      await client.query(
        `insert into parked_job (id, workspace_id, kind, selection, reason, actor, state, total, finished_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, case when $8 = 0 then now() end)`,
        [
          id,
          caller.workspace,
          kind,
          JSON.stringify(selection),
          reason ?? null,
          caller.actor,
          total === 0 ? 'completed' : 'running',
          total,
        ],
      );
      if (total > 0)
        await addToOutbox(client, id, { kind: 'queue', queue: this.#house.replayQueue, body: { jobId: id } });
      const details = { messages: total, ...(reason === undefined ? {} : { reason }) };
      await writeAudit(this.#house.audit, caller, { action: ACTION[kind], target: id, details, traceId }, client);
    });
    return this.get(caller.workspace, id);
  }

  /** What is settled stays so. Throws 409 for a job that has ended. */
  async cancel(caller: CallerIdentity, id: string, traceId: string): Promise<ParkedJob> {
    await this.get(caller.workspace, id);
    await inTransaction(this.#house.db.pool, async (client) => {
      const { rowCount } = await client.query(
        `update parked_job set state = 'cancelled', finished_at = now(), updated_at = now()
         where id = $1 and workspace_id = $2 and state = 'running'`,
        [id, caller.workspace],
      );
      if (rowCount === 0) throw new ProblemError('conflict', 'The job has ended already.');
      await client.query('update parked_message set job_id = null where job_id = $1', [id]);
      await writeAudit(
        this.#house.audit,
        caller,
        { action: 'parked-messages.job-cancelled', target: id, traceId },
        client,
      );
    });
    return this.get(caller.workspace, id);
  }
}
