import type { ActiveSubscription, SubscriptionLease, SubscriptionLeases } from '@tributary/database';
import type { Clock } from '@tributary/runtime';
import { ownerOf } from './ownership.ts';

export interface LeaseRoundsOptions {
  leases: SubscriptionLeases;
  replica: string;
  ttlMs: number;
  clock: Clock;
  /** A subscription is ours to plan for; also when it was changed, for then it begins anew. */
  onHeld(lease: SubscriptionLease): void;
  /** It is not any more: another replica's, paused, suspended or removed. */
  onLost(id: string): void;
  /** A round went through, or why it did not. */
  onRound(error?: unknown): void;
}

interface Held extends SubscriptionLease {
  version: number;
}

/** A burst of changes is one round. */
const SOON_MS = 20;

/** Keeps the leases of the subscriptions that are this replica's, round by round. A replica that stops saying so is replaced. */
export class LeaseRounds {
  readonly #options: LeaseRoundsOptions;
  readonly #held = new Map<string, Held>();
  #round: Promise<void> | undefined;
  #again = false;
  #cancel = () => {};
  #stopped = false;

  constructor(options: LeaseRoundsOptions) {
    this.#options = options;
  }

  get held(): ReadonlyMap<string, SubscriptionLease> {
    return this.#held;
  }

  start(): void {
    this.#schedule(0);
  }

  /** A round now rather than at its turn: something has changed. */
  soon(): void {
    if (this.#round) this.#again = true;
    else this.#schedule(SOON_MS);
  }

  /** Gives everything back. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#round;
    for (const id of [...this.#held.keys()]) this.#lose(id);
    await this.#options.leases.leave(this.#options.replica);
  }

  #schedule(afterMs: number): void {
    this.#cancel();
    if (this.#stopped) return;
    this.#cancel = this.#options.clock.after(afterMs, () => {
      this.#again = false;
      this.#round = this.#run().finally(() => {
        this.#round = undefined;
        this.#schedule(this.#again ? SOON_MS : this.#options.ttlMs / 3);
      });
    });
  }

  async #run(): Promise<void> {
    const { leases, replica, ttlMs, onRound } = this.#options;
    try {
      const living = await leases.alive(replica, ttlMs);
      const ours = (await leases.active()).filter(({ id }) => ownerOf(id, living) === replica);
      await this.#letGo(new Set(ours.map(({ id }) => id)));
      await this.#renew();
      await this.#take(ours);
      onRound();
    } catch (error) {
      onRound(error);
    }
  }

  async #letGo(ours: ReadonlySet<string>): Promise<void> {
    const foreign = [...this.#held.values()].filter(({ id }) => !ours.has(id));
    for (const { id } of foreign) this.#lose(id);
    await this.#options.leases.release(this.#options.replica, foreign);
  }

  async #renew(): Promise<void> {
    const { leases, replica, ttlMs } = this.#options;
    const kept = await leases.renew(replica, [...this.#held.values()], ttlMs);
    for (const id of [...this.#held.keys()]) if (!kept.has(id)) this.#lose(id);
  }

  /** What nobody else holds, and what of the held has changed. */
  async #take(ours: readonly ActiveSubscription[]): Promise<void> {
    const { leases, replica, ttlMs, onHeld } = this.#options;
    const free = ours.filter(({ id, holder }) => !this.#held.has(id) && holder === undefined);
    const versions = new Map(ours.map(({ id, version }) => [id, version]));
    for (const { id, version } of ours) {
      const held = this.#held.get(id);
      if (!held || held.version === version) continue;
      held.version = version;
      onHeld(held);
    }
    const gained = await leases.acquire(
      replica,
      free.map(({ id }) => id),
      ttlMs,
    );
    for (const lease of gained) {
      const held = { ...lease, version: versions.get(lease.id) ?? 0 };
      this.#held.set(lease.id, held);
      if (this.#stopped) return;
      onHeld(held);
    }
  }

  #lose(id: string): void {
    this.#held.delete(id);
    this.#options.onLost(id);
  }
}
