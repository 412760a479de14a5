import { Module } from '@nestjs/common';
import { CoverageModule } from '../coverage/coverage.module.ts';
import { DevicesModule } from '../devices/devices.module.ts';
import { PlatformsModule } from '../platforms/platforms.module.ts';
import { SourcesModule } from '../sources/sources.module.ts';
import { PointsController } from './points.controller.ts';
import { QueryController } from './query.controller.ts';
import { SeriesSelection } from './series-selection.ts';
import { SeriesStore } from './series-store.ts';
import { TelemetryController } from './telemetry.controller.ts';

@Module({
  imports: [CoverageModule, DevicesModule, PlatformsModule, SourcesModule],
  controllers: [TelemetryController, PointsController, QueryController],
  providers: [SeriesStore, SeriesSelection],
})
export class TelemetryModule {}
