import { Module } from '@nestjs/common';
import {
  AdapterBook,
  type CredentialVault,
  type Database,
  ParkedJobs,
  type ParkedMessages,
  ParkedNews,
} from '@tributary/database';
import { type Broker, RequestClient } from '@tributary/messaging';
import type { StorageGate } from '../batches/storage-gate.ts';
import type { IngestContext } from '../foundation.module.ts';
import type { DecodeProbe } from '../intake/decode-probe.ts';
import { InventoryModule } from '../inventory/inventory.module.ts';
import type { ProjectionHandling } from '../inventory/projection-handling.ts';
import { TelemetryModule } from '../telemetry/telemetry.module.ts';
import type { TelemetryHandling } from '../telemetry/telemetry-handling.ts';
import {
  BROKER,
  CONTEXT,
  DATABASE,
  DECODE_PROBE,
  PARKED_MESSAGES,
  PARKING,
  PROJECTION_HANDLING,
  STORAGE_GATE,
  TELEMETRY_HANDLING,
  VAULT,
} from '../tokens.ts';
import { DeadLetters } from './dead-letters.ts';
import { ParkedJobProcessor } from './job.processor.ts';
import { JobRunner } from './job-runner.ts';
import { ParkedNewsSchedule } from './parked-news-schedule.ts';
import { ParkingModule } from './parking.module.ts';
import type { Parking } from './parking.ts';
import { Previews } from './previews.ts';
import { type Redrive, redriveProjections, redriveTelemetry } from './redrive.ts';
import { redriveItems } from './redrive-items.ts';
import { Redriver } from './redriver.ts';
import { Replayer, Replays } from './replays.ts';
import { SetAsideItems } from './set-aside-items.ts';

/** How long an adapter may take to read an item again. */
const ITEM_MS = 10_000;

function itemsOf({ config, clock, log, metrics, shutdown }: IngestContext, broker: Broker, db: Database) {
  const { RABBITMQ_URL: url, TRIBUTARY_NAMESPACE: namespace } = config;
  const questions = new RequestClient({ url, namespace, name: 'telemetry-ingest', log, metrics, clock });
  shutdown.add('questions', () => questions.close());
  const publisher = broker.publisher();
  return (telemetry: Redrive): Redrive =>
    redriveItems({
      ask: (platform, question, signal) =>
        questions.request(platform, 'items.preview', question, { deadlineMs: clock.now() + ITEM_MS, signal }),
      telemetry,
      publish: (event, routing, signal) => publisher.publish(event, routing, signal),
      book: new AdapterBook(db),
    });
}

@Module({
  imports: [ParkingModule, TelemetryModule, InventoryModule],
  providers: [
    {
      provide: DeadLetters,
      inject: [CONTEXT, BROKER, PARKING, DECODE_PROBE],
      useFactory: ({ clock, log }: IngestContext, broker: Broker, parking: Parking, probe: DecodeProbe) =>
        new DeadLetters({ broker, parking, readsSafely: (body) => probe.readsSafely(body), clock, log }),
    },
    {
      provide: SetAsideItems,
      inject: [CONTEXT, BROKER, PARKED_MESSAGES, PARKING, STORAGE_GATE],
      useFactory: (
        { log, metrics }: IngestContext,
        broker: Broker,
        parked: ParkedMessages,
        parking: Parking,
        gate: StorageGate,
      ) => new SetAsideItems({ broker, park: (item) => parked.park(item), parking, gate, log, metrics }),
    },
    {
      provide: Redriver,
      inject: [CONTEXT, BROKER, DATABASE, VAULT, TELEMETRY_HANDLING, PROJECTION_HANDLING, DECODE_PROBE],
      useFactory: (
        context: IngestContext,
        broker: Broker,
        db: Database,
        vault: CredentialVault,
        telemetry: TelemetryHandling,
        projections: ProjectionHandling,
        probe: DecodeProbe,
      ) => {
        const messages = redriveTelemetry(telemetry);
        const byQueue = new Map([
          [broker.names.ingestTelemetry, messages],
          [broker.names.ingestProjections, redriveProjections(projections)],
        ]);
        const items = itemsOf(context, broker, db)(messages);
        return new Redriver({ byQueue, items, vault, readsSafely: (body) => probe.readsSafely(body) });
      },
    },
    {
      provide: Replayer,
      inject: [CONTEXT, PARKED_MESSAGES, STORAGE_GATE, Redriver],
      useFactory: ({ log }: IngestContext, parked: ParkedMessages, gate: StorageGate, redriver: Redriver) => {
        const store = {
          get: (id: string) => parked.get(undefined, id),
          markReplayed: parked.markReplayed.bind(parked),
          markFailed: parked.markFailed.bind(parked),
        };
        return new Replayer({ store, gate, redriver, log });
      },
    },
    {
      provide: JobRunner,
      inject: [CONTEXT, DATABASE, STORAGE_GATE, Replayer],
      useFactory: ({ config, clock, log }: IngestContext, db: Database, gate: StorageGate, replayer: Replayer) => {
        const perSecond = config.PARKED_JOBS_PER_SECOND;
        return new JobRunner({ jobs: new ParkedJobs(db), replayer, gate, perSecond, clock, log });
      },
    },
    ParkedJobProcessor,
    {
      provide: ParkedNewsSchedule,
      inject: [CONTEXT, DATABASE],
      useFactory: ({ clock, log }: IngestContext, db: Database) =>
        new ParkedNewsSchedule({ news: new ParkedNews(db), clock, log }),
    },
    {
      provide: Previews,
      inject: [CONTEXT, Replayer],
      useFactory: (context: IngestContext, replayer: Replayer) => new Previews(context, replayer),
    },
    {
      provide: Replays,
      inject: [CONTEXT, BROKER, Replayer, JobRunner],
      useFactory: ({ log }: IngestContext, broker: Broker, replayer: Replayer, runner: JobRunner) =>
        new Replays({ broker, replayer, onJob: (id) => runner.soon(id), log }),
    },
  ],
  exports: [DeadLetters, SetAsideItems, ParkedJobProcessor, ParkedNewsSchedule, Previews, Replays],
})
export class ReplaysModule {}
