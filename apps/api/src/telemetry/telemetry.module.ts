import { Module } from '@nestjs/common';
import { DevicesModule } from '../devices/devices.module.ts';
import { PlatformsModule } from '../platforms/platforms.module.ts';
import { PointsController } from './points.controller.ts';
import { SeriesStore } from './series-store.ts';
import { TelemetryController } from './telemetry.controller.ts';

@Module({
  imports: [DevicesModule, PlatformsModule],
  controllers: [TelemetryController, PointsController],
  providers: [SeriesStore],
})
export class TelemetryModule {}
