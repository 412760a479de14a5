import { Module } from '@nestjs/common';
import type { TelemetryStore } from '@tributary/database';
import type { Broker } from '@tributary/messaging';
import { BatchesModule } from '../batches/batches.module.ts';
import type { StorageGate } from '../batches/storage-gate.ts';
import type { TelemetryLanes } from '../batches/telemetry-lanes.ts';
import type { IngestContext } from '../foundation.module.ts';
import type { Accounting } from '../intake/accounting.ts';
import { buildIntake } from '../intake/build-intake.ts';
import type { DecodeProbe } from '../intake/decode-probe.ts';
import { ParkingModule } from '../parking/parking.module.ts';
import type { Parking } from '../parking/parking.ts';
import {
  ACCOUNTING,
  BROKER,
  CONTEXT,
  DECODE_PROBE,
  LANES,
  PARKING,
  STORAGE_GATE,
  TELEMETRY_HANDLING,
  TELEMETRY_INTAKE,
  TELEMETRY_STORE,
} from '../tokens.ts';
import { TelemetryProcessor } from './telemetry.processor.ts';
import { TelemetryHandling } from './telemetry-handling.ts';

const MEBIBYTE = 1_048_576;
const LINGER_MS = 100;

@Module({
  imports: [BatchesModule, ParkingModule],
  providers: [
    TelemetryProcessor,
    {
      provide: TELEMETRY_HANDLING,
      inject: [CONTEXT, LANES, TELEMETRY_STORE, STORAGE_GATE, ACCOUNTING],
      useFactory: (
        { log }: IngestContext,
        lanes: TelemetryLanes,
        store: TelemetryStore,
        gate: StorageGate,
        accounting: Accounting,
      ) => new TelemetryHandling({ lanes, rehearse: (batch) => store.rehearse(batch), gate, accounting, log }),
    },
    {
      provide: TELEMETRY_INTAKE,
      inject: [CONTEXT, BROKER, TELEMETRY_HANDLING, PARKING, STORAGE_GATE, DECODE_PROBE],
      useFactory: (
        context: IngestContext,
        broker: Broker,
        handling: TelemetryHandling,
        parking: Parking,
        gate: StorageGate,
        probe: DecodeProbe,
      ) => {
        const { INGEST_BATCH_POINTS: points, INGEST_BATCHES_UNDER_WAY: slots } = context.config;
        const limits = { points, bytes: MEBIBYTE, lingerMs: LINGER_MS, slots };
        const what = { name: 'telemetry', queue: broker.names.ingestTelemetry, limits };
        return buildIntake(context, what, { broker, handling, parking, gate, probe });
      },
    },
  ],
  exports: [TelemetryProcessor, TELEMETRY_HANDLING, TELEMETRY_INTAKE],
})
export class TelemetryModule {}
