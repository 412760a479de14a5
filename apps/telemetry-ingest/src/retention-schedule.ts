import type { Retention, TelemetryStore } from '@tributary/database';
import type { Clock, Logger, Metrics } from '@tributary/runtime';

const EVERY_MS = 60 * 60_000;
const AGAIN_MS = 60_000;

export interface RetentionScheduleParts {
  store: Pick<TelemetryStore, 'ensurePartitions'>;
  retention: Pick<Retention, 'run'>;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
}

/**
 * Makes partitions ahead of time and drops what is past retention, every hour. Every replica does it; the database lets
 * one at a time. Points do not wait for it: a partition that is missing is made when its first point comes.
 */
export class RetentionSchedule {
  readonly #parts: RetentionScheduleParts;
  readonly #life = new AbortController();
  #cancel: () => void = () => undefined;

  constructor(parts: RetentionScheduleParts) {
    this.#parts = parts;
  }

  /** Once now, then every hour; a minute later after a failure. */
  async run(): Promise<void> {
    const done = await this.#keep();
    if (!this.#life.signal.aborted)
      this.#cancel = this.#parts.clock.after(done ? EVERY_MS : AGAIN_MS, () => void this.run());
  }

  stop(): void {
    this.#life.abort(new Error('stopping'));
    this.#cancel();
  }

  async #keep(): Promise<boolean> {
    const { store, retention, clock, log, metrics } = this.#parts;
    try {
      const now = clock.now();
      await store.ensurePartitions(now);
      await retention.run(now, this.#life.signal);
      metrics
        .gauge('ingest_retention_run_timestamp_seconds', {
          help: 'When partitions were last made and old data dropped.',
        })
        .set(now / 1_000);
      return true;
    } catch (error) {
      if (!this.#life.signal.aborted)
        log.warn({ err: error }, 'could not keep partitions and retention; trying again in a minute');
      return false;
    }
  }
}
