import type { Clock, Logger } from '@tributary/runtime';
import type { CloseReason } from '../../contract.ts';
import { OneAtATime } from '../../one-at-a-time.ts';
import type { HeldLease } from '../leases/held-lease.ts';
import type { ConnectionRecord, ConnectionSource } from '../ports.ts';
import { sameConfiguration } from '../requests/adapter-pool.ts';
import type { ConnectionSupervisor } from './connection-supervisor.ts';

export interface RosterOptions {
  source: ConnectionSource;
  clock: Clock;
  log: Logger;
  make: (record: ConnectionRecord, lease: HeldLease) => ConnectionSupervisor;
  /** The connection is paused or gone: its lease is not needed any more. */
  release: (connectionId: string) => Promise<void>;
}

const RECONCILE_MS = 10_000;
const RETRY_MS = 1_000;
/** What is not confirmed after this long is read again by the next owner. */
const STOP_MS = 15_000;

/** The connections that this process looks after: as many as it holds leases for, each with its configuration of now. */
export class Roster {
  readonly #options: RosterOptions;
  readonly #leases = new Map<string, HeldLease>();
  readonly #supervisors = new Map<string, ConnectionSupervisor>();
  readonly #turns = new OneAtATime();
  readonly #pending = new Set<string>();
  #cancelTimer = () => {};
  #stopping = false;

  constructor(options: RosterOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#supervisors.size;
  }

  get(connectionId: string): ConnectionSupervisor | undefined {
    return this.#supervisors.get(connectionId);
  }

  [Symbol.iterator](): Iterator<ConnectionSupervisor> {
    return this.#supervisors.values();
  }

  start(): void {
    this.#later(RECONCILE_MS);
  }

  gained(lease: HeldLease): void {
    this.#leases.set(lease.connectionId, lease);
    this.changed(lease.connectionId);
  }

  lost(lease: HeldLease): void {
    if (this.#leases.get(lease.connectionId) === lease) this.#leases.delete(lease.connectionId);
    void this.#turns.run(lease.connectionId, () => this.#stop(lease.connectionId, 'released', lease));
  }

  /** The configuration of one connection, or of any, may have changed. Nothing happens for one that is not ours. */
  changed(connectionId: string | undefined): void {
    if (connectionId === undefined) this.#later(0);
    if (connectionId === undefined || !this.#leases.has(connectionId)) return;
    this.#pending.add(connectionId);
    if (this.#pending.size === 1) this.#options.clock.after(0, () => this.#lookAtPending());
  }

  /** Lets everything go in order; leases stay until then. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#cancelTimer();
    const ids = [...this.#supervisors.keys()];
    await Promise.all(ids.map((id) => this.#turns.run(id, () => this.#stop(id, 'stopping'))));
  }

  /** Looks at all connections after `ms`, and again every `RECONCILE_MS`. */
  #later(ms: number): void {
    this.#cancelTimer();
    if (this.#stopping) return;
    this.#cancelTimer = this.#options.clock.after(ms, () => {
      this.#later(RECONCILE_MS);
      void this.#look([...this.#leases.keys()]);
    });
  }

  /** Many at once are read in one go: forty leases are gained together, and a deployment changes many settings. */
  #lookAtPending(): void {
    const ids = [...this.#pending];
    this.#pending.clear();
    void this.#look(ids);
  }

  async #look(ids: readonly string[]): Promise<void> {
    try {
      const found = new Map((await this.#options.source.find(ids)).map((record) => [record.id, record]));
      await Promise.all(ids.map((id) => this.#turns.run(id, () => this.#apply(id, found.get(id)))));
    } catch (error) {
      this.#options.log.debug({ err: error }, 'the configuration of connections could not be read');
      this.#later(RETRY_MS);
    }
  }

  async #apply(id: string, record: ConnectionRecord | undefined): Promise<void> {
    const lease = this.#leases.get(id);
    if (!lease?.valid() || this.#stopping) return;
    const present = this.#supervisors.get(id);
    if (record?.state !== 'active') return this.#letGo(id, record?.state === 'paused' ? 'released' : 'removed');
    if (present?.lease === lease && sameConfiguration(present.record, record)) return;
    await this.#stop(id, 'released');
    const { unsaid: _, ...rest } = record;
    const said = present ? { ...rest, ...present.said } : record;
    const supervisor = this.#options.make(said, lease);
    this.#supervisors.set(id, supervisor);
    supervisor.start();
  }

  /** Paused or removed; whoever changed it has told of that in the same transaction. */
  async #letGo(id: string, reason: CloseReason): Promise<void> {
    await this.#stop(id, reason);
    this.#leases.delete(id);
    await this.#options.release(id);
  }

  async #stop(id: string, reason: CloseReason, ofLease?: HeldLease): Promise<void> {
    const supervisor = this.#supervisors.get(id);
    if (!supervisor || (ofLease && supervisor.lease !== ofLease)) return;
    const late = new AbortController();
    const tooLate = this.#options.clock
      .sleep(STOP_MS, late.signal)
      .then(() => this.#options.log.warn({ connection: id }, 'a connection took too long to stop'))
      .catch(() => undefined);
    await Promise.race([supervisor.stop(reason), tooLate]);
    late.abort();
    if (this.#supervisors.get(id) === supervisor) this.#supervisors.delete(id);
  }
}
