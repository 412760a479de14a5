import { BreakerChanges, BreakerJournal, type Database } from '@tributary/database';
import type { Clock, Logger, Metrics } from '@tributary/runtime';
import type { BreakerTurn } from '../../breakers/breaker.ts';
import type { BreakerBook, BreakerElsewhere } from '../ports.ts';

export interface BreakerRowsOptions {
  platform: string;
  replica: string;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
}

/** What breakers do, in Postgres. */
export class BreakerRows implements BreakerBook {
  readonly #changes: BreakerChanges;
  readonly #journal: BreakerJournal;
  readonly #options: BreakerRowsOptions;

  constructor(db: Database, options: BreakerRowsOptions) {
    this.#options = options;
    this.#changes = new BreakerChanges(db);
    this.#journal = new BreakerJournal(this.#changes, { ...options, service: 'adapter' });
  }

  note(connectionId: string, { class: name, from, state: to, failures, code, retryAt }: BreakerTurn): void {
    const at = retryAt === undefined ? undefined : new Date(retryAt);
    this.#journal.note({ connectionId, class: name, from, to, failures, code, retryAt: at });
  }

  async elsewhere(): Promise<BreakerElsewhere[]> {
    const { platform, replica } = this.#options;
    const found = await this.#changes.elsewhere(platform, replica);
    return found.map(({ code, ...breaker }) => ({
      connectionId: breaker.connectionId,
      replica: breaker.replica,
      class: breaker.class,
      failures: breaker.failures,
      ...(code === null ? {} : { code }),
    }));
  }

  /** Once nobody keeps a breaker any more. */
  close(): Promise<void> {
    return this.#journal.close();
  }
}
