import type { Clock, Logger } from '@tributary/runtime';
import type { Ledger } from '../ports.ts';
import type { CommandExecutor } from './command-executor.ts';

export interface CommandSweepOptions {
  ledger: Ledger;
  executor: Pick<CommandExecutor, 'handle' | 'isRunning'>;
  platform: string;
  clock: Clock;
  log: Logger;
}

const EVERY_MS = 5_000;
const AT_ONCE = 50;
const STOP_MS = 10_000;

/** What the queue does not bring: deadlines that pass while an order waits, and orders that the queue has lost. */
export class CommandSweep {
  readonly #options: CommandSweepOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #cancel = () => {};

  constructor(options: CommandSweepOptions) {
    this.#options = options;
  }

  start(): void {
    this.#cancel = this.#options.clock.every(EVERY_MS, () => {
      this.#running ??= this.#round().finally(() => {
        this.#running = undefined;
      });
    });
  }

  async stop(): Promise<void> {
    this.#cancel();
    const late = new AbortController();
    const enough = this.#options.clock.sleep(STOP_MS, late.signal).catch(() => undefined);
    await Promise.race([this.#running, enough]);
    late.abort();
    this.#stop.abort(new Error('the process stops'));
  }

  async #round(): Promise<void> {
    const { ledger, executor, platform, log } = this.#options;
    try {
      await ledger.expireDue();
      const lost = await ledger.waiting(platform, AT_ONCE);
      await Promise.all(lost.map((order) => executor.handle(order, this.#stop.signal)));
    } catch (error) {
      log.debug({ err: error }, 'waiting orders could not be looked at');
    }
  }
}
