import { Module } from '@nestjs/common';
import { ConnectionsModule } from '../connections/connections.module.ts';
import { PlatformsModule } from '../platforms/platforms.module.ts';
import { LoginController } from './login.controller.ts';
import { LoginService } from './login.service.ts';

@Module({ imports: [ConnectionsModule, PlatformsModule], controllers: [LoginController], providers: [LoginService] })
export class LoginModule {}
