import { type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { BatchesModule } from './batches/batches.module.ts';
import { ConservationModule } from './conservation/conservation.module.ts';
import { foundationModule, type IngestContext } from './foundation.module.ts';
import { FreshnessModule } from './freshness/freshness.module.ts';
import { IngestService } from './ingest.service.ts';
import { InventoryModule } from './inventory/inventory.module.ts';
import { ParkingModule } from './parking/parking.module.ts';
import { ReplaysModule } from './parking/replays.module.ts';
import { TelemetryModule } from './telemetry/telemetry.module.ts';

@Module({})
class AppModule {}

export const appModule = (context: IngestContext): DynamicModule => ({
  module: AppModule,
  imports: [
    DiscoveryModule,
    foundationModule(context),
    BatchesModule,
    ParkingModule,
    TelemetryModule,
    InventoryModule,
    ReplaysModule,
    ConservationModule,
    FreshnessModule,
  ],
  providers: [IngestService],
});
