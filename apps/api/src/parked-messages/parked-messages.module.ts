import { Module } from '@nestjs/common';
import { ParkedMessagesController } from './parked-messages.controller.ts';
import { ParkedStore } from './parked-store.ts';

@Module({ controllers: [ParkedMessagesController], providers: [ParkedStore] })
export class ParkedMessagesModule {}
