import type { OperationClass } from '@tributary/contracts';
import type { Database } from '../database.ts';

export type BreakerMode = 'closed' | 'open' | 'half-open';
/** Who keeps it: an adapter towards the platform, the api towards the adapter. */
export type BreakerService = 'adapter' | 'api';

/** One transition, or several alike. */
export interface BreakerChange {
  connectionId: string;
  class: OperationClass;
  from: BreakerMode;
  to: BreakerMode;
  /** Of the first and of the last. */
  at: Date;
  lastAt: Date;
  times: number;
  /** Of the last failure; `let-go` where nobody keeps the breaker any more. */
  code?: string | undefined;
  /** In a row, when it changed last. */
  failures: number;
  /** Of one that is open: when it is tried again. */
  retryAt?: Date | undefined;
  /** Grows with every change that the replica tells. */
  rev: bigint;
}

/** A breaker as its replica last told of it. */
export interface KeptBreaker {
  connectionId: string;
  service: BreakerService;
  replica: string;
  class: OperationClass;
  state: BreakerMode;
  since: Date;
  failures: number;
  code: string | null;
  retryAt: Date | null;
  seenAt: Date;
}

/** Alike within so long is told by one row, which spans at most `SPAN`: a flapping breaker fills no table. */
const ALIKE = "interval '10 minutes'";
const SPAN = "interval '1 hour'";
/** Replicas tell of breakers that are not closed every few seconds; one that did not for so long is gone. */
const ALIVE = "interval '30 seconds'";

const KEPT = `b.connection_id as "connectionId", b.service, b.replica, b.class, b.to_state as state, b.last_at as since,
  b.failures, b.code, b.retry_at as "retryAt", b.seen_at as "seenAt"`;
const LAST_OF_ITS = `not exists (select 1 from breaker_change n where n.connection_id = b.connection_id
  and n.service = b.service and n.replica = b.replica and n.class = b.class and n.rev > b.rev)`;

/** What breakers did, and how they are, as their replicas tell. The one way to the table. */
export class BreakerChanges {
  readonly #db: Pick<Database, 'pool'>;

  constructor(db: Pick<Database, 'pool'>) {
    this.#db = db;
  }

  /**
   * Adds what one replica has to tell, at most one entry for each breaker and transition. Connections that are not there
   * are passed over.
   */
  async add(keeper: { service: BreakerService; replica: string }, changes: readonly BreakerChange[]): Promise<void> {
    if (changes.length === 0) return;
    await this.#db.pool.query(
      `with said as (
         select s.*, c.workspace_id, (
           select b.id from breaker_change b
           where b.connection_id = s.connection_id and b.service = $2 and b.replica = $3 and b.class = s.class
             and b.from_state = s.from_state and b.to_state = s.to_state
             and b.last_at > s.at - ${ALIKE} and b.at > s.at - ${SPAN}
           order by b.last_at desc limit 1) as alike
         from jsonb_to_recordset($1::jsonb) as s(connection_id text, class text, from_state text, to_state text,
           at timestamptz, last_at timestamptz, times int, code text, failures int, retry_at timestamptz, rev bigint)
         join connection c on c.id = s.connection_id
       ), folded as (
         update breaker_change b set times = b.times + s.times, last_at = s.last_at, code = s.code,
           failures = s.failures, retry_at = s.retry_at, rev = s.rev, seen_at = now()
         from said s where b.id = s.alike
       )
       insert into breaker_change (connection_id, workspace_id, service, replica, class, from_state, to_state, at,
         last_at, times, code, failures, retry_at, rev, seen_at)
       select connection_id, workspace_id, $2, $3, class, from_state, to_state, at, last_at, times, code, failures,
         retry_at, rev, now()
       from said where alike is null order by rev`,
      [JSON.stringify(changes.map(toRecord)), keeper.service, keeper.replica],
    );
  }

  /** These breakers of a replica, each by its last rev, are still as they were told. */
  async stillSo(replica: string, breakers: readonly { connectionId: string; rev: bigint }[]): Promise<void> {
    if (breakers.length === 0) return;
    await this.#db.pool.query(
      `update breaker_change b set seen_at = now() from unnest($2::text[], $3::bigint[]) as i(connection_id, rev)
       where b.connection_id = i.connection_id and b.rev = i.rev and b.replica = $1`,
      [replica, breakers.map(({ connectionId }) => connectionId), breakers.map(({ rev }) => String(rev))],
    );
  }

  /** Breakers of a connection, those that were closed for more than a day left out, and those of replicas that are gone. */
  async of(connectionId: string): Promise<KeptBreaker[]> {
    const { rows } = await this.#db.pool.query<KeptBreaker>(
      `select ${KEPT} from breaker_change b
       where b.connection_id = $1 and ${LAST_OF_ITS} and b.code is distinct from 'let-go'
         and case when b.to_state = 'closed' then b.last_at > now() - interval '1 day'
           else b.seen_at > now() - ${ALIVE} end
       order by b.service, b.replica, b.class`,
      [connectionId],
    );
    return rows;
  }

  /** Breakers of other living replicas of a platform's adapter that are not closed. */
  async elsewhere(platform: string, replica: string): Promise<KeptBreaker[]> {
    const { rows } = await this.#db.pool.query<KeptBreaker>(
      `select ${KEPT} from breaker_change b join connection c on c.id = b.connection_id
       where b.to_state <> 'closed' and b.seen_at > now() - ${ALIVE} and b.service = 'adapter' and b.replica <> $2
         and c.platform = $1 and ${LAST_OF_ITS}`,
      [platform, replica],
    );
    return rows;
  }
}

const toRecord = (change: BreakerChange) => ({
  connection_id: change.connectionId,
  class: change.class,
  from_state: change.from,
  to_state: change.to,
  at: change.at,
  last_at: change.lastAt,
  times: change.times,
  code: change.code,
  failures: change.failures,
  retry_at: change.retryAt,
  rev: String(change.rev),
});
