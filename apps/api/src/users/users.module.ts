import { Module } from '@nestjs/common';
import { ConnectionsModule } from '../connections/connections.module.ts';
import { PlatformsModule } from '../platforms/platforms.module.ts';
import { UsersController } from './users.controller.ts';
import { UsersService } from './users.service.ts';

@Module({ imports: [ConnectionsModule, PlatformsModule], controllers: [UsersController], providers: [UsersService] })
export class UsersModule {}
