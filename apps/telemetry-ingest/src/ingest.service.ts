import { Inject, Injectable } from '@nestjs/common';
import {
  type CommitReport,
  type Database,
  Retention,
  type TelemetryBatch,
  type TelemetryStore,
} from '@tributary/database';
import type { Broker } from '@tributary/messaging';
import type { QueuedLane } from './batches/queued-lane.ts';
import type { StorageGate } from './batches/storage-gate.ts';
import { AccountSchedule } from './conservation/account-schedule.ts';
import type { IngestContext } from './foundation.module.ts';
import { FreshnessSchedule } from './freshness/freshness-schedule.ts';
import type { DecodeProbe } from './intake/decode-probe.ts';
import type { Intake } from './intake/intake.ts';
import { DeadLetters } from './parking/dead-letters.ts';
import { ParkedJobProcessor } from './parking/job.processor.ts';
import { ParkedNewsSchedule } from './parking/parked-news-schedule.ts';
import type { Parking } from './parking/parking.ts';
import { Previews } from './parking/previews.ts';
import { Replays } from './parking/replays.ts';
import { SetAsideItems } from './parking/set-aside-items.ts';
import { queues } from './queues.ts';
import { RetentionSchedule } from './retention-schedule.ts';
import { BatchWorker } from './telemetry/batch-worker.ts';
import { TelemetryProcessor } from './telemetry/telemetry.processor.ts';
import {
  BROKER,
  CONTEXT,
  DATABASE,
  DECODE_PROBE,
  PARKING,
  PROJECTION_INTAKE,
  QUEUED_LANE,
  STORAGE_GATE,
  TELEMETRY_INTAKE,
  TELEMETRY_STORE,
} from './tokens.ts';

const SCHEMA_RETRY_MS = 1_000;

/** Starts everything in order and lets go of it in the reverse one. */
@Injectable()
export class IngestService {
  readonly #context: IngestContext;
  readonly #database: Database;
  readonly #broker: Broker;
  readonly #gate: StorageGate;
  readonly #store: TelemetryStore;
  readonly #queued: QueuedLane;
  readonly #intakes: Intake<unknown>[];
  readonly #parking: Parking;
  readonly #probe: DecodeProbe;
  readonly #deadLetters: DeadLetters;
  readonly #replays: Replays;
  readonly #setAside: SetAsideItems;
  readonly #jobs: ParkedJobProcessor;
  readonly #news: ParkedNewsSchedule;
  readonly #previews: Previews;
  readonly #processor: TelemetryProcessor;
  readonly #account: AccountSchedule;
  readonly #freshness: FreshnessSchedule;

  constructor(
    @Inject(CONTEXT) context: IngestContext,
    @Inject(DATABASE) database: Database,
    @Inject(BROKER) broker: Broker,
    @Inject(STORAGE_GATE) gate: StorageGate,
    @Inject(TELEMETRY_STORE) store: TelemetryStore,
    @Inject(QUEUED_LANE) queued: QueuedLane,
    @Inject(TELEMETRY_INTAKE) telemetry: Intake<unknown>,
    @Inject(PROJECTION_INTAKE) projections: Intake<unknown>,
    @Inject(PARKING) parking: Parking,
    @Inject(DECODE_PROBE) probe: DecodeProbe,
    @Inject(DeadLetters) deadLetters: DeadLetters,
    @Inject(Replays) replays: Replays,
    @Inject(SetAsideItems) setAside: SetAsideItems,
    @Inject(ParkedJobProcessor) jobs: ParkedJobProcessor,
    @Inject(ParkedNewsSchedule) news: ParkedNewsSchedule,
    @Inject(Previews) previews: Previews,
    @Inject(TelemetryProcessor) processor: TelemetryProcessor,
    @Inject(AccountSchedule) account: AccountSchedule,
    @Inject(FreshnessSchedule) freshness: FreshnessSchedule,
  ) {
    this.#context = context;
    this.#database = database;
    this.#broker = broker;
    this.#gate = gate;
    this.#store = store;
    this.#queued = queued;
    this.#intakes = [telemetry, projections];
    this.#parking = parking;
    this.#probe = probe;
    this.#deadLetters = deadLetters;
    this.#replays = replays;
    this.#setAside = setAside;
    this.#jobs = jobs;
    this.#news = news;
    this.#previews = previews;
    this.#processor = processor;
    this.#account = account;
    this.#freshness = freshness;
  }

  /** Returns at once; consuming begins when the database has the schema this code knows. */
  start(): void {
    const { shutdown } = this.#context;
    shutdown.add('database', () => this.#database.close());
    shutdown.add('broker', () => this.#broker.close());
    shutdown.add('queued lane', () => this.#queued.close());
    shutdown.add('decode probe', () => this.#probe.close());
    const worker = this.#startWorker();
    shutdown.add('worker', () => worker.close());
    shutdown.add('account', () => this.#account.stop());
    shutdown.add('freshness', () => this.#freshness.stop());
    shutdown.add('intakes', async () => {
      await Promise.all([
        ...this.#intakes.map((intake) => intake.stop()),
        this.#deadLetters.stop(),
        this.#replays.stop(),
        this.#setAside.stop(),
        this.#jobs.stop(),
        this.#news.stop(),
        this.#previews.stop(),
      ]);
    });
    this.#reportHealth();
    void this.#startWhenSchemaFits();
  }

  #startWorker(): BatchWorker<TelemetryBatch> {
    const { config, clock, log, metrics } = this.#context;
    return new BatchWorker<TelemetryBatch>({
      redisUrl: config.REDIS_URL,
      namespace: config.TRIBUTARY_NAMESPACE,
      queue: queues.telemetryBatches,
      concurrency: config.INGEST_BATCHES_UNDER_WAY,
      process: (batch): Promise<CommitReport> => this.#processor.process(batch),
      onHopeless: () => {
        log.fatal('no worker makes progress; leaving, to be started anew');
        process.kill(process.pid, 'SIGTERM');
      },
      clock,
      log,
      metrics,
    });
  }

  #reportHealth(): void {
    const { health } = this.#context;
    const broker = health.part('broker');
    this.#broker.onStateChange((up, reason) => (up ? broker.ready() : broker.unready(reason ?? 'away')));
    const parking = health.part('parking');
    parking.ready();
    this.#parking.onShut(() => parking.unready('too much does not fit: intake has stopped'));
  }

  async #startWhenSchemaFits(): Promise<void> {
    const { config, health, clock, log, shutdown, metrics } = this.#context;
    const part = health.part('database');
    for (let reason = ''; ; ) {
      try {
        await this.#database.ready();
        break;
      } catch (error) {
        const now = error instanceof Error ? error.message : 'does not answer';
        if (now !== reason) log.warn({ err: error }, 'waiting for the database');
        reason = now;
        part.unready(now === '' ? 'does not answer' : now);
      }
      if (await stopped(clock.sleep(SCHEMA_RETRY_MS, shutdown.signal))) return;
    }
    part.ready();
    this.#gate.onChange((trouble) => {
      if (!trouble) part.ready();
      else part.unready(trouble === 'deploy' ? 'code and schema do not fit' : 'away');
    });
    const periods = { conservationMs: config.CONSERVATION_RETENTION, commitsMs: config.LINEAGE_RETENTION };
    const retention = new Retention(this.#database, { store: this.#store, log, periods });
    const schedule = new RetentionSchedule({ store: this.#store, retention, clock, log, metrics });
    shutdown.add('retention', () => schedule.stop());
    void schedule.run();
    await this.#account.start();
    if (shutdown.signal.aborted) return;
    for (const intake of this.#intakes) intake.start();
    this.#deadLetters.start();
    this.#setAside.start();
    this.#jobs.start();
    this.#news.start();
    this.#replays.start();
    this.#freshness.start();
    await this.#previews.start();
  }
}

/** True when the wait was cut short because the service stops. */
const stopped = (wait: Promise<void>): Promise<boolean> =>
  wait.then(
    () => false,
    () => true,
  );
