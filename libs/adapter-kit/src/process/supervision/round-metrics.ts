import type { Clock, Metrics } from '@tributary/runtime';

/** How the rounds of a connection's schedules go; names of schedules are the adapter's own, never the vendor's. */
export class RoundMetrics {
  readonly #clock: Clock;
  readonly #connection: string;
  readonly #rounds;
  readonly #seconds;
  readonly #well;

  constructor({ metrics, clock, connectionId }: { metrics: Metrics; clock: Clock; connectionId: string }) {
    this.#clock = clock;
    this.#connection = connectionId;
    this.#rounds = metrics.counter('adapter_rounds_total', {
      help: 'Rounds of polls and discoveries, by how they ended',
      labels: ['part', 'outcome'],
    });
    this.#seconds = metrics.histogram('adapter_round_seconds', {
      help: 'Length of a round, confirms included',
      labels: ['part'],
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    });
    this.#well = metrics.gauge('adapter_last_good_round_timestamp_seconds', {
      help: 'When the last round went through; its distance from now is the lag of a poll',
      labels: ['connection', 'part'],
    });
  }

  /** Runs one round and counts it. */
  async measure(part: string, round: () => Promise<void>): Promise<void> {
    const startedMs = this.#clock.monotonicMs();
    let outcome = 'failed';
    try {
      await round();
      outcome = 'ok';
      this.#well.set({ connection: this.#connection, part }, this.#clock.now() / 1_000);
    } finally {
      this.#rounds.inc({ part, outcome });
      this.#seconds.observe({ part }, (this.#clock.monotonicMs() - startedMs) / 1_000);
    }
  }

  /** The connection is somebody else's now. */
  forget(parts: readonly string[]): void {
    for (const part of parts) this.#well.remove({ connection: this.#connection, part });
  }
}
