import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Health } from './health.ts';
import type { Metrics } from './metrics.ts';

export interface OpsServer {
  port: number;
  close(): Promise<void>;
}

/** `/livez`, `/readyz` and `/metrics` for services that serve no other HTTP. */
export async function startOpsServer(options: { port: number; health: Health; metrics: Metrics }): Promise<OpsServer> {
  const server = createServer((request, response) => {
    void answer(request.url ?? '/', response, options);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => closeServer(server) };
}

async function answer(
  path: string,
  response: ServerResponse,
  { health, metrics }: { health: Health; metrics: Metrics },
) {
  if (path === '/livez') return send(response, health.alive() ? 200 : 503, { alive: health.alive() });
  if (path === '/readyz') {
    const report = health.readiness();
    return send(response, report.ready ? 200 : 503, report);
  }
  if (path === '/metrics') {
    const text = await metrics.render();
    response.writeHead(200, { 'content-type': metrics.registry.contentType }).end(text);
    return;
  }
  send(response, 404, { title: 'not found' });
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
