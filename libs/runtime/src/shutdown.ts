import type { Logger } from './logging.ts';

interface Step {
  name: string;
  stop: () => Promise<void> | void;
}

/** After this long the process leaves, finished or not; below Kubernetes' grace period of 40 s. */
export const HARD_EXIT_MS = 25_000;

/**
 * The order in which a service lets go: what was started last stops first. Every step runs, even if one before it
 * failed; running it twice is the same as once.
 */
export class Shutdown {
  readonly #steps: Step[] = [];
  readonly #log: Logger;
  #running: Promise<void> | undefined;
  /** Aborts as soon as stopping begins: for loops that should not start another round. */
  readonly #abort = new AbortController();

  constructor(log: Logger) {
    this.#log = log;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  add(name: string, stop: () => Promise<void> | void): void {
    this.#steps.push({ name, stop });
  }

  run(reason: string): Promise<void> {
    this.#running ??= this.#stopAll(reason);
    return this.#running;
  }

  async #stopAll(reason: string): Promise<void> {
    this.#log.info({ reason }, 'stopping');
    this.#abort.abort(new Error(`stopping: ${reason}`));
    for (const step of this.#steps.toReversed()) {
      try {
        await step.stop();
      } catch (error) {
        this.#log.error({ err: error, step: step.name }, 'a step of the shutdown failed');
      }
    }
    this.#log.info('stopped');
  }
}
