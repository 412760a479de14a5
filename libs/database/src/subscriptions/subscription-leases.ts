import type pg from 'pg';
import type { Database } from '../database.ts';

/** An active subscription and who plans its deliveries now. */
export interface ActiveSubscription {
  id: string;
  /** Grows with every change by a caller. */
  version: number;
  /** Undefined while nobody holds the lease. */
  holder: string | undefined;
  epoch: bigint;
}

export interface SubscriptionLease {
  id: string;
  epoch: bigint;
}

/** A replica that said nothing for so long is forgotten. */
const FORGOTTEN_AFTER = '1 hour';

/**
 * Which replica of the service of webhooks plans the deliveries of which subscription. Time is the database's alone. A
 * lease that changes hands has a greater epoch, and whoever was replaced without knowing changes nothing.
 */
export class SubscriptionLeases {
  readonly #pool: pg.Pool;

  constructor(db: Pick<Database, 'pool'>) {
    this.#pool = db.pool;
  }

  /** Says that this replica is alive, and answers with all that are, itself included. */
  async alive(replica: string, ttlMs: number): Promise<string[]> {
    await this.#pool.query(
      `with forgotten as (delete from webhooks_replica where alive_until < now() - interval '${FORGOTTEN_AFTER}')
       insert into webhooks_replica (replica, alive_until) values ($1, now() + $2 * interval '1 millisecond')
       on conflict (replica) do update set alive_until = excluded.alive_until`,
      [replica, ttlMs],
    );
    const { rows } = await this.#pool.query<{ replica: string }>(
      'select replica from webhooks_replica where alive_until >= now() order by replica',
    );
    return rows.map((row) => row.replica);
  }

  /** Gives everything back, so that others need not wait. */
  async leave(replica: string): Promise<void> {
    await this.#pool.query(
      `with gone as (delete from webhooks_replica where replica = $1)
       update subscription_state set replica = null, leased_until = null where replica = $1`,
      [replica],
    );
  }

  /** Neither paused nor suspended. */
  async active(): Promise<ActiveSubscription[]> {
    const { rows } = await this.#pool.query<{ id: string; version: number; holder: string | null; epoch: string }>(
      `select s.id, s.version, coalesce(st.epoch, 0) as epoch, case when st.leased_until >= now() then st.replica end as holder
       from subscription s left join subscription_state st on st.subscription_id = s.id
       where not s.paused and st.suspended_rev is distinct from s.clock_rev
       order by s.id`,
    );
    return rows.map((row) => ({ ...row, holder: row.holder ?? undefined, epoch: BigInt(row.epoch) }));
  }

  /** Takes those of `ids` that nobody holds; two replicas never get the same one. */
  async acquire(replica: string, ids: readonly string[], ttlMs: number): Promise<SubscriptionLease[]> {
    if (ids.length === 0) return [];
    await this.#pool.query(
      `insert into subscription_state (subscription_id, workspace_id)
       select id, workspace_id from subscription where id = any($1) order by id on conflict do nothing`,
      [ids],
    );
    const { rows } = await this.#pool.query<{ id: string; epoch: string }>(
      `with free as (
         select subscription_id as id from subscription_state
         where subscription_id = any($2) and (leased_until is null or leased_until < now())
         order by subscription_id for update skip locked
       )
       update subscription_state st set replica = $1, epoch = st.epoch + 1, leased_until = now() + $3 * interval '1 millisecond'
       from free where st.subscription_id = free.id
       returning st.subscription_id as id, st.epoch`,
      [replica, ids, ttlMs],
    );
    return rows.map(({ id, epoch }) => ({ id, epoch: BigInt(epoch) }));
  }

  /** Prolongs what is still held, and returns the ids of that. */
  async renew(replica: string, leases: readonly SubscriptionLease[], ttlMs: number): Promise<Set<string>> {
    if (leases.length === 0) return new Set();
    const { rows } = await this.#pool.query<{ id: string }>(
      `with held as (
         select st.subscription_id as id
         from unnest($2::text[], $3::bigint[]) as i(id, epoch)
         join subscription_state st on st.subscription_id = i.id and st.epoch = i.epoch and st.replica = $1
         order by st.subscription_id for update of st
       )
       update subscription_state st set leased_until = now() + $4 * interval '1 millisecond'
       from held where st.subscription_id = held.id returning st.subscription_id as id`,
      [replica, ...columns(leases), ttlMs],
    );
    return new Set(rows.map((row) => row.id));
  }

  async release(replica: string, leases: readonly SubscriptionLease[]): Promise<void> {
    if (leases.length === 0) return;
    await this.#pool.query(
      `update subscription_state st set replica = null, leased_until = null
       from unnest($2::text[], $3::bigint[]) as i(id, epoch)
       where st.subscription_id = i.id and st.epoch = i.epoch and st.replica = $1`,
      [replica, ...columns(leases)],
    );
  }
}

const columns = (leases: readonly SubscriptionLease[]): [string[], string[]] => [
  leases.map((lease) => lease.id),
  leases.map((lease) => String(lease.epoch)),
];
