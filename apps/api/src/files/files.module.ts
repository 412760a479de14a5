import { Module } from '@nestjs/common';
import { ConnectionsModule } from '../connections/connections.module.ts';
import { DevicesModule } from '../devices/devices.module.ts';
import { PlatformsModule } from '../platforms/platforms.module.ts';
import { FileStore } from './file-store.ts';
import { FilesController } from './files.controller.ts';
import { UploadsController } from './uploads.controller.ts';

@Module({
  imports: [ConnectionsModule, DevicesModule, PlatformsModule],
  controllers: [FilesController, UploadsController],
  providers: [FileStore],
})
export class FilesModule {}
