import type { CoverageReader, CoverageStanding } from '@tributary/database';
import type { Clock, Gauge, Metrics } from '@tributary/runtime';

export interface CoverageWatchParts {
  coverage: Pick<CoverageReader, 'standings'>;
  clock: Clock;
  metrics: Metrics;
}

/** Holes change slowly, and looking at all of them costs more than a round of the account. */
const EVERY_MS = 15_000;

/** Shows how much of each connection's time is not there. */
export class CoverageWatch {
  readonly #parts: CoverageWatchParts;
  readonly #seconds: Gauge<'connection' | 'state'>;
  readonly #age: Gauge<'connection'>;
  #shown: ReadonlySet<string> = new Set();
  #lookedAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: CoverageWatchParts) {
    this.#parts = parts;
    this.#seconds = parts.metrics.gauge('coverage_gap_seconds', {
      help: 'Seconds of the time of the source that are missing or unrecoverable, over all stretches that are stated, whether of one device or of all. Every replica shows the same.',
      labels: ['connection', 'state'],
    });
    this.#age = parts.metrics.gauge('coverage_oldest_hole_age_seconds', {
      help: 'For how long the oldest stretch that is still missing has been known; zero without one. Every replica shows the same.',
      labels: ['connection'],
    });
  }

  /** Rejects when the database is away. */
  async round(): Promise<void> {
    const { clock, coverage } = this.#parts;
    if (clock.monotonicMs() - this.#lookedAtMs < EVERY_MS) return;
    const standings = await coverage.standings();
    this.#lookedAtMs = clock.monotonicMs();
    const present = new Set(standings.map(({ connectionId }) => connectionId));
    for (const connectionId of this.#shown) if (!present.has(connectionId)) this.#show(whole(connectionId));
    for (const standing of standings) this.#show(standing);
    this.#shown = new Set([...this.#shown, ...present]);
  }

  #show({ connectionId: connection, ...standing }: CoverageStanding): void {
    this.#seconds.set({ connection, state: 'missing' }, standing.missingSeconds);
    this.#seconds.set({ connection, state: 'unrecoverable' }, standing.unrecoverableSeconds);
    this.#age.set({ connection }, standing.oldestHoleAgeSeconds);
  }
}

const whole = (connectionId: string): CoverageStanding => ({
  connectionId,
  missingSeconds: 0,
  unrecoverableSeconds: 0,
  oldestHoleAgeSeconds: 0,
});
