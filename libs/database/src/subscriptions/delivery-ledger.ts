import type pg from 'pg';
import type { Database } from '../database.ts';

export interface SubscriptionCensus {
  active: number;
  paused: number;
  suspended: number;
  /** Active, and the last attempt failed. */
  failing: number;
  pending: number;
  /** Age of the oldest pending delivery of an active subscription. */
  oldestPendingMs: number;
}

const CHUNK = 1_000;

/** What is kept of finished deliveries, and what there is to count. */
export class DeliveryLedger {
  readonly #pool: pg.Pool;

  constructor(db: Pick<Database, 'pool'>) {
    this.#pool = db.pool;
  }

  /**
   * Forgets finished deliveries of one subscription that are older than `olderThanMs`, and all but the newest
   * `keepNewest`. Returns how many.
   */
  async prune(subscriptionId: string, keep: { olderThanMs: number; keepNewest: number }): Promise<number> {
    let total = 0;
    for (let deleted = CHUNK; deleted === CHUNK; total += deleted) {
      const { rowCount } = await this.#pool.query(
        `with oldest as (
           select d.seq, d.finished_at, st.done_seq from delivery d
           join subscription_state st on st.subscription_id = d.subscription_id
           where d.subscription_id = $1 and d.seq <= st.done_seq order by d.seq limit ${CHUNK}
         )
         delete from delivery using oldest
         where delivery.subscription_id = $1 and delivery.seq = oldest.seq
           and (oldest.finished_at < now() - $2 * interval '1 millisecond' or oldest.seq <= oldest.done_seq - $3)`,
        [subscriptionId, keep.olderThanMs, keep.keepNewest],
      );
      deleted = rowCount ?? 0;
    }
    return total;
  }

  /** Of the whole house. */
  async census(): Promise<SubscriptionCensus> {
    const { rows } = await this.#pool.query<SubscriptionCensus>(
      `with all_of_them as (
         select s.paused, coalesce(st.suspended_rev = s.clock_rev, false) as suspended, coalesce(st.failures, 0) > 0 as failing,
           coalesce(st.next_seq - 1 - st.done_seq, 0) as pending, st.subscription_id, st.done_seq
         from subscription s left join subscription_state st on st.subscription_id = s.id
       )
       select count(*) filter (where not paused and not suspended)::int as active,
         count(*) filter (where paused)::int as paused,
         count(*) filter (where suspended and not paused)::int as suspended,
         count(*) filter (where failing and not paused and not suspended)::int as failing,
         coalesce(sum(pending), 0)::int as pending,
         coalesce((
           select extract(epoch from now() - min(d.created_at)) * 1000 from all_of_them a
           join delivery d on d.subscription_id = a.subscription_id and d.seq = a.done_seq + 1
           where not a.paused and not a.suspended
         ), 0)::float8 as "oldestPendingMs"
       from all_of_them`,
    );
    return rows[0] ?? { active: 0, paused: 0, suspended: 0, failing: 0, pending: 0, oldestPendingMs: 0 };
  }
}
