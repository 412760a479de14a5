import { NotFoundError, UnavailableError } from '@tributary/contracts';
import type { Clock, Logger } from '@tributary/runtime';
import type { CloseReason } from '../../contract.ts';
import { canonical } from '../../digest.ts';
import type { ConnectionRecord, ConnectionSource } from '../ports.ts';
import { type ConnectionInstance, type InstanceOptions, makeInstance } from '../supervision/connection-instance.ts';

export interface AdapterPoolOptions extends InstanceOptions {
  source: Pick<ConnectionSource, 'find'>;
  /** The instance of a connection that this process owns, where it has one. */
  owned: (connectionId: string) => ConnectionInstance | undefined;
  clock: Clock;
  log: Logger;
}

export interface Borrowed {
  instance: ConnectionInstance;
  giveBack(): void;
}

interface Entry {
  instance: ConnectionInstance;
  usedAtMs: number;
  checkedAtMs: number;
  users: number;
}

const MAX_IDLE_MS = 300_000;
const MAX_ENTRIES = 100;
/** A changed configuration is noticed after this long at most; a notification is quicker. */
const RECHECK_MS = 10_000;

/** Adapters for questions and orders about any connection of the platform: owned ones as they are, others as needed. */
export class AdapterPool {
  readonly #options: AdapterPoolOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #opening = new Map<string, Promise<Entry>>();

  constructor(options: AdapterPoolOptions) {
    this.#options = options;
  }

  /**
   * Open until it is given back. Throws `NotFoundError`, `UnavailableError` for a paused connection, or what its
   * configuration is guilty of.
   */
  async borrow(connectionId: string): Promise<Borrowed> {
    const owned = this.#options.owned(connectionId);
    if (owned) return { instance: owned, giveBack: () => {} };
    const entry = await this.#entry(connectionId);
    entry.users += 1;
    return {
      instance: entry.instance,
      giveBack: () => {
        entry.users -= 1;
        entry.usedAtMs = this.#options.clock.monotonicMs();
        this.#evict();
      },
    };
  }

  /** Borrows for as long as `work` runs. */
  async use<T>(connectionId: string, work: (instance: ConnectionInstance) => Promise<T>): Promise<T> {
    const { instance, giveBack } = await this.borrow(connectionId);
    try {
      return await work(instance);
    } finally {
      giveBack();
    }
  }

  /** Its configuration may have changed: the next use looks. One that was removed signs out now. */
  changed(connectionId: string): void {
    const entry = this.#entries.get(connectionId);
    if (!entry) return;
    entry.checkedAtMs = Number.NEGATIVE_INFINITY;
    this.#dropIfRemoved(connectionId, entry).catch((error: unknown) => {
      this.#options.log.debug({ err: error, connectionId }, 'a changed connection could not be read');
    });
  }

  /** Lets go of what nobody has used lately. */
  #evict(): void {
    const now = this.#options.clock.monotonicMs();
    const idle = [...this.#entries].filter(([, entry]) => entry.users === 0);
    idle.sort(([, a], [, b]) => a.usedAtMs - b.usedAtMs);
    let surplus = this.#entries.size - MAX_ENTRIES;
    for (const [id, entry] of idle) {
      if (surplus <= 0 && now - entry.usedAtMs < MAX_IDLE_MS) return;
      surplus -= 1;
      this.#drop(id, entry, 'released');
    }
  }

  async close(): Promise<void> {
    const open = [...this.#entries.values()];
    this.#entries.clear();
    await Promise.allSettled(open.map(({ instance }) => instance.close('stopping')));
  }

  #entry(connectionId: string): Promise<Entry> {
    const known = this.#entries.get(connectionId);
    const now = this.#options.clock.monotonicMs();
    if (known && now - known.checkedAtMs < RECHECK_MS) return Promise.resolve(known);
    const opening = this.#opening.get(connectionId) ?? this.#open(connectionId, known);
    this.#opening.set(connectionId, opening);
    return opening.finally(() => this.#opening.delete(connectionId));
  }

  async #open(connectionId: string, known: Entry | undefined): Promise<Entry> {
    const { source, clock, definition } = this.#options;
    const [record] = await source.find([connectionId]);
    const nowMs = clock.monotonicMs();
    if (known && record?.state === 'active' && sameConfiguration(known.instance.record, record)) {
      known.checkedAtMs = nowMs;
      return known;
    }
    if (known) this.#drop(connectionId, known, record?.state === 'removed' ? 'removed' : 'released');
    if (record?.platform !== definition.manifest.platform) {
      throw new NotFoundError('there is no such connection of this platform');
    }
    if (record.state === 'removed') throw new NotFoundError('the connection was removed');
    if (record.state === 'paused') throw new UnavailableError('the connection is paused');
    const instance = makeInstance(record, this.#options);
    const entry: Entry = { instance, usedAtMs: nowMs, checkedAtMs: nowMs, users: 0 };
    this.#entries.set(connectionId, entry);
    return entry;
  }

  async #dropIfRemoved(connectionId: string, entry: Entry): Promise<void> {
    const [record] = await this.#options.source.find([connectionId]);
    if (record?.state === 'removed') this.#drop(connectionId, entry, 'removed');
  }

  /** Once for each entry. */
  #drop(connectionId: string, entry: Entry, reason: CloseReason): void {
    if (this.#entries.get(connectionId) !== entry) return;
    this.#entries.delete(connectionId);
    entry.instance.close(reason).catch((error: unknown) => {
      this.#options.log.warn({ err: error, connectionId }, 'an adapter could not be closed in order');
    });
  }
}

/** A new name alone is no reason to log in again. */
export const sameConfiguration = (a: ConnectionRecord, b: ConnectionRecord): boolean =>
  a.credentialsMark === b.credentialsMark && canonical(a.settings) === canonical(b.settings);
