import type { FastifyInstance } from 'fastify';
import { forbidden } from './vendor-error.ts';

interface DescribedRoute {
  method: string;
  url: string;
  operation: string;
}

/** Collects the routes as they are made. Call before any route. */
export function collectRoutes(app: FastifyInstance): DescribedRoute[] {
  const routes: DescribedRoute[] = [];
  app.addHook('onRoute', ({ method, url, config }) => {
    if (!config?.operation) return;
    for (const one of [method].flat())
      if (one !== 'HEAD') routes.push({ method: one, url, operation: config.operation });
  });
  return routes;
}

/** OPTI-15: the interactive description, reduced to what a program can read; only where it is enabled for the user. */
export function apiDescriptionRoute(app: FastifyInstance, routes: DescribedRoute[]): void {
  app.get('/v3/api-docs', { config: { operation: 'OPTI-15' } }, (request) => {
    if (!request.caller.user.apiDescription) throw forbidden();
    const paths: Record<string, Record<string, { operationId: string }>> = {};
    for (const { method, url, operation } of routes) {
      const path = url.replaceAll(/:(\w+)/g, '{$1}');
      paths[path] = { ...paths[path], [method.toLowerCase()]: { operationId: operation } };
    }
    return { openapi: '3.0.1', info: { title: 'optiCLOUD REST API', version: 'simulated' }, paths };
  });
}
