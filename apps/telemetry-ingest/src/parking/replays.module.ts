import { Module } from '@nestjs/common';
import type { ParkedMessages } from '@tributary/database';
import type { Broker } from '@tributary/messaging';
import type { StorageGate } from '../batches/storage-gate.ts';
import type { IngestContext } from '../foundation.module.ts';
import { InventoryModule } from '../inventory/inventory.module.ts';
import type { ProjectionHandling } from '../inventory/projection-handling.ts';
import { TelemetryModule } from '../telemetry/telemetry.module.ts';
import type { TelemetryHandling } from '../telemetry/telemetry-handling.ts';
import {
  BROKER,
  CONTEXT,
  PARKED_MESSAGES,
  PARKING,
  PROJECTION_HANDLING,
  STORAGE_GATE,
  TELEMETRY_HANDLING,
} from '../tokens.ts';
import { DeadLetters } from './dead-letters.ts';
import { replayStoreOf } from './parked-rows.ts';
import { ParkingModule } from './parking.module.ts';
import type { Parking } from './parking.ts';
import { Replays, replayThrough } from './replays.ts';

@Module({
  imports: [ParkingModule, TelemetryModule, InventoryModule],
  providers: [
    {
      provide: DeadLetters,
      inject: [CONTEXT, BROKER, PARKING],
      useFactory: ({ log }: IngestContext, broker: Broker, parking: Parking) =>
        new DeadLetters({ broker, parking, log }),
    },
    {
      provide: Replays,
      inject: [CONTEXT, BROKER, PARKED_MESSAGES, STORAGE_GATE, TELEMETRY_HANDLING, PROJECTION_HANDLING],
      useFactory: (
        { log }: IngestContext,
        broker: Broker,
        parked: ParkedMessages,
        gate: StorageGate,
        telemetry: TelemetryHandling,
        projections: ProjectionHandling,
      ) => {
        const byQueue = new Map([
          [broker.names.ingestTelemetry, replayThrough(telemetry)],
          [broker.names.ingestProjections, replayThrough(projections)],
        ]);
        return new Replays({ broker, store: replayStoreOf(parked), gate, byQueue, log });
      },
    },
  ],
  exports: [DeadLetters, Replays],
})
export class ReplaysModule {}
