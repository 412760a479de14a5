import type { TributaryEvent } from '@tributary/contracts';
import type { Database } from '../database.ts';

/** Proof of owning a connection's streams and polls. Whoever takes over has a greater epoch. */
export interface Lease {
  connectionId: string;
  workspace: string;
  epoch: bigint;
  /** No rev at or below this may be given out. */
  revFloor: bigint;
}

export interface HeldLease {
  connectionId: string;
  epoch: bigint;
  /** Raises the floor, never lowers it. */
  revFloor?: bigint;
}

export interface LeaseOwner {
  replica: string;
  epoch: bigint;
  leasedUntil: Date;
}

/**
 * Which replica owns which connection. Time is the database's alone, so clocks of replicas do not matter. Every write of
 * an owner carries its epoch, so one that was replaced without knowing changes nothing.
 */
export class ConnectionLeases {
  readonly #db: Pick<Database, 'pool'>;

  constructor(db: Pick<Database, 'pool'>) {
    this.#db = db;
  }

  /**
   * Takes up to `max` connections of a platform that nobody owns or whose owner has not renewed in time; paused and
   * removed ones are left alone. Each taken lease has a new epoch. Two replicas never get the same one.
   */
  async acquire(wanted: { platform: string; replica: string; max: number; ttlMs: number }): Promise<Lease[]> {
    if (wanted.max <= 0) return [];
    await this.#db.pool.query(
      `insert into connection_lease (connection_id)
       select c.id from connection c
       where c.platform = $1 and c.removed_at is null and not c.paused
         and not exists (select 1 from connection_lease l where l.connection_id = c.id)
       order by c.id
       on conflict do nothing`,
      [wanted.platform],
    );
    const { rows } = await this.#db.pool.query<{ id: string; workspace: string; epoch: string; floor: string }>(
      `with free as (
         select l.connection_id, c.workspace_id from connection_lease l join connection c on c.id = l.connection_id
         where c.platform = $1 and c.removed_at is null and not c.paused
           and (l.leased_until is null or l.leased_until < now())
         order by l.leased_until nulls first, l.connection_id
         limit $3
         for update of l skip locked
       )
       update connection_lease l
       set replica = $2, epoch = l.epoch + 1, leased_until = now() + $4 * interval '1 millisecond', updated_at = now()
       from free where l.connection_id = free.connection_id
       returning l.connection_id as id, free.workspace_id as workspace, l.epoch, l.rev_floor as floor`,
      [wanted.platform, wanted.replica, wanted.max, wanted.ttlMs],
    );
    return rows.map((row) => ({
      connectionId: row.id,
      workspace: row.workspace,
      epoch: BigInt(row.epoch),
      revFloor: BigInt(row.floor),
    }));
  }

  /** Prolongs what is still held, and returns the ids of that: what is missing has a new owner. */
  async renew(leases: readonly HeldLease[], ttlMs: number): Promise<Set<string>> {
    if (leases.length === 0) return new Set();
    const { rows } = await this.#db.pool.query<{ id: string }>(
      `with held as (
         select l.connection_id, i.floor
         from unnest($1::text[], $2::bigint[], $3::bigint[]) as i(id, epoch, floor)
         join connection_lease l on l.connection_id = i.id and l.epoch = i.epoch and l.replica is not null
         order by l.connection_id for update of l
       )
       update connection_lease l
       set leased_until = now() + $4 * interval '1 millisecond', rev_floor = greatest(l.rev_floor, held.floor),
         updated_at = now()
       from held where l.connection_id = held.connection_id
       returning l.connection_id as id`,
      [...columns(leases), ttlMs],
    );
    return new Set(rows.map((row) => row.id));
  }

  /** Lets go at once, so that another replica need not wait; the epoch stays and the floor is kept. */
  async release(leases: readonly HeldLease[]): Promise<void> {
    if (leases.length === 0) return;
    await this.#db.pool.query(
      `with held as (
         select l.connection_id, i.floor
         from unnest($1::text[], $2::bigint[], $3::bigint[]) as i(id, epoch, floor)
         join connection_lease l on l.connection_id = i.id and l.epoch = i.epoch
         order by l.connection_id for update of l
       )
       update connection_lease l
       set replica = null, leased_until = null, rev_floor = greatest(l.rev_floor, held.floor), updated_at = now()
       from held where l.connection_id = held.connection_id`,
      columns(leases),
    );
  }

  /**
   * Writes down what the owner is about to say of the connection, before it is said: whoever owns it next knows, and says
   * it where this owner could not. False when the connection is another's by now.
   */
  async say(lease: HeldLease, said: { status: string; event: TributaryEvent }): Promise<boolean> {
    const { rowCount } = await this.#db.pool.query(
      `update connection_lease set said_status = $3, said_event = $4, updated_at = now()
       where connection_id = $1 and epoch = $2 and replica is not null`,
      [lease.connectionId, String(lease.epoch), said.status, said.event],
    );
    return rowCount === 1;
  }

  /** The broker has it. */
  async said(connectionId: string, eventId: string): Promise<void> {
    await this.#db.pool.query(
      `update connection_lease set said_event = null where connection_id = $1 and said_event->>'id' = $2`,
      [connectionId, eventId],
    );
  }

  /** Undefined while nobody owns it. */
  async owner(connectionId: string): Promise<LeaseOwner | undefined> {
    const { rows } = await this.#db.pool.query<{ replica: string; epoch: string; leasedUntil: Date }>(
      `select replica, epoch, leased_until as "leasedUntil" from connection_lease
       where connection_id = $1 and replica is not null and leased_until >= now()`,
      [connectionId],
    );
    return rows[0] && { ...rows[0], epoch: BigInt(rows[0].epoch) };
  }
}

const columns = (leases: readonly HeldLease[]) => [
  leases.map((lease) => lease.connectionId),
  leases.map((lease) => String(lease.epoch)),
  leases.map((lease) => String(lease.revFloor ?? 0n)),
];
