import type { Database } from '../database.ts';

/** A moment by the database's clock, exact. */
export type DatabaseTime = string;

export interface IntakeReport {
  replica: string;
  /** Read before looking at what is held. */
  at: DatabaseTime;
  /** How long before `at` the oldest message that is held may have been delivered; 0 when nothing is. Milliseconds. */
  heldMs: number;
  /** How long before `at` something was last given back to the queue; negative while that may still be going on. */
  returnedMs?: number | undefined;
  ttlMs: number;
}

/**
 * How far the intake has come. A sounding is a moment at which the queues were seen empty: what the bus had confirmed
 * before it was with some replica by then. Once every replica says that it holds nothing which was delivered before the
 * sounding, everything that was confirmed before it is dealt with: that is the horizon. Whatever may have gone back to
 * the queue meanwhile makes the sounding void.
 */
export class Soundings {
  readonly #db: Pick<Database, 'pool'>;

  constructor(db: Pick<Database, 'pool'>) {
    this.#db = db;
  }

  async now(): Promise<DatabaseTime> {
    const { rows } = await this.#db.pool.query<{ at: string }>('select clock_timestamp()::text as at');
    return (rows[0] as { at: string }).at;
  }

  /** A replica consumes only after its first report, and reports until it has left. */
  async report({ replica, at, heldMs, returnedMs, ttlMs }: IntakeReport): Promise<void> {
    await this.#db.pool.query(
      `insert into intake_replica as r (replica, held_since, returned_at, alive_until)
       values ($1, $2::timestamptz - $3 * interval '1 millisecond',
         coalesce($2::timestamptz - $4::float8 * interval '1 millisecond', '-infinity'),
         now() + $5 * interval '1 millisecond')
       on conflict (replica) do update set held_since = excluded.held_since,
         returned_at = greatest(r.returned_at, excluded.returned_at), alive_until = excluded.alive_until`,
      [replica, at, heldMs, returnedMs ?? null, ttlMs],
    );
  }

  /** Moves the horizon to the sounding, if every replica has confirmed it; drops a sounding that is void. */
  async certify(): Promise<void> {
    await this.#db.pool.query(
      `with gone as (
         delete from intake_replica where alive_until < now() returning replica
       ), state as (
         select min(held_since) as held_since, max(returned_at) as returned_at, (select count(*) from gone) as gone
         from intake_replica where alive_until >= now()
       )
       update conservation_horizon h set
         settled_before = case when s.gone = 0 and h.sounded_at > s.returned_at
           then greatest(h.settled_before, h.sounded_at) else h.settled_before end,
         sounded_at = null
       from state s
       where h.sounded_at is not null
         and (s.gone > 0 or h.sounded_at <= s.returned_at or h.sounded_at <= s.held_since)`,
    );
  }

  /** `at` was read before the queues were found empty. Nothing happens while an earlier sounding waits. */
  async sound(at: DatabaseTime): Promise<void> {
    await this.#db.pool.query('update conservation_horizon set sounded_at = $1 where sounded_at is null', [at]);
  }

  /** What the replica held is with the queue again, or will be. */
  async leave(replica: string): Promise<void> {
    await this.#db.pool.query(
      `with gone as (delete from intake_replica where replica = $1)
       update conservation_horizon set sounded_at = null`,
      [replica],
    );
  }

  /** Everything that the bus had confirmed before this is dealt with; undefined before the first sounding. */
  async horizon(): Promise<Date | undefined> {
    const { rows } = await this.#db.pool.query<{ at: Date | null }>(
      `select nullif(settled_before, '-infinity') as at from conservation_horizon`,
    );
    return rows[0]?.at ?? undefined;
  }
}
