import { type Database, DeliveryLedger } from '@tributary/database';
import type { Clock, Gauge, Logger, Metrics } from '@tributary/runtime';
import type { LeaseRounds } from '../leases/lease-rounds.ts';

export interface LedgerKeeperOptions {
  db: Database;
  rounds: Pick<LeaseRounds, 'held'>;
  retentionMs: number;
  clock: Clock;
  metrics: Metrics;
  log: Logger;
}

const COUNT_EVERY_MS = 15_000;
const PRUNE_EVERY_MS = 10 * 60_000;
const KEEP_NEWEST = 10_000;

/** Forgets finished deliveries of the subscriptions that this replica holds, and counts how all of them are doing. */
export class LedgerKeeper {
  readonly #options: LedgerKeeperOptions;
  readonly #ledger: DeliveryLedger;
  readonly #subscriptions: Gauge<'state'>;
  readonly #pending: Gauge;
  readonly #oldest: Gauge;
  readonly #leases: Gauge;
  #cancel: (() => void)[] = [];
  #busy: Promise<void> = Promise.resolve();

  constructor(options: LedgerKeeperOptions) {
    const { metrics, db } = options;
    this.#options = options;
    this.#ledger = new DeliveryLedger(db);
    this.#subscriptions = metrics.gauge('webhooks_subscriptions', {
      help: 'Subscriptions of the whole house by state; `failing` are active ones whose last attempt failed.',
      labels: ['state'],
    });
    this.#pending = metrics.gauge('webhooks_pending_deliveries', { help: 'Deliveries of the whole house that wait.' });
    this.#oldest = metrics.gauge('webhooks_oldest_pending_seconds', {
      help: 'Age of the oldest delivery that waits for an active subscription.',
    });
    this.#leases = metrics.gauge('webhooks_leases', { help: 'Subscriptions that this replica plans for.' });
  }

  start(): void {
    const { clock } = this.#options;
    this.#cancel = [
      clock.every(COUNT_EVERY_MS, () => this.#do(() => this.#count())),
      clock.every(PRUNE_EVERY_MS, () => this.#do(() => this.#prune())),
    ];
    this.#do(() => this.#count());
  }

  async stop(): Promise<void> {
    for (const cancel of this.#cancel.splice(0)) cancel();
    await this.#busy;
  }

  /** One after the other; what fails comes again at its next time. */
  #do(work: () => Promise<void>): void {
    this.#busy = this.#busy.then(work).catch((error: unknown) => {
      this.#options.log.debug({ err: error }, 'the ledger could not be looked after');
    });
  }

  async #count(): Promise<void> {
    const { active, paused, suspended, failing, pending, oldestPendingMs } = await this.#ledger.census();
    for (const [state, value] of Object.entries({ active, paused, suspended, failing }))
      this.#subscriptions.set({ state }, value);
    this.#pending.set(pending);
    this.#oldest.set(oldestPendingMs / 1_000);
    this.#leases.set(this.#options.rounds.held.size);
  }

  async #prune(): Promise<void> {
    const { rounds, retentionMs } = this.#options;
    for (const id of [...rounds.held.keys()])
      await this.#ledger.prune(id, { olderThanMs: retentionMs, keepNewest: KEEP_NEWEST });
  }
}
