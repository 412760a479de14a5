import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { parsed } from './auth-routes.ts';
import type { Attribute, Device } from './device.ts';
import type { OpticloudState } from './state.ts';
import { PayloadError, parseAttributes, parseTelemetry } from './telemetry-payload.ts';
import { badRequest, notAuthenticated } from './vendor-error.ts';

const keysQuery = z.object({ clientKeys: z.string().optional(), sharedKeys: z.string().optional() });

/** The device's own HTTP interface with its token in the path: not in the vendor's document, read as ThingsBoard has it. */
export function deviceHttpRoutes(app: FastifyInstance, state: OpticloudState): void {
  const config = { operation: 'OPTI-DEVICE-HTTP', secretParams: ['token'] };
  // The text itself is needed: it tells 42 from 42.0.
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  const deviceOf = (request: FastifyRequest): Device => {
    const device = state.deviceByToken((request.params as { token: string }).token);
    if (!device) throw notAuthenticated();
    return device;
  };
  app.post('/api/v1/:token/telemetry', { config }, (request, reply) => {
    const device = deviceOf(request);
    state.writeTelemetry(
      device,
      orBadRequest(() => parseTelemetry(String(request.body))),
    );
    return reply.code(200).send();
  });
  app.post('/api/v1/:token/attributes', { config }, (request, reply) => {
    const device = deviceOf(request);
    state.writeAttributes(
      device,
      'CLIENT_SCOPE',
      orBadRequest(() => parseAttributes(String(request.body))),
    );
    return reply.code(200).send();
  });
  app.get('/api/v1/:token/attributes', { config }, (request) => {
    const { attributes } = deviceOf(request);
    const { clientKeys, sharedKeys } = parsed(keysQuery, request.query);
    const everything = clientKeys === undefined && sharedKeys === undefined;
    return {
      ...(everything || clientKeys ? { client: valuesOf(attributes.CLIENT_SCOPE, clientKeys) } : {}),
      ...(everything || sharedKeys ? { shared: valuesOf(attributes.SHARED_SCOPE, sharedKeys) } : {}),
    };
  });
}

function orBadRequest<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof PayloadError ? badRequest(error.message) : error;
  }
}

function valuesOf(attributes: Map<string, Attribute>, keys: string | undefined): Record<string, unknown> {
  const wanted = keys?.split(',');
  return Object.fromEntries(
    [...attributes].filter(([key]) => !wanted || wanted.includes(key)).map(([key, { value }]) => [key, value]),
  );
}
