import { Module } from '@nestjs/common';
import { ConnectionsModule } from '../connections/connections.module.ts';
import { EntitiesModule } from '../entities/entities.module.ts';
import { PlatformsModule } from '../platforms/platforms.module.ts';
import { Candidates } from './candidates.ts';
import { FederatedQuery } from './federated-query.ts';
import { FederationController } from './federation.controller.ts';

@Module({
  imports: [ConnectionsModule, PlatformsModule, EntitiesModule],
  controllers: [FederationController],
  providers: [Candidates, FederatedQuery],
})
export class FederationModule {}
