import { classifyDatabaseError, type ParkedNews } from '@tributary/database';
import type { Clock, Logger } from '@tributary/runtime';

const EVERY_MS = 10_000;

export interface ParkedNewsScheduleParts {
  news: Pick<ParkedNews, 'tellRest'>;
  clock: Clock;
  log: Logger;
}

/** Sees to it that what was counted of a group of parked messages is told, also when nothing comes after it. */
export class ParkedNewsSchedule {
  readonly #parts: ParkedNewsScheduleParts;
  #cancel: () => void = () => undefined;
  #telling: Promise<void> = Promise.resolve();

  constructor(parts: ParkedNewsScheduleParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#cancel = this.#parts.clock.every(EVERY_MS, () => {
      this.#telling = this.#telling.then(() => this.#tell());
    });
  }

  async stop(): Promise<void> {
    this.#cancel();
    await this.#telling;
  }

  async #tell(): Promise<void> {
    const { news, log } = this.#parts;
    try {
      await news.tellRest();
    } catch (error) {
      const away = classifyDatabaseError(error) === 'environment';
      log[away ? 'debug' : 'error']({ err: error }, 'could not tell of parked messages; they stay counted');
    }
  }
}
