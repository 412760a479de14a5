import type { Clock, Logger } from '@tributary/runtime';
import type { AccountStore } from '../ports.ts';
import type { RunLedger } from './run-ledger.ts';

export interface RunBookOptions {
  store: AccountStore;
  clock: Clock;
  log: Logger;
}

const EVERY_MS = 1_000;
const LAST_TRIES = 3;

/** Writes the ledgers of a process into the account: about once a second, all that have news in one statement. */
export class RunBook {
  readonly #options: RunBookOptions;
  readonly #ledgers = new Set<RunLedger>();
  #writing: Promise<void> = Promise.resolve();
  #busy = false;
  #lost = false;
  #cancel: () => void = () => undefined;

  constructor(options: RunBookOptions) {
    this.#options = options;
  }

  /** Until it has ended and all of it is written. */
  keep(ledger: RunLedger): void {
    this.#ledgers.add(ledger);
  }

  start(): void {
    this.#cancel = this.#options.clock.every(EVERY_MS, () => {
      // One that takes long is not overtaken: the next says the same and more.
      if (!this.#busy) this.#writing = this.#write();
    });
  }

  /** Writes what is left, with a few tries: what is not written then is what arrives on the bus, and is found there. */
  async stop(): Promise<void> {
    this.#cancel();
    await this.#writing;
    for (let tries = 0; tries < LAST_TRIES; tries++) {
      await this.#write();
      if (!this.#lost) return;
    }
  }

  async #write(): Promise<void> {
    const { store, clock, log } = this.#options;
    this.#busy = true;
    try {
      const reports = [...this.#ledgers].flatMap((ledger) => ledger.report(clock.now()) ?? []);
      if (reports.length > 0) await store.record(reports.flatMap(({ entries }) => entries));
      for (const report of reports) report.written();
      for (const ledger of this.#ledgers) if (ledger.done) this.#ledgers.delete(ledger);
      if (this.#lost) log.info('the account is written again');
      this.#lost = false;
    } catch (error) {
      if (!this.#lost) log.warn({ err: error }, 'the account cannot be written now; nothing is forgotten');
      this.#lost = true;
    } finally {
      this.#busy = false;
    }
  }
}
