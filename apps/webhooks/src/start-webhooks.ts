import 'reflect-metadata';
import { DiscoveryService, NestFactory } from '@nestjs/core';
import { assertOneProcessorEach } from '@tributary/jobs';
import { type ServiceContext, serveOps } from '@tributary/runtime';
import { appModule } from './app.module.ts';
import type { WebhooksConfig } from './config.ts';
import { withReplica } from './foundation.module.ts';
import { queues } from './queues.ts';
import { Processes } from './turns/processes.ts';
import { WebhooksService } from './webhooks.service.ts';

/** Starts the service inside this process; resolves when it is started, not when all it depends on answers. */
export async function startWebhooks(context: ServiceContext<WebhooksConfig>): Promise<{ port: number }> {
  const app = await NestFactory.createApplicationContext(appModule(withReplica(context)), {
    logger: false,
    abortOnError: false,
  });
  const discovery = app.get(DiscoveryService);
  const providers = discovery.getProviders();
  assertOneProcessorEach(
    queues,
    providers.map((provider) => discovery.getMetadataByDecorator(Processes, provider)),
  );
  const ops = await serveOps(context);
  app.get(WebhooksService).start();
  return ops;
}
