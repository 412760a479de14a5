import { type Clock, failpoint, type Logger } from '@tributary/runtime';
import type { LeaseStore } from '../ports.ts';
import { HeldLease } from './held-lease.ts';
import { fairShare, surplus } from './lease-share.ts';

export interface LeaseKeeperOptions {
  store: LeaseStore;
  clock: Clock;
  log: Logger;
  platform: string;
  replica: string;
  ttlMs: number;
  /** Most connections that this process owns at once. */
  max: number;
  onGained: (lease: HeldLease) => void;
  /** The lease is no longer ours, or was given back; its signal has aborted. */
  onLost: (lease: HeldLease) => void;
  /** A round went through, or why it did not. */
  onRound: (error?: unknown) => void;
}

/** Next round while connections are still free. */
const SOON_MS = 250;
const GIVEN_BACK = 'given back';

/**
 * Takes free connections and keeps what it has. Of what is free, each replica takes its share and leaves the rest to
 * the others for a while: replicas that start together split evenly, a replica that is alone takes everything. What is
 * above the share when another replica comes is handed over, some at each round.
 */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  readonly #held = new Map<string, HeldLease>();
  #round: Promise<void> | undefined;
  #cancelTimer = () => {};
  #stopped = false;
  readonly #told = new WeakSet<HeldLease>();
  /** Monotonic; since when something has been free. */
  #freeSinceMs: number | undefined;
  #others = 0;

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
  }

  /** Alive as of the last round, this one included. */
  get replicas(): number {
    return this.#others + 1;
  }

  get held(): ReadonlyMap<string, HeldLease> {
    return this.#held;
  }

  start(): void {
    this.#schedule(0);
  }

  /** A round now rather than at its turn: a connection was added or resumed. */
  soon(): void {
    if (!this.#round) this.#schedule(0);
  }

  /** Gives one connection back, so that another replica (or this one) may take it at once. */
  async release(connectionId: string): Promise<void> {
    const lease = this.#held.get(connectionId);
    if (!lease) return;
    this.#drop(lease, GIVEN_BACK);
    await this.#giveBack([lease]);
  }

  /** No more rounds; gives everything back. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer();
    await this.#round;
    const leases = [...this.#held.values()];
    for (const lease of leases) this.#drop(lease, GIVEN_BACK);
    await this.#giveBack(leases);
    await this.#leave();
  }

  #schedule(delayMs: number): void {
    this.#cancelTimer();
    if (this.#stopped) return;
    this.#cancelTimer = this.#options.clock.after(delayMs, () => {
      this.#round = this.#run().finally(() => {
        this.#round = undefined;
      });
    });
  }

  async #run(): Promise<void> {
    let again = this.#options.ttlMs / 3;
    try {
      await this.#renew([...this.#held.values()]);
      this.#announce();
      if (await this.#share()) again = Math.min(again, SOON_MS);
      this.#options.onRound();
    } catch (error) {
      again = Math.min(again, 1_000);
      this.#options.onRound(error);
    }
    this.#schedule(again);
  }

  async #renew(leases: readonly HeldLease[]): Promise<void> {
    const { store, clock, replica, ttlMs } = this.#options;
    const held = leases.filter((lease) => {
      if (lease.valid()) return true;
      this.#drop(lease, 'the lease has run out');
      return false;
    });
    if (held.length < leases.length) await failpoint('lease-lost');
    if (held.length === 0) return;
    const askedAtMs = clock.monotonicMs();
    const wanted = held.map((lease) => ({ lease, revFloor: lease.wantedFloor(ttlMs) }));
    const kept = await store.renew({
      replica,
      ttlMs,
      leases: wanted.map(({ lease, revFloor }) => ({
        connectionId: lease.connectionId,
        epoch: lease.epoch,
        revFloor,
      })),
    });
    for (const { lease, revFloor } of wanted) {
      if (kept.includes(lease.connectionId)) lease.renewed(askedAtMs, ttlMs, revFloor);
      else this.#drop(lease, 'another replica has taken it over');
    }
    if (kept.length < wanted.length) await failpoint('lease-lost');
  }

  /** True when there is more to take or to give soon. */
  async #share(): Promise<boolean> {
    const { store, clock, platform, replica, max, ttlMs } = this.#options;
    if (this.#stopped) return false;
    const census = await store.census({ platform, replica, capacity: max, ttlMs });
    this.#others = census.others;
    if (census.free === 0) this.#freeSinceMs = undefined;
    else this.#freeSinceMs ??= clock.monotonicMs();
    const tooMany = surplus(census);
    if (tooMany > 0) return this.#handOver(tooMany);
    const room = max - this.#held.size;
    if (room <= 0 || this.#stopped || this.#freeSinceMs === undefined) return false;
    const wanted = fairShare(census, clock.monotonicMs() - this.#freeSinceMs, ttlMs);
    const grants = wanted > 0 ? await this.#take(Math.min(room, wanted)) : 0;
    // With others alive, waiting for them is no reason to hurry.
    return census.free > grants && (census.others === 0 || grants > 0);
  }

  /** Half of what is too much, so that not everything changes hands at once; the one that was taken last goes first. */
  async #handOver(tooMany: number): Promise<boolean> {
    const count = Math.ceil(tooMany / 2);
    const leases = [...this.#held.values()].slice(-count);
    this.#options.log.info({ connections: leases.length }, 'connections are handed over to another replica');
    for (const lease of leases) this.#drop(lease, GIVEN_BACK);
    await this.#giveBack(leases);
    return tooMany > count;
  }

  async #take(max: number): Promise<number> {
    const { store, clock, platform, replica, ttlMs } = this.#options;
    const askedAtMs = clock.monotonicMs();
    const grants = await store.acquire({ platform, replica, max, ttlMs });
    const gained = grants.map((grant) => new HeldLease(grant, clock));
    for (const lease of gained) {
      const before = this.#held.get(lease.connectionId);
      if (before) this.#drop(before, 'it was taken anew');
      lease.renewed(askedAtMs, ttlMs);
      this.#held.set(lease.connectionId, lease);
    }
    await this.#renew(gained);
    this.#announce();
    return grants.length;
  }

  /** Told once, and not before the reservation of revs is on the row: that may take more than one round. */
  #announce(): void {
    for (const lease of this.#held.values()) {
      if (this.#told.has(lease) || !lease.reserved || !lease.valid()) continue;
      this.#told.add(lease);
      this.#options.onGained(lease);
    }
  }

  #drop(lease: HeldLease, reason: string): void {
    if (this.#held.get(lease.connectionId) !== lease) return;
    this.#held.delete(lease.connectionId);
    if (reason !== GIVEN_BACK) {
      this.#options.log.warn({ connection: lease.connectionId, epoch: lease.epoch, reason }, 'a lease was lost');
    }
    lease.lose(reason);
    this.#options.onLost(lease);
  }

  async #leave(): Promise<void> {
    const { store, platform, replica, log } = this.#options;
    try {
      await store.leave({ platform, replica });
    } catch (error) {
      log.warn({ err: error }, 'this replica could not sign off; it counts as alive for one more lease');
    }
  }

  async #giveBack(leases: readonly HeldLease[]): Promise<void> {
    if (leases.length === 0) return;
    const { store, replica, log } = this.#options;
    try {
      await store.release({
        replica,
        leases: leases.map(({ connectionId, epoch, revs }) => ({ connectionId, epoch, revFloor: revs.last })),
      });
    } catch (error) {
      log.warn({ err: error }, 'leases could not be given back; they run out by themselves');
    }
  }
}
