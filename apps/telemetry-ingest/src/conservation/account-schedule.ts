import type { Clock, Logger } from '@tributary/runtime';
import type { BalanceWatch } from './balance-watch.ts';
import type { CoverageWatch } from './coverage-watch.ts';
import type { Sounding } from './sounding.ts';

export interface AccountScheduleParts {
  sounding: Pick<Sounding, 'round' | 'leave'>;
  watch: Pick<BalanceWatch, 'round'>;
  coverage: Pick<CoverageWatch, 'round'>;
  everyMs: number;
  clock: Clock;
  log: Logger;
}

/** Looks after the conservation account, every few seconds. A round that fails costs nothing but time. */
export class AccountSchedule {
  readonly #parts: AccountScheduleParts;
  readonly #life = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(parts: AccountScheduleParts) {
    this.#parts = parts;
  }

  /** Resolves after the first round: from then on it is known that this replica may hold something. */
  async start(): Promise<void> {
    await this.#round();
    this.#running = this.#goOn();
  }

  /** To be called when nothing is consumed any more. */
  async stop(): Promise<void> {
    this.#life.abort(new Error('stopping'));
    await this.#running;
    await this.#parts.sounding.leave();
  }

  async #goOn(): Promise<void> {
    const { clock, everyMs } = this.#parts;
    const { signal } = this.#life;
    while (!signal.aborted) {
      await clock.sleep(everyMs, signal).catch(() => undefined);
      if (!signal.aborted) await this.#round();
    }
  }

  async #round(): Promise<void> {
    const { sounding, watch, coverage, log } = this.#parts;
    try {
      await sounding.round();
      await watch.round();
      await coverage.round();
    } catch (error) {
      log.debug({ err: error }, 'the account could not be looked after; trying again soon');
    }
  }
}
