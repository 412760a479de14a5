import { type DynamicModule, Global, Module } from '@nestjs/common';
import { CredentialVault, type Database, openDatabase, ParkedMessages, TelemetryStore } from '@tributary/database';
import { Broker, brokerOptions } from '@tributary/messaging';
import type { ServiceContext } from '@tributary/runtime';
import { StorageGate } from './batches/storage-gate.ts';
import type { IngestConfig } from './config.ts';
import { Accounting } from './intake/accounting.ts';
import {
  ACCOUNTING,
  BROKER,
  CONTEXT,
  DATABASE,
  PARKED_MESSAGES,
  STORAGE_GATE,
  TELEMETRY_STORE,
  VAULT,
} from './tokens.ts';

export type IngestContext = ServiceContext<IngestConfig>;

const NAME = 'telemetry-ingest';

function openIngestDatabase({ config, log, metrics }: IngestContext): Database {
  const { DATABASE_URL: url, DATABASE_POOL_SIZE: poolSize } = config;
  return openDatabase({ url, log, metrics, poolSize, applicationName: NAME });
}

function connectBroker({ config, log, metrics, clock }: IngestContext): Broker {
  return Broker.connect({ ...brokerOptions(config), name: NAME, log, metrics, clock });
}

@Global()
@Module({})
class FoundationModule {}

/** What everything else stands on. Nothing here waits for a backing service to answer. */
export function foundationModule(context: IngestContext): DynamicModule {
  const { clock, log, metrics, config } = context;
  const providers = [
    { provide: CONTEXT, useValue: context },
    { provide: DATABASE, useFactory: () => openIngestDatabase(context) },
    { provide: BROKER, useFactory: () => connectBroker(context) },
    {
      provide: STORAGE_GATE,
      inject: [DATABASE],
      useFactory: (db: Database) =>
        new StorageGate({ clock, log, ask: () => db.ready(), signal: context.shutdown.signal }),
    },
    { provide: ACCOUNTING, useFactory: () => new Accounting(metrics) },
    {
      provide: TELEMETRY_STORE,
      inject: [DATABASE],
      useFactory: (db: Database) => new TelemetryStore(db, { clock, retentionMs: config.TELEMETRY_RETENTION }),
    },
    { provide: VAULT, useFactory: () => new CredentialVault(config.TRIBUTARY_KEYS) },
    { provide: PARKED_MESSAGES, inject: [DATABASE], useFactory: (db: Database) => new ParkedMessages(db) },
  ];
  return { module: FoundationModule, providers, exports: providers.map(({ provide }) => provide) };
}
