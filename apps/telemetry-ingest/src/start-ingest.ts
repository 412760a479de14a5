import 'reflect-metadata';
import { DiscoveryService, NestFactory } from '@nestjs/core';
import { assertOneProcessorEach } from '@tributary/jobs';
import { serveOps } from '@tributary/runtime';
import { appModule } from './app.module.ts';
import type { IngestContext } from './foundation.module.ts';
import { IngestService } from './ingest.service.ts';
import { queues } from './queues.ts';
import { Processes } from './telemetry/processes.ts';

/** Starts the service inside this process; resolves when it is started, not when all it depends on answers. */
export async function startIngest(context: IngestContext): Promise<{ port: number }> {
  const app = await NestFactory.createApplicationContext(appModule(context), { logger: false, abortOnError: false });
  const discovery = app.get(DiscoveryService);
  const providers = discovery.getProviders();
  assertOneProcessorEach(
    queues,
    providers.map((provider) => discovery.getMetadataByDecorator(Processes, provider)),
  );
  const ops = await serveOps(context);
  app.get(IngestService).start();
  return ops;
}
