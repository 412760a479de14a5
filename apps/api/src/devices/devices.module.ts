import { Module } from '@nestjs/common';
import { DeviceStore } from './device-store.ts';
import { DevicesController } from './devices.controller.ts';
import { SpaceStore } from './space-store.ts';

@Module({ controllers: [DevicesController], providers: [DeviceStore, SpaceStore], exports: [DeviceStore] })
export class DevicesModule {}
