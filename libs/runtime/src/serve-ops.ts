import { startOpsServer } from './ops-server.ts';
import type { ServiceContext } from './service.ts';

const READY_CHECK_MS = 100;

/** Serves what a worker service has of HTTP, and logs `started`, and `ready` once it is. Resolves with the port. */
export async function serveOps(context: ServiceContext<{ PORT: number }>): Promise<{ port: number }> {
  const { shutdown, config, health, metrics, log, clock } = context;
  const { port, close } = await startOpsServer({ port: config.PORT, health, metrics });
  shutdown.add('http', close);
  log.info({ port }, 'started');
  const announced = clock.every(READY_CHECK_MS, () => {
    if (!health.readiness().ready) return;
    announced();
    log.info({ port }, 'ready');
  });
  shutdown.add('announcement', announced);
  return { port };
}
