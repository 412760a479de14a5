import { Module } from '@nestjs/common';
import { SourcesModule } from '../sources/sources.module.ts';
import { DeviceStore } from './device-store.ts';
import { DevicesController } from './devices.controller.ts';
import { SpaceStore } from './space-store.ts';
import { SpaceTree } from './space-tree.ts';
import { SpacesController } from './spaces.controller.ts';

@Module({
  imports: [SourcesModule],
  controllers: [DevicesController, SpacesController],
  providers: [DeviceStore, SpaceStore, SpaceTree],
  exports: [DeviceStore],
})
export class DevicesModule {}
