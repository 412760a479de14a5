import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { parsed } from './auth-routes.ts';
import { ATTRIBUTE_SCOPES, type Attribute, type AttributeScope, type Device } from './device.ts';
import type { OpticloudState } from './state.ts';
import { PayloadError, parseAttributes } from './telemetry-payload.ts';
import { badRequest } from './vendor-error.ts';

const READ = '/api/plugins/telemetry/DEVICE/:deviceId';

const keysQuery = z.object({ keys: z.string().optional() });
const deleteQuery = z.object({ keys: z.string().min(1) });

/** Attributes over REST are not in the vendor's document; they are read as ThingsBoard has them. */
export function attributeRoutes(app: FastifyInstance, state: OpticloudState): void {
  const deviceOf = (request: FastifyRequest): Device =>
    state.deviceFor(request.caller, (request.params as { deviceId: string }).deviceId);
  const read = { config: { operation: 'OPTI-ATTR-READ' } };
  const write = { config: { operation: 'OPTI-ATTR-WRITE' } };

  app.get(`${READ}/values/attributes`, read, (request) => {
    const keys = keysOf(parsed(keysQuery, request.query).keys);
    const device = deviceOf(request);
    return ATTRIBUTE_SCOPES.flatMap((scope) => rows(device.attributes[scope], keys));
  });
  app.get(`${READ}/values/attributes/:scope`, read, (request) => {
    const keys = keysOf(parsed(keysQuery, request.query).keys);
    return rows(deviceOf(request).attributes[scopeOf(request)], keys);
  });
  app.get(`${READ}/keys/attributes`, read, (request) => {
    const { attributes } = deviceOf(request);
    return ATTRIBUTE_SCOPES.flatMap((scope) => [...attributes[scope].keys()]);
  });
  app.get(`${READ}/keys/attributes/:scope`, read, (request) => [
    ...deviceOf(request).attributes[scopeOf(request)].keys(),
  ]);
  for (const path of ['/api/plugins/telemetry/:deviceId/:scope', `${READ}/attributes/:scope`, `${READ}/:scope`]) {
    app.post(path, write, (request, reply) => {
      const device = deviceOf(request);
      state.writeAttributes(device, writableScope(request), attributesIn(request.body));
      return reply.code(200).send();
    });
  }
  for (const path of ['/api/plugins/telemetry/:deviceId/:scope', `${READ}/:scope`]) {
    app.delete(path, write, (request, reply) => {
      const keys = keysOf(parsed(deleteQuery, request.query).keys) ?? [];
      state.deleteAttributes(deviceOf(request), writableScope(request), keys);
      return reply.code(200).send();
    });
  }
}

function scopeOf(request: FastifyRequest): AttributeScope {
  const { scope } = request.params as { scope: string };
  const known = ATTRIBUTE_SCOPES.find((one) => one === scope);
  if (!known) throw badRequest(`Invalid scope: ${scope}`);
  return known;
}

/** Client attributes are the device's: a user can only read them. */
function writableScope(request: FastifyRequest): AttributeScope {
  const scope = scopeOf(request);
  if (scope === 'CLIENT_SCOPE') throw badRequest(`Invalid scope: ${scope}`);
  return scope;
}

function attributesIn(body: unknown) {
  try {
    return parseAttributes(JSON.stringify(body ?? null));
  } catch (error) {
    throw error instanceof PayloadError ? badRequest(error.message) : error;
  }
}

const keysOf = (keys: string | undefined): string[] | undefined => (keys ? keys.split(',') : undefined);

const rows = (attributes: Map<string, Attribute>, keys: string[] | undefined) =>
  [...attributes]
    .filter(([key]) => !keys || keys.includes(key))
    .map(([key, { value, lastUpdateTs }]) => ({ lastUpdateTs, key, value }));
