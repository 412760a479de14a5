import 'reflect-metadata';
import type { INestApplicationContext } from '@nestjs/common';
import { DiscoveryService, NestFactory } from '@nestjs/core';
import { startOpsServer } from '@tributary/runtime';
import { appModule } from './app.module.ts';
import type { IngestContext } from './foundation.module.ts';
import { IngestService } from './ingest.service.ts';
import { assertOneProcessorEach } from './queues.ts';
import { Processes } from './telemetry/processes.ts';

/** Starts the service inside this process; resolves when it is started, not when all it depends on answers. */
export async function startIngest(context: IngestContext): Promise<{ port: number }> {
  const { shutdown, config, health, metrics, log, clock } = context;
  const app = await NestFactory.createApplicationContext(appModule(context), {
    logger: false,
    abortOnError: false,
  });
  assertOneProcessorEach(processedQueues(app));
  const ops = await startOpsServer({ port: config.PORT, health, metrics });
  shutdown.add('http', () => ops.close());
  app.get(IngestService).start();
  log.info({ port: ops.port }, 'started');
  const announced = clock.every(100, () => {
    if (!health.readiness().ready) return;
    announced();
    log.info({ port: ops.port }, 'ready');
  });
  shutdown.add('announcement', announced);
  return { port: ops.port };
}

function processedQueues(app: INestApplicationContext) {
  const discovery = app.get(DiscoveryService);
  return discovery
    .getProviders()
    .map((provider) => discovery.getMetadataByDecorator(Processes, provider))
    .filter((key) => key !== undefined);
}
