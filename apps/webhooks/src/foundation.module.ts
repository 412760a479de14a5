import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { type DynamicModule, Global, Module } from '@nestjs/common';
import { CredentialVault, type Database, DeliveryTurns, openDatabase } from '@tributary/database';
import { Broker, brokerOptions, EventLog } from '@tributary/messaging';
import type { ServiceContext } from '@tributary/runtime';
import type { WebhooksConfig } from './config.ts';
import { Wakes } from './planning/wakes.ts';
import { BROKER, CONTEXT, DATABASE, EVENT_LOG, TURNS, VAULT, WAKES } from './tokens.ts';

export interface WebhooksContext extends ServiceContext<WebhooksConfig> {
  /** Of one run of one process: a restart is another replica. */
  replica: string;
}

export const SERVICE_NAME = 'webhooks';
/** The log's own memory: enough for followers that are near its end. */
const RECENT_CHARACTERS = 16_000_000;

export const withReplica = (context: ServiceContext<WebhooksConfig>): WebhooksContext => ({
  ...context,
  replica: `${hostname().slice(0, 40)}-${process.pid}-${randomBytes(4).toString('hex')}`,
});

function openWebhooksDatabase({ config, log, metrics }: WebhooksContext): Database {
  const { DATABASE_URL: url, DATABASE_POOL_SIZE: poolSize } = config;
  return openDatabase({ url, log, metrics, poolSize, applicationName: SERVICE_NAME });
}

function connectBroker({ config, log, metrics, clock }: WebhooksContext): Broker {
  return Broker.connect({ ...brokerOptions(config), name: SERVICE_NAME, log, metrics, clock });
}

@Global()
@Module({})
class FoundationModule {}

/** What everything else stands on. Nothing here waits for a backing service to answer. */
export function foundationModule(context: WebhooksContext): DynamicModule {
  const { clock, config } = context;
  const providers = [
    { provide: CONTEXT, useValue: context },
    { provide: DATABASE, useFactory: () => openWebhooksDatabase(context) },
    { provide: BROKER, useFactory: () => connectBroker(context) },
    {
      provide: EVENT_LOG,
      inject: [BROKER],
      useFactory: (broker: Broker) => new EventLog(broker, { recentCharacters: RECENT_CHARACTERS }),
    },
    { provide: VAULT, useFactory: () => new CredentialVault(config.TRIBUTARY_KEYS) },
    { provide: TURNS, inject: [DATABASE], useFactory: (db: Database) => new DeliveryTurns(db) },
    { provide: WAKES, useFactory: () => new Wakes(clock) },
  ];
  return { module: FoundationModule, providers, exports: providers.map(({ provide }) => provide) };
}
