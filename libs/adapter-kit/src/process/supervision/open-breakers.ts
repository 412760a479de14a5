import type { OperationClass, WireError } from '@tributary/contracts';
import type { Clock } from '@tributary/runtime';
import { type BreakerTurn, LET_GO } from '../../breakers/breaker.ts';
import type { BreakerElsewhere } from '../ports.ts';
import type { Trouble } from './connection-status.ts';

/**
 * A breaker that waits for its next call longer than this says nothing of the platform any more: nobody has asked. Longer
 * than any pause between two tries.
 */
const UNTRIED_MS = 900_000;

export interface OpenBreakersOptions {
  clock: Clock;
  /** With the trouble while calls are paused; undefined once they go on. `note` says what is not known even so. */
  report: (part: string, trouble: Trouble | undefined, note?: string) => void;
  /** The breaker is gone, which says nothing of the platform. */
  forget: (part: string) => void;
}

/**
 * What open breakers mean for the status of their connection, those of this replica and, as its owner, those of others:
 * a connection is degraded from the opening of the first to the closing of the last.
 */
export class OpenBreakers {
  readonly #options: OpenBreakersOptions;
  readonly #untried = new Map<OperationClass, () => void>();
  /** Parts by what they are called in the status. */
  #elsewhere = new Set<string>();

  constructor(options: OpenBreakersOptions) {
    this.#options = options;
  }

  turned({ class: name, state, failures, code, error }: BreakerTurn): void {
    const part = partOf(name);
    this.#untried.get(name)?.();
    this.#untried.delete(name);
    if (state === 'open') this.#options.report(part, troubleOf(name, failures, error));
    else if (state === 'half-open') this.#untried.set(name, this.#letRest(name));
    else if (code === LET_GO) this.#options.forget(part);
    else this.#options.report(part, undefined);
  }

  /** Those of other replicas that are not closed now; what is missing has closed, or its replica is gone. */
  elsewhere(breakers: readonly BreakerElsewhere[]): void {
    const before = this.#elsewhere;
    this.#elsewhere = new Set(breakers.map(({ class: name, replica }) => partOf(name, replica)));
    for (const { class: name, replica, failures } of breakers) {
      const part = partOf(name, replica);
      if (!before.has(part)) this.#options.report(part, troubleOf(name, failures));
    }
    for (const part of before) if (!this.#elsewhere.has(part)) this.#options.report(part, undefined);
  }

  /** The connection is let go. */
  stop(): void {
    for (const cancel of this.#untried.values()) cancel();
    this.#untried.clear();
  }

  #letRest(name: OperationClass): () => void {
    return this.#options.clock.after(UNTRIED_MS, () =>
      this.#options.report(partOf(name), undefined, `${name}: nobody has tried since calls were paused`),
    );
  }
}

const partOf = (name: OperationClass, replica?: string) =>
  replica === undefined ? `calls of class ${name}` : `calls of class ${name} of ${replica}`;

const troubleOf = (name: OperationClass, failures: number, error?: WireError): Trouble => ({
  kind: 'degraded',
  class: name,
  reason: `${name}: calls are paused after ${failures} failures in a row${error ? `: ${error.message}` : ''}`,
  ...(error ? { error } : {}),
});
