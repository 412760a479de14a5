import { Inject, Injectable } from '@nestjs/common';
import type { CommitReport, TelemetryBatch, TelemetryStore } from '@tributary/database';
import { failpoint } from '@tributary/runtime';
import { TELEMETRY_STORE } from '../tokens.ts';
import { Processes } from './processes.ts';

/** Commits sealed batches, of whichever replica sealed them. */
@Processes('telemetryBatches')
@Injectable()
export class TelemetryProcessor {
  readonly #store: TelemetryStore;

  constructor(@Inject(TELEMETRY_STORE) store: TelemetryStore) {
    this.#store = store;
  }

  /** Resolves after the commit, with what the batch's owner needs to know. */
  async process(batch: TelemetryBatch): Promise<CommitReport> {
    await failpoint('worker-before-begin');
    const report = await this.#store.commit(batch);
    await failpoint('after-commit-before-complete');
    return report;
  }
}
