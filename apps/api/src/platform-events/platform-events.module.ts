import { Module } from '@nestjs/common';
import { PlatformEventsController } from './platform-events.controller.ts';

@Module({ controllers: [PlatformEventsController] })
export class PlatformEventsModule {}
