import { ConnectionLeases, type Database } from '@tributary/database';
import type { Census } from '../leases/lease-share.ts';
import type { HeldGrant, LeaseGrant, LeaseStore } from '../ports.ts';

/** Leases in Postgres. Epochs grow by one a take-over, so they stay exact as numbers. */
export class LeaseRows implements LeaseStore {
  readonly #db: Database;
  readonly #leases: ConnectionLeases;

  constructor(db: Database) {
    this.#db = db;
    this.#leases = new ConnectionLeases(db);
  }

  async acquire(query: { platform: string; replica: string; max: number; ttlMs: number }): Promise<LeaseGrant[]> {
    const leases = await this.#leases.acquire(query);
    return leases.map(({ connectionId, epoch, revFloor }) => ({ connectionId, epoch: Number(epoch), revFloor }));
  }

  async renew(query: { replica: string; ttlMs: number; leases: readonly HeldGrant[] }): Promise<string[]> {
    return [...(await this.#leases.renew(query.leases.map(exact), query.ttlMs))];
  }

  release(query: { replica: string; leases: readonly HeldGrant[] }): Promise<void> {
    return this.#leases.release(query.leases.map(exact));
  }

  async census({ platform, replica }: { platform: string; replica: string }): Promise<Census> {
    const { rows } = await this.#db.pool.query<Census>(
      `select count(*)::int as total,
         count(*) filter (where l.replica is null or l.leased_until < now())::int as free,
         count(*) filter (where l.replica = $2 and l.leased_until >= now())::int as mine,
         count(distinct l.replica) filter (where l.replica <> $2 and l.leased_until >= now())::int as others
       from connection c left join connection_lease l on l.connection_id = c.id
       where c.platform = $1 and c.removed_at is null and not c.paused`,
      [platform, replica],
    );
    return rows[0] ?? { total: 0, free: 0, mine: 0, others: 0 };
  }

  async owner(connectionId: string): Promise<{ replica: string; epoch: number; leasedUntilMs: number } | undefined> {
    const owner = await this.#leases.owner(connectionId);
    return owner && { replica: owner.replica, epoch: Number(owner.epoch), leasedUntilMs: owner.leasedUntil.getTime() };
  }
}

const exact = ({ connectionId, epoch, revFloor }: HeldGrant) => ({ connectionId, epoch: BigInt(epoch), revFloor });
