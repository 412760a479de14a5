import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { ApiKeysModule } from './api-keys/api-keys.module.ts';
import { AttributesModule } from './attributes/attributes.module.ts';
import { AuditLogModule } from './audit-log/audit-log.module.ts';
import { BackfillsModule } from './backfills/backfills.module.ts';
import { CommandsModule } from './commands/commands.module.ts';
import { ConnectionsModule } from './connections/connections.module.ts';
import { ConservationModule } from './conservation/conservation.module.ts';
import { CoverageModule } from './coverage/coverage.module.ts';
import { DevicesModule } from './devices/devices.module.ts';
import { DocsModule } from './docs/docs.module.ts';
import { EntitiesModule } from './entities/entities.module.ts';
import { EventsModule } from './events/events.module.ts';
import { FederationModule } from './federation/federation.module.ts';
import { FilesModule } from './files/files.module.ts';
import { FreshnessModule } from './freshness/freshness.module.ts';
import { GatewayModule } from './gateway/gateway.module.ts';
import { GraphqlModule } from './graphql/graphql.module.ts';
import { HOUSE, type House } from './house.ts';
import { ROUTES, type RouteTable } from './http/route-table.ts';
import { LineageModule } from './lineage/lineage.module.ts';
import { LoginModule } from './login/login.module.ts';
import { ParkedMessagesModule } from './parked-messages/parked-messages.module.ts';
import { PlatformEventsModule } from './platform-events/platform-events.module.ts';
import { PlatformsModule } from './platforms/platforms.module.ts';
import { SubscriptionsModule } from './subscriptions/subscriptions.module.ts';
import { TelemetryModule } from './telemetry/telemetry.module.ts';
import { UsersModule } from './users/users.module.ts';

/** What the api is made of; each brings its controllers. */
export const resourceModules: Type[] = [
  GatewayModule,
  PlatformsModule,
  ConnectionsModule,
  LoginModule,
  DevicesModule,
  TelemetryModule,
  AttributesModule,
  CommandsModule,
  BackfillsModule,
  FilesModule,
  EntitiesModule,
  FederationModule,
  UsersModule,
  GraphqlModule,
  EventsModule,
  LineageModule,
  SubscriptionsModule,
  PlatformEventsModule,
  ParkedMessagesModule,
  ConservationModule,
  FreshnessModule,
  CoverageModule,
  ApiKeysModule,
  AuditLogModule,
  DocsModule,
];

@Module({})
export class AppModule {}

/** All resources over one house. */
export const appModule = (house: House, routes: RouteTable): DynamicModule => ({
  module: AppModule,
  global: true,
  providers: [
    { provide: HOUSE, useValue: house },
    { provide: ROUTES, useValue: routes },
  ],
  exports: [HOUSE, ROUTES],
  imports: resourceModules,
});
