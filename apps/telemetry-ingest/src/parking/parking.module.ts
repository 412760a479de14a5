import { Module } from '@nestjs/common';
import { ConnectionSecrets, type CredentialVault, type Database, type ParkedMessages } from '@tributary/database';
import type { Broker } from '@tributary/messaging';
import type { StorageGate } from '../batches/storage-gate.ts';
import type { IngestContext } from '../foundation.module.ts';
import { DecodeProbe } from '../intake/decode-probe.ts';
import { BROKER, CONTEXT, DATABASE, DECODE_PROBE, PARKED_MESSAGES, PARKING, STORAGE_GATE, VAULT } from '../tokens.ts';
import { parkInto } from './parked-rows.ts';
import { Parking } from './parking.ts';

@Module({
  providers: [
    {
      provide: PARKING,
      inject: [CONTEXT, BROKER, PARKED_MESSAGES, STORAGE_GATE, DATABASE, VAULT],
      useFactory: (
        { config, clock, log, metrics }: IngestContext,
        broker: Broker,
        parked: ParkedMessages,
        gate: StorageGate,
        db: Database,
        vault: CredentialVault,
      ) => {
        const secrets = new ConnectionSecrets(db, vault);
        const park = parkInto({ parked, exchange: broker.names.events, vault, secrets });
        const limits = { perMinute: config.PARKING_LIMIT_PER_MINUTE, percent: config.PARKING_LIMIT_PERCENT };
        return new Parking({ park, gate, limits, clock, log, metrics });
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
