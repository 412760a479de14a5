import type { Clock } from './clock.ts';

export interface ReadinessReport {
  ready: boolean;
  /** Name of each thing readiness depends on, and why it is not ready. */
  checks: Record<string, { ready: boolean; reason?: string }>;
}

/** How long the event loop may stand still before the process counts as dead. */
const LOOP_STALL_MS = 10_000;

/**
 * Liveness asks one thing: does the event loop turn. It never looks at a dependency, or an outage of the database would
 * restart the fleet. Readiness is what each part of the service last said of itself.
 */
export class Health {
  readonly #states = new Map<string, { ready: boolean; reason?: string }>();
  readonly #clock: Clock;
  #lastTurnMs: number;
  #stopping = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#lastTurnMs = clock.monotonicMs();
    clock.every(1_000, () => {
      this.#lastTurnMs = clock.monotonicMs();
    });
  }

  /** A part that readiness waits for; it counts as not ready until `ready` is called. */
  part(name: string): { ready(): void; unready(reason: string): void } {
    this.#states.set(name, { ready: false, reason: 'starting' });
    return {
      ready: () => void this.#states.set(name, { ready: true }),
      unready: (reason) => void this.#states.set(name, { ready: false, reason }),
    };
  }

  /** From here on not ready for good: the first step of every shutdown. */
  stopping(): void {
    this.#stopping = true;
  }

  alive(): boolean {
    return this.#clock.monotonicMs() - this.#lastTurnMs < LOOP_STALL_MS;
  }

  readiness(): ReadinessReport {
    const checks = Object.fromEntries(this.#states);
    if (this.#stopping) checks.process = { ready: false, reason: 'stopping' };
    return { ready: Object.values(checks).every((c) => c.ready), checks };
  }
}
