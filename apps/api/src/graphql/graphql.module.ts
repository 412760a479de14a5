import { Module } from '@nestjs/common';
import { ConnectionsModule } from '../connections/connections.module.ts';
import { PlatformsModule } from '../platforms/platforms.module.ts';
import { GraphqlController } from './graphql.controller.ts';

@Module({ imports: [ConnectionsModule, PlatformsModule], controllers: [GraphqlController] })
export class GraphqlModule {}
