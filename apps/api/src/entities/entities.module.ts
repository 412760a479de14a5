import { Module } from '@nestjs/common';
import { ConnectionsModule } from '../connections/connections.module.ts';
import { PlatformsModule } from '../platforms/platforms.module.ts';
import { EntitiesController } from './entities.controller.ts';
import { EntitiesService } from './entities.service.ts';
import { EntityNews } from './entity-news.ts';
import { EntityRelations } from './entity-relations.service.ts';
import { EntityTypes } from './entity-types.ts';

@Module({
  imports: [ConnectionsModule, PlatformsModule],
  controllers: [EntitiesController],
  providers: [EntitiesService, EntityRelations, EntityNews, EntityTypes],
  exports: [EntityTypes],
})
export class EntitiesModule {}
