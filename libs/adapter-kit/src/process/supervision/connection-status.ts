import { isPlatformError, type OperationClass, type WireError } from '@tributary/contracts';
import { ownTrouble } from '../own-trouble.ts';

export type Status = 'unknown' | 'connected' | 'degraded' | 'unauthorized' | 'paused' | 'removed';
export type StatusEvent = 'connected' | 'degraded' | 'recovered' | 'unauthorized';

export interface Trouble {
  kind: 'degraded' | 'unauthorized';
  reason: string;
  /** Of the breaker that is open, where that is the trouble. */
  class?: OperationClass;
  error?: WireError;
}

export interface StatusChange {
  event: StatusEvent;
  reason?: string;
  class?: OperationClass;
  error?: WireError;
}

/**
 * What a connection says of itself, from what its parts report. A change of status is an event; a second trouble beside
 * the first is not.
 */
export class ConnectionStatus {
  readonly #troubles = new Map<string, Trouble>();
  #status: Status;

  /** `last`: what the connection said before this owner, so that a take-over by itself is no news. */
  constructor(last: Status = 'unknown') {
    this.#status = last;
  }

  get status(): Status {
    return this.#status;
  }

  get trouble(): Trouble | undefined {
    const all = [...this.#troubles.values()];
    return all.find((trouble) => trouble.kind === 'unauthorized') ?? all[0];
  }

  /** The part's trouble is over, but that alone does not make the connection well: nothing is said. */
  forget(part: string): void {
    this.#troubles.delete(part);
  }

  /** `trouble` undefined: the part is well; `note` says what of it remains. Returns what is to be said aloud. */
  report(part: string, trouble: Trouble | undefined, note?: string): StatusChange | undefined {
    const gone = this.#troubles.get(part)?.class;
    if (trouble) this.#troubles.set(part, trouble);
    else this.#troubles.delete(part);
    const worst = this.trouble;
    const before = this.#status;
    this.#status = worst?.kind ?? 'connected';
    if (this.#status === before) return undefined;
    if (worst) return { event: worst.kind, ...detailsOf(worst) };
    const event = before === 'degraded' || before === 'unauthorized' ? 'recovered' : 'connected';
    return { event, ...(note === undefined ? {} : { reason: note }), ...(gone === undefined ? {} : { class: gone }) };
  }
}

function detailsOf({ reason, class: name, error }: Trouble): Omit<StatusChange, 'event'> {
  return { reason, ...(name === undefined ? {} : { class: name }), ...(error === undefined ? {} : { error }) };
}

/** What a failure means for the connection's status; messages of unknown errors may hold anything and stay inside. */
export function troubleOf(what: string, error: unknown): Trouble {
  if (!isPlatformError(error))
    return { kind: 'degraded', reason: `${what}: ${ownTrouble(error) ?? 'an unexpected error'}` };
  return {
    kind: error.code === 'authentication' ? 'unauthorized' : 'degraded',
    reason: `${what}: ${error.message}`,
    error: error.toWire(),
  };
}

/** Credentials were refused: asking again would be as wrong, and may lock an account. */
export const isRefusal = (error: unknown): boolean => isPlatformError(error) && error.code === 'authentication';
