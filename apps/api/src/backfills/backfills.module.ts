import { Module } from '@nestjs/common';
import { ConnectionsModule } from '../connections/connections.module.ts';
import { PlatformsModule } from '../platforms/platforms.module.ts';
import { BackfillDevices } from './backfill-devices.ts';
import { BackfillPlans } from './backfill-plan.ts';
import { BackfillStore } from './backfill-store.ts';
import { BackfillsController } from './backfills.controller.ts';
import { BackfillsService } from './backfills.service.ts';

@Module({
  imports: [ConnectionsModule, PlatformsModule],
  controllers: [BackfillsController],
  providers: [BackfillDevices, BackfillPlans, BackfillStore, BackfillsService],
})
export class BackfillsModule {}
