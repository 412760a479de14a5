import { Module } from '@nestjs/common';
import { DevicesModule } from '../devices/devices.module.ts';
import { FreshnessController } from './freshness.controller.ts';
import { FreshnessStore } from './freshness-store.ts';

@Module({ imports: [DevicesModule], controllers: [FreshnessController], providers: [FreshnessStore] })
export class FreshnessModule {}
