import { Module } from '@nestjs/common';
import { SubscriptionStore } from './subscription-store.ts';
import { SubscriptionsController } from './subscriptions.controller.ts';
import { SubscriptionsService } from './subscriptions.service.ts';

@Module({ controllers: [SubscriptionsController], providers: [SubscriptionStore, SubscriptionsService] })
export class SubscriptionsModule {}
