import type { Clock } from '@tributary/runtime';

/** Why nothing is taken in. */
export type SuspensionReason = 'storage' | 'deploy' | 'valve' | 'memory' | 'stopping';

export interface SuspensionEffects {
  /** Stop asking the broker; what is held stays held. */
  pause(): void;
  resume(): void;
  /** Suspended for long: give everything held back to the broker. */
  release(): void;
}

/** The broker closes a channel whose deliveries wait for 30 minutes; we let go well before. */
export const RELEASE_AFTER_MS = 15 * 60_000;

/** Intake is suspended while there is any reason for it. */
export class Suspension {
  readonly #reasons = new Set<SuspensionReason>();
  readonly #clock: Clock;
  readonly #effects: SuspensionEffects;
  #cancelRelease: (() => void) | undefined;

  constructor(clock: Clock, effects: SuspensionEffects) {
    this.#clock = clock;
    this.#effects = effects;
  }

  get reasons(): readonly SuspensionReason[] {
    return [...this.#reasons];
  }

  get active(): boolean {
    return this.#reasons.size > 0;
  }

  add(reason: SuspensionReason): void {
    const before = this.active;
    this.#reasons.add(reason);
    if (before) return;
    this.#cancelRelease = this.#clock.after(RELEASE_AFTER_MS, () => this.#effects.release());
    this.#effects.pause();
  }

  lift(reason: SuspensionReason): void {
    if (!this.#reasons.delete(reason) || this.active) return;
    this.#cancelRelease?.();
    this.#effects.resume();
  }

  /** Stops the timer; for the end of the process. */
  end(): void {
    this.#cancelRelease?.();
  }
}
