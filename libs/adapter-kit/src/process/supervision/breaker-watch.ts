import type { Clock, Logger } from '@tributary/runtime';
import type { BreakerBook, BreakerElsewhere } from '../ports.ts';

export interface BreakerWatchOptions {
  breakers: Pick<BreakerBook, 'elsewhere'>;
  /** Replicas that live, this one included. */
  replicas: () => number;
  /** Those that this replica looks after. */
  connections: () => Iterable<BreakerListener>;
  clock: Clock;
  log: Logger;
}

interface BreakerListener {
  record: { id: string };
  breakersElsewhere(breakers: readonly BreakerElsewhere[]): void;
}

const LOOK_EVERY_MS = 5_000;

/**
 * Questions are answered by any replica, and each keeps breakers of its own: their owner learns here of those that are
 * open elsewhere, and that they have closed or that their replica is gone.
 */
export class BreakerWatch {
  readonly #options: BreakerWatchOptions;
  #stop = () => {};
  #known: readonly BreakerElsewhere[] = [];

  constructor(options: BreakerWatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#stop = this.#options.clock.every(LOOK_EVERY_MS, () => void this.look());
    void this.look();
  }

  stop(): void {
    this.#stop();
  }

  /** To one that is looked after from now on. */
  tell(connection: BreakerListener): void {
    connection.breakersElsewhere(this.#known.filter(({ connectionId }) => connectionId === connection.record.id));
  }

  /** Never rejects: what is not known now is known at the next look. */
  async look(): Promise<void> {
    const { breakers, replicas, connections, log } = this.#options;
    // One that is alone and knows of none learns of none.
    if (replicas() <= 1 && this.#known.length === 0) return;
    try {
      this.#known = await breakers.elsewhere();
      for (const connection of connections()) this.tell(connection);
    } catch (error) {
      log.debug({ err: error }, 'the breakers of other replicas could not be read');
    }
  }
}
