import { Module } from '@nestjs/common';
import { ApiKeyStore } from './api-key-store.ts';
import { ApiKeysController } from './api-keys.controller.ts';

@Module({ controllers: [ApiKeysController], providers: [ApiKeyStore] })
export class ApiKeysModule {}
