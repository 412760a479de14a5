import type { Clock } from '@tributary/runtime';
import type { Census } from '../leases/lease-share.ts';
import type { HeldGrant, LeaseGrant, LeaseStore } from '../ports.ts';

interface Row {
  replica: string | undefined;
  epoch: number;
  untilMs: number;
  revFloor: bigint;
}

/** The lease table in memory, for tests: same promises, one process. */
export class MemoryLeases implements LeaseStore {
  readonly rows = new Map<string, Row>();
  readonly #clock: Clock;
  readonly #alive = new Map<string, { capacity: number; untilMs: number }>();
  /** Set to make every call fail, as if the database were away. */
  away = false;

  constructor(clock: Clock, connectionIds: readonly string[]) {
    this.#clock = clock;
    for (const id of connectionIds) this.rows.set(id, { replica: undefined, epoch: 0, untilMs: 0, revFloor: 0n });
  }

  async acquire(query: { replica: string; max: number; ttlMs: number }): Promise<LeaseGrant[]> {
    this.#answer();
    return [...this.rows]
      .filter(([, row]) => !this.#owned(row))
      .slice(0, query.max)
      .map(([connectionId, row]) => {
        row.replica = query.replica;
        row.epoch += 1;
        row.untilMs = this.#clock.monotonicMs() + query.ttlMs;
        return { connectionId, epoch: row.epoch, revFloor: row.revFloor };
      });
  }

  async renew(query: { replica: string; ttlMs: number; leases: readonly HeldGrant[] }): Promise<string[]> {
    this.#answer();
    return query.leases.flatMap((lease) => {
      const row = this.#mine(query.replica, lease);
      if (!row || !this.#owned(row)) return [];
      row.untilMs = this.#clock.monotonicMs() + query.ttlMs;
      if (lease.revFloor > row.revFloor) row.revFloor = lease.revFloor;
      return [lease.connectionId];
    });
  }

  async release(query: { replica: string; leases: readonly HeldGrant[] }): Promise<void> {
    this.#answer();
    for (const lease of query.leases) {
      const row = this.#mine(query.replica, lease);
      if (row) Object.assign(row, { replica: undefined, untilMs: 0 });
    }
  }

  async census({ replica, capacity, ttlMs }: { replica: string; capacity: number; ttlMs: number }): Promise<Census> {
    this.#answer();
    const nowMs = this.#clock.monotonicMs();
    this.#alive.set(replica, { capacity, untilMs: nowMs + ttlMs });
    const owned = [...this.rows.values()].filter((row) => this.#owned(row));
    const holds = (name: string) => owned.filter((row) => row.replica === name).length;
    const others = [...this.#alive].filter(([name, { untilMs }]) => name !== replica && untilMs > nowMs);
    const share = Math.ceil(this.rows.size / (others.length + 1));
    const lacks = others.map(([name, other]) => Math.max(0, Math.min(other.capacity, share) - holds(name)));
    return {
      free: this.rows.size - owned.length,
      mine: holds(replica),
      total: this.rows.size,
      others: others.length,
      wantedElsewhere: lacks.reduce((sum, lack) => sum + lack, 0),
    };
  }

  async leave({ replica }: { replica: string }): Promise<void> {
    this.#answer();
    this.#alive.delete(replica);
  }

  async owner(connectionId: string): Promise<{ replica: string; epoch: number; leasedUntilMs: number } | undefined> {
    const row = this.rows.get(connectionId);
    if (!row?.replica || !this.#owned(row)) return undefined;
    return { replica: row.replica, epoch: row.epoch, leasedUntilMs: row.untilMs };
  }

  #mine(replica: string, lease: HeldGrant): Row | undefined {
    const row = this.rows.get(lease.connectionId);
    return row?.replica === replica && row.epoch === lease.epoch ? row : undefined;
  }

  #owned(row: Row): boolean {
    return row.replica !== undefined && row.untilMs > this.#clock.monotonicMs();
  }

  #answer(): void {
    if (this.away) throw new Error('the database is away');
  }
}
