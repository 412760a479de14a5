import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Health, Metrics } from '@tributary/runtime';

export interface AdapterHttpOptions {
  port: number;
  health: Health;
  metrics: Metrics;
  /** True when it has taken the request. */
  files: (request: IncomingMessage, response: ServerResponse) => boolean;
}

export interface AdapterHttp {
  port: number;
  close(): Promise<void>;
}

const HEADERS_TIMEOUT_MS = 10_000;

/** `/livez`, `/readyz`, `/metrics` and `/files/{ticket}`. */
export async function startAdapterHttp(options: AdapterHttpOptions): Promise<AdapterHttp> {
  // An upload may take longer than any fixed time; whoever reads a body watches over its silence.
  const server = createServer({ headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: 0 }, (request, response) => {
    if (!options.files(request, response)) void answer(request, response, options);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, { health, metrics }: AdapterHttpOptions) {
  const path = (request.url ?? '/').split('?', 1)[0];
  if (path === '/livez') return send(response, health.alive() ? 200 : 503, { alive: health.alive() });
  if (path === '/readyz') {
    const report = health.readiness();
    return send(response, report.ready ? 200 : 503, report);
  }
  if (path !== '/metrics') return send(response, 404, { title: 'not found' });
  response.writeHead(200, { 'content-type': metrics.registry.contentType }).end(await metrics.render());
}

const send = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};
