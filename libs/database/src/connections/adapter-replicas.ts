import type { Database } from '../database.ts';

/** How a platform's active connections are spread over the replicas of its adapter. */
export interface ReplicaCensus {
  /** Without an owner. */
  free: number;
  /** Owned by the replica that asks. */
  mine: number;
  total: number;
  /** Other replicas that are alive. */
  others: number;
  /** What the others lack to an even share, as far as their capacity goes. */
  wantedElsewhere: number;
}

/** A replica that said nothing for so long is forgotten. */
const FORGOTTEN_AFTER = '1 hour';

/** Which replicas of an adapter are alive, whether they own a connection or not. Time is the database's alone. */
export class AdapterReplicas {
  readonly #db: Pick<Database, 'pool'>;

  constructor(db: Pick<Database, 'pool'>) {
    this.#db = db;
  }

  async alive(replica: { platform: string; replica: string; capacity: number; ttlMs: number }): Promise<void> {
    await this.#db.pool.query(
      `with forgotten as (
         delete from adapter_replica where platform = $1 and alive_until < now() - interval '${FORGOTTEN_AFTER}'
       )
       insert into adapter_replica (platform, replica, capacity, alive_until)
       values ($1, $2, $3, now() + $4 * interval '1 millisecond')
       on conflict (platform, replica) do update set capacity = excluded.capacity, alive_until = excluded.alive_until`,
      [replica.platform, replica.replica, replica.capacity, replica.ttlMs],
    );
  }

  async gone({ platform, replica }: { platform: string; replica: string }): Promise<void> {
    await this.#db.pool.query('delete from adapter_replica where platform = $1 and replica = $2', [platform, replica]);
  }

  async census({ platform, replica }: { platform: string; replica: string }): Promise<ReplicaCensus> {
    const { rows } = await this.#db.pool.query<ReplicaCensus>(
      `with owned as (
         select c.id, case when l.leased_until >= now() then l.replica end as owner
         from connection c left join connection_lease l on l.connection_id = c.id
         where c.platform = $1 and c.removed_at is null and not c.paused
       ),
       sums as (
         select count(*)::int as total, count(*) filter (where owner is null)::int as free,
           count(*) filter (where owner = $2)::int as mine
         from owned
       ),
       other as (
         select r.capacity, (select count(*) from owned where owner = r.replica) as holds
         from adapter_replica r where r.platform = $1 and r.replica <> $2 and r.alive_until >= now()
       ),
       share as (
         select ceil(sums.total::numeric / ((select count(*) from other) + 1)) as each from sums
       )
       select total, free, mine, (select count(*) from other)::int as others,
         (select coalesce(sum(greatest(0, least(capacity, each) - holds)), 0) from other, share)::int as "wantedElsewhere"
       from sums`,
      [platform, replica],
    );
    return rows[0] ?? { total: 0, free: 0, mine: 0, others: 0, wantedElsewhere: 0 };
  }
}
