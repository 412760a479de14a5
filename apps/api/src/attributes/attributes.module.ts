import { Module } from '@nestjs/common';
import { DevicesModule } from '../devices/devices.module.ts';
import { PlatformsModule } from '../platforms/platforms.module.ts';
import { AttributeStore } from './attribute-store.ts';
import { AttributesController } from './attributes.controller.ts';

@Module({ imports: [DevicesModule, PlatformsModule], controllers: [AttributesController], providers: [AttributeStore] })
export class AttributesModule {}
