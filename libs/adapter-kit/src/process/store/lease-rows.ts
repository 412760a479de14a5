import { AdapterReplicas, ConnectionLeases, type Database } from '@tributary/database';
import type { Census } from '../leases/lease-share.ts';
import type { HeldGrant, LeaseGrant, LeaseStore } from '../ports.ts';

/** Leases in Postgres. Epochs grow by one a take-over, so they stay exact as numbers. */
export class LeaseRows implements LeaseStore {
  readonly #leases: ConnectionLeases;
  readonly #replicas: AdapterReplicas;

  constructor(db: Database) {
    this.#leases = new ConnectionLeases(db);
    this.#replicas = new AdapterReplicas(db);
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

  async census(query: { platform: string; replica: string; capacity: number; ttlMs: number }): Promise<Census> {
    await this.#replicas.alive(query);
    return this.#replicas.census(query);
  }

  leave(query: { platform: string; replica: string }): Promise<void> {
    return this.#replicas.gone(query);
  }

  async owner(connectionId: string): Promise<{ replica: string; epoch: number; leasedUntilMs: number } | undefined> {
    const owner = await this.#leases.owner(connectionId);
    return owner && { replica: owner.replica, epoch: Number(owner.epoch), leasedUntilMs: owner.leasedUntil.getTime() };
  }
}

const exact = ({ connectionId, epoch, revFloor }: HeldGrant) => ({ connectionId, epoch: BigInt(epoch), revFloor });
