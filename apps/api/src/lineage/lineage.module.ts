import { Module } from '@nestjs/common';
import { LineageController } from './lineage.controller.ts';
import { LineageService } from './lineage.service.ts';
import { LineageStore } from './lineage-store.ts';

@Module({ controllers: [LineageController], providers: [LineageService, LineageStore] })
export class LineageModule {}
