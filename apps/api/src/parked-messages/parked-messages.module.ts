import { Module } from '@nestjs/common';
import { ParkedGroups } from './parked-groups.ts';
import { ParkedJobsController } from './parked-jobs.controller.ts';
import { ParkedJobStore } from './parked-jobs.ts';
import { ParkedMessagesController } from './parked-messages.controller.ts';
import { ParkedPreviews } from './parked-previews.ts';
import { ParkedStore } from './parked-store.ts';

@Module({
  controllers: [ParkedMessagesController, ParkedJobsController],
  providers: [ParkedStore, ParkedGroups, ParkedPreviews, ParkedJobStore],
})
export class ParkedMessagesModule {}
