import { Module } from '@nestjs/common';
import { DevicesModule } from '../devices/devices.module.ts';
import { PlatformsModule } from '../platforms/platforms.module.ts';
import { FileStore } from './file-store.ts';
import { FilesController } from './files.controller.ts';

@Module({ imports: [DevicesModule, PlatformsModule], controllers: [FilesController], providers: [FileStore] })
export class FilesModule {}
