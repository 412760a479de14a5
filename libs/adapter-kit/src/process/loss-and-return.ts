import type { Health, Logger, Shutdown } from '@tributary/runtime';

/** What this process depends on: each loss is logged once and each return once, and readiness follows. */
export class LossAndReturn {
  readonly #log: Logger;
  readonly #stopping: AbortSignal;
  readonly #parts: Map<string, { ready(): void; unready(reason: string): void }>;
  /** Undefined: nothing is known yet. */
  readonly #up = new Map<string, boolean | undefined>();
  #whenAll = () => {};

  constructor(
    { health, log, shutdown }: { health: Health; log: Logger; shutdown: Pick<Shutdown, 'signal'> },
    names: readonly string[],
  ) {
    this.#log = log;
    this.#stopping = shutdown.signal;
    this.#parts = new Map(names.map((name) => [name, health.part(name)]));
    for (const name of names) this.#up.set(name, undefined);
  }

  lost(name: string, reason: unknown): void {
    const text = reason instanceof Error ? reason.message : String(reason ?? 'not connected');
    this.#parts.get(name)?.unready(text);
    // What is closed in order is not lost.
    if (this.#up.get(name) === false || this.#stopping.aborted) return;
    this.#up.set(name, false);
    this.#log.warn({ dependency: name, reason: text }, 'a dependency is away; trying again');
  }

  returned(name: string): void {
    this.#parts.get(name)?.ready();
    const before = this.#up.get(name);
    if (before === true) return;
    this.#up.set(name, true);
    if (before === false) this.#log.info({ dependency: name }, 'a dependency is back');
    this.#tell();
  }

  /** Called once, as soon as everything is there. */
  whenAllReturned(fn: () => void): void {
    this.#whenAll = fn;
    this.#tell();
  }

  #tell(): void {
    if (![...this.#up.values()].every((up) => up === true)) return;
    const fn = this.#whenAll;
    this.#whenAll = () => {};
    fn();
  }
}
