import { Module } from '@nestjs/common';
import { ConnectionsModule } from '../connections/connections.module.ts';
import { DevicesModule } from '../devices/devices.module.ts';
import { SeriesStore } from '../telemetry/series-store.ts';
import { CoverageController } from './coverage.controller.ts';
import { CoverageStore } from './coverage-store.ts';

/** Answers of telemetry say whether they are complete: their module needs this one, so this one does not need theirs. */
@Module({
  imports: [ConnectionsModule, DevicesModule],
  controllers: [CoverageController],
  providers: [CoverageStore, SeriesStore],
  exports: [CoverageStore],
})
export class CoverageModule {}
