import { Module } from '@nestjs/common';
import { PlatformCatalogue } from './platform-catalogue.ts';
import { PlatformsController } from './platforms.controller.ts';

@Module({ controllers: [PlatformsController], providers: [PlatformCatalogue], exports: [PlatformCatalogue] })
export class PlatformsModule {}
