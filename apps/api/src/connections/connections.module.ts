import { Module } from '@nestjs/common';
import { PlatformsModule } from '../platforms/platforms.module.ts';
import { ConnectionStore } from './connection-store.ts';
import { ConnectionsController } from './connections.controller.ts';
import { ConnectionsService } from './connections.service.ts';

@Module({
  imports: [PlatformsModule],
  controllers: [ConnectionsController],
  providers: [ConnectionStore, ConnectionsService],
  exports: [ConnectionStore],
})
export class ConnectionsModule {}
