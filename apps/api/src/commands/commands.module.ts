import { Module } from '@nestjs/common';
import { DevicesModule } from '../devices/devices.module.ts';
import { PlatformsModule } from '../platforms/platforms.module.ts';
import { CommandStore } from './command-store.ts';
import { CommandsController } from './commands.controller.ts';
import { CommandsService } from './commands.service.ts';
import { DescriptionBook } from './description-book.ts';

@Module({
  imports: [DevicesModule, PlatformsModule],
  controllers: [CommandsController],
  providers: [CommandStore, CommandsService, DescriptionBook],
})
export class CommandsModule {}
