import type { PlatformError, WireError } from '@tributary/contracts';
import type { Clock } from '@tributary/runtime';

/** What a connection last heard from its platform. */
export class AccessJournal {
  readonly #clock: Clock;
  #lastSuccessAtMs: number | undefined;
  #lastError: (WireError & { at: string }) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  succeeded(): void {
    this.#lastSuccessAtMs = this.#clock.now();
  }

  failed(error: PlatformError): void {
    this.#lastError = { ...error.toWire(), at: new Date(this.#clock.now()).toISOString() };
  }

  get lastSuccessAt(): string | undefined {
    return this.#lastSuccessAtMs === undefined ? undefined : new Date(this.#lastSuccessAtMs).toISOString();
  }

  get lastError(): (WireError & { at: string }) | undefined {
    return this.#lastError;
  }
}
