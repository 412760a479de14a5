import { type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { foundationModule, type WebhooksContext } from './foundation.module.ts';
import { PlanningModule } from './planning/planning.module.ts';
import { SendingModule } from './sending/sending.module.ts';
import { TurnsModule } from './turns/turns.module.ts';
import { WebhooksService } from './webhooks.service.ts';

@Module({})
class AppModule {}

export const appModule = (context: WebhooksContext): DynamicModule => ({
  module: AppModule,
  imports: [DiscoveryModule, foundationModule(context), SendingModule, TurnsModule, PlanningModule],
  providers: [WebhooksService],
});
