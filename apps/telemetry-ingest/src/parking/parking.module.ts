import { Module } from '@nestjs/common';
import type { ParkedMessages } from '@tributary/database';
import type { Broker } from '@tributary/messaging';
import type { StorageGate } from '../batches/storage-gate.ts';
import type { IngestContext } from '../foundation.module.ts';
import { DecodeProbe } from '../intake/decode-probe.ts';
import { BROKER, CONTEXT, DECODE_PROBE, PARKED_MESSAGES, PARKING, STORAGE_GATE } from '../tokens.ts';
import { parkInto } from './parked-rows.ts';
import { Parking } from './parking.ts';

@Module({
  providers: [
    {
      provide: PARKING,
      inject: [CONTEXT, BROKER, PARKED_MESSAGES, STORAGE_GATE],
      useFactory: (
        { config, clock, log, metrics }: IngestContext,
        broker: Broker,
        parked: ParkedMessages,
        gate: StorageGate,
      ) => {
        const limits = { perMinute: config.PARKING_LIMIT_PER_MINUTE, percent: config.PARKING_LIMIT_PERCENT };
        return new Parking({ park: parkInto(parked, broker.names.events), gate, limits, clock, log, metrics });
      },
    },
    {
      provide: DECODE_PROBE,
      inject: [CONTEXT],
      useFactory: ({ clock, log }: IngestContext) => new DecodeProbe({ clock, log }),
    },
  ],
  exports: [PARKING, DECODE_PROBE],
})
export class ParkingModule {}
