import type { CommitReport, TelemetryBatch } from '@tributary/database';
import type { Clock, Counter, Gauge, Histogram, Logger, Metrics } from '@tributary/runtime';
import type { CommitLatency } from './commit-latency.ts';
import type { LaneName, LaneSwitch } from './lane-switch.ts';
import { LaneFailure, type QueuedCommit } from './queued-lane.ts';

/** Commits one batch; idempotent. Rejects with what the database said. */
export type DirectCommit = (batch: TelemetryBatch) => Promise<CommitReport>;

/** The part of `QueuedLane` that is used here. */
export interface QueueOfBatches {
  commit(batch: TelemetryBatch): Promise<QueuedCommit>;
  renew(): void;
}

export interface TelemetryLanesOptions {
  direct: DirectCommit;
  queued: QueueOfBatches;
  lane: LaneSwitch;
  latency: CommitLatency;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
}

/** The two ways of a sealed batch to Postgres. Redis can be away, wiped or slow: then this process commits by itself. */
export class TelemetryLanes {
  readonly #options: TelemetryLanesOptions;
  readonly #batches: Counter<'lane'>;
  readonly #failures: Counter<'kind'>;
  readonly #state: Gauge<'lane'>;
  readonly #seconds: Histogram<'lane'>;
  #shown: LaneName | undefined;

  constructor(options: TelemetryLanesOptions) {
    this.#options = options;
    const { metrics } = options;
    this.#batches = metrics.counter('ingest_batches_total', { help: 'Batches committed, by lane.', labels: ['lane'] });
    this.#failures = metrics.counter('ingest_queued_lane_failures_total', {
      help: 'Batches that the queue did not bring through, by kind.',
      labels: ['kind'],
    });
    this.#state = metrics.gauge('ingest_lane', { help: '1 for the lane that batches take now.', labels: ['lane'] });
    this.#seconds = metrics.histogram('ingest_commit_seconds', {
      help: 'Time from sealed to committed, by lane.',
      labels: ['lane'],
    });
    this.#show();
  }

  /** Rejects with what the database said when this process asked it itself. */
  async commit(given: TelemetryBatch): Promise<CommitReport> {
    const { lane } = this.#options;
    const batch = this.#sealed(given);
    if (lane.choose() === 'direct') return this.commitDirectly(batch);
    try {
      return await this.#timed('queued', async () => {
        const { report, answerMs } = await this.#options.queued.commit(batch);
        lane.succeeded(answerMs);
        return report;
      });
    } catch (error) {
      this.#queueFailed(error);
    } finally {
      this.#show();
    }
    return this.commitDirectly(batch);
  }

  commitDirectly(batch: TelemetryBatch): Promise<CommitReport> {
    return this.#timed('direct', () => this.#options.direct(this.#sealed(batch)));
  }

  #sealed(batch: TelemetryBatch): TelemetryBatch {
    return batch.sealedMs === undefined ? { ...batch, sealedMs: this.#options.clock.now() } : batch;
  }

  #queueFailed(error: unknown): void {
    if (!(error instanceof LaneFailure)) throw error;
    const { lane, queued, log } = this.#options;
    this.#failures.inc({ kind: error.kind });
    // A worker that could not commit says nothing against Redis; the direct way will tell what is wrong.
    if (error.kind === 'job-failed') {
      lane.succeeded(0);
      return;
    }
    const before = lane.current;
    lane.failed();
    if (lane.current === 'direct' && before === 'queued')
      log.warn({ kind: error.kind }, 'committing directly: Redis is unwell');
    // It was unwell before and this batch was the trial: a connection may be waiting for what never comes.
    else queued.renew();
  }

  async #timed(lane: LaneName, work: () => Promise<CommitReport>): Promise<CommitReport> {
    const { clock, latency } = this.#options;
    const from = clock.monotonicMs();
    const report = await work();
    const ms = clock.monotonicMs() - from;
    latency.add(ms);
    this.#batches.inc({ lane });
    this.#seconds.observe({ lane }, ms / 1_000);
    return report;
  }

  #show(): void {
    const { current } = this.#options.lane;
    if (current === this.#shown) return;
    if (this.#shown === 'direct') this.#options.log.info('the queued lane is well again');
    this.#shown = current;
    this.#state.set({ lane: 'queued' }, current === 'queued' ? 1 : 0);
    this.#state.set({ lane: 'direct' }, current === 'direct' ? 1 : 0);
  }
}
