import type { ParkPoints, ParkVerdict } from '@tributary/contracts';
import { settleDiscarded } from '../conservation/intake-book.ts';
import type { Database } from '../database.ts';
import { inTransaction, type Queryable } from '../transaction.ts';
import type { ParkedState } from './parked-messages.ts';

export interface RunningJob {
  id: string;
  workspace: string;
  kind: 'replay' | 'rehearsal' | 'discard';
  reason: string | null;
  actor: string;
  done: number;
}

/** A message that a job has yet to settle. */
export interface JobMessage {
  id: string;
  connectionId: string | null;
  deviceId: string | null;
  state: ParkedState;
}

/** What came of one message of a job. */
export type JobOutcome = 'replayed' | 'still_parked' | 'discarded' | 'skipped';

const DONE = 'replayed + still_parked + discarded + skipped';
const JOB = `id, workspace_id as workspace, kind, reason, actor, ${DONE} as done`;

/**
 * Jobs over many parked messages. Which messages are a job's stands in their rows: what is settled leaves the job in the
 * transaction that counts it, so a job that is interrupted goes on where it was, and nothing is counted twice.
 */
export class ParkedJobs {
  readonly #db: Pick<Database, 'pool'>;

  constructor(db: Pick<Database, 'pool'>) {
    this.#db = db;
  }

  /** Undefined when it has ended. */
  async running(id: string): Promise<RunningJob | undefined> {
    const { rows } = await this.#db.pool.query<RunningJob>(
      `select ${JOB} from parked_job where id = $1 and state = 'running'`,
      [id],
    );
    return rows[0];
  }

  /** Those that nobody has worked on for so long. */
  async resting(ms: number): Promise<RunningJob[]> {
    const { rows } = await this.#db.pool.query<RunningJob>(
      `select ${JOB} from parked_job
       where state = 'running' and updated_at <= now() - $1::float8 * interval '1 millisecond' order by id limit 100`,
      [ms],
    );
    return rows;
  }

  /** The next messages, in the order in which they were parked. */
  async next(jobId: string, limit: number): Promise<JobMessage[]> {
    const { rows } = await this.#db.pool.query<JobMessage>(
      `select id, connection_id as "connectionId", device_id as "deviceId", state from parked_message
       where job_id = $1 order by parked_at, id limit $2`,
      [jobId, limit],
    );
    return rows;
  }

  /** The message leaves the job. False when it had left it before: then nothing is counted. */
  async settled(job: RunningJob, messageId: string, outcome: JobOutcome, verdict?: ParkVerdict): Promise<boolean> {
    return inTransaction(this.#db.pool, async (client) => {
      const { rowCount } = await client.query(
        `update parked_message set job_id = null, settled_by = case when $3 then $4 else settled_by end
         where id = $1 and job_id = $2`,
        [messageId, job.id, outcome === 'replayed' && job.kind === 'replay', job.actor],
      );
      if (rowCount === 1) await count(client, job.id, { [outcome]: 1 }, verdict?.points);
      return rowCount === 1;
    });
  }

  /** Gives these up, with their place in the account. What is no longer parked is skipped. */
  async discard(job: RunningJob, ids: readonly string[]): Promise<void> {
    await inTransaction(this.#db.pool, async (client) => {
      const given = { ids, reason: job.reason ?? '', actor: job.actor };
      const discarded = await discardParked(client, given, job.id);
      const { rowCount } = await client.query(
        'update parked_message set job_id = null where id = any($1) and job_id = $2',
        [ids, job.id],
      );
      await count(client, job.id, { discarded, skipped: rowCount ?? 0 });
    });
  }

  /** Ends the job where no message of it is left. */
  async finish(id: string): Promise<boolean> {
    const { rowCount } = await this.#db.pool.query(
      `update parked_job set state = 'completed', finished_at = now(), updated_at = now()
       where id = $1 and state = 'running' and not exists (select from parked_message where job_id = $1)`,
      [id],
    );
    return rowCount === 1;
  }
}

async function count(
  client: Queryable,
  jobId: string,
  outcomes: Partial<Record<JobOutcome, number>>,
  points?: ParkPoints,
): Promise<void> {
  const names = Object.keys(outcomes) as JobOutcome[];
  const sums = names.map((name, i) => `${name} = ${name} + $${i + 3}`);
  // Sums of counts by name; those that a verdict has not named stay what they are.
  await client.query(
    `update parked_job set updated_at = now(), points = (
       select coalesce(jsonb_object_agg(name, n), '{}') from (
         select key as name, sum(value::text::bigint) as n from (
           select * from jsonb_each(points) union all select * from jsonb_each($2::jsonb)) both_parts group by key) s),
       ${sums.join(', ')} where id = $1`,
    [jobId, JSON.stringify(points ?? {}), ...names.map((name) => outcomes[name] ?? 0)],
  );
}

/**
 * Messages that are parked become discarded, in the transaction of `client`; those of a job only by it. Returns how many
 * did.
 */
export async function discardParked(
  client: Queryable,
  { ids, reason, actor }: { ids: readonly string[]; reason: string; actor: string },
  jobId?: string,
): Promise<number> {
  const { rows } = await client.query<{ id: string }>(
    `update parked_message set state = 'discarded', discarded_at = now(), discard_reason = $2, settled_by = $3, job_id = null
     where id = any($1) and state = 'parked' and (job_id is null or job_id = $4) returning id`,
    [ids, reason, actor, jobId ?? null],
  );
  for (const { id } of rows) await settleDiscarded(client, id);
  return rows.length;
}
