import { Module } from '@nestjs/common';
import { ConnectionsModule } from '../connections/connections.module.ts';
import { ConservationController } from './conservation.controller.ts';
import { ConservationStore } from './conservation-store.ts';

@Module({ imports: [ConnectionsModule], controllers: [ConservationController], providers: [ConservationStore] })
export class ConservationModule {}
