import { Module } from '@nestjs/common';
import { ConnectionSources } from './connection-sources.ts';

@Module({ providers: [ConnectionSources], exports: [ConnectionSources] })
export class SourcesModule {}
