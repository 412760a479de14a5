import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { parsed } from './auth-routes.ts';
import { listRequest } from './device-link.ts';
import { pageOf, wholeNumber } from './paging.ts';
import type { RpcDesk } from './rpc.ts';
import type { OpticloudState } from './state.ts';
import { badRequest } from './vendor-error.ts';

const ISO_8601 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?(Z|[+-]\d{2}(:?\d{2})?)?$/;

const isoTime = z
  .string()
  .regex(ISO_8601, 'ISO-8601 text is required')
  // A time without a zone is UTC.
  .transform((text) => Date.parse(/(Z|[+-]\d{2}(:?\d{2})?)$/.test(text.slice(10)) ? text : `${text}Z`))
  .refine(Number.isFinite, 'no such time');

const requestListBody = z.object({ startTime: isoTime, endTime: isoTime, tag: z.string().min(1).default('preview') });
const communicationQuery = z.object({
  startTime: wholeNumber,
  endTime: wholeNumber,
  limit: wholeNumber,
  page: wholeNumber,
});
const rpcBody = z.object({
  method: z.string().min(1),
  params: z.json().default(null),
  timeout: z.number().int().positive().optional(),
});

export function commandRoutes(app: FastifyInstance, state: OpticloudState, rpc: RpcDesk): void {
  app.get<{ Params: { deviceId: string } }>(
    '/api/devices/:deviceId/communication/data',
    { config: { operation: 'OPTI-12' } },
    (request) => {
      const query = parsed(communicationQuery, request.query);
      const device = state.deviceFor(request.caller, request.params.deviceId);
      return pageOf(device.communication.between(query.startTime, query.endTime), query);
    },
  );
  // Nothing here reaches the device: the order waits until the device calls in.
  app.post<{ Params: { deviceId: string } }>(
    '/api/devices/:deviceId/request-list',
    { config: { operation: 'OPTI-13' } },
    (request, reply) => {
      const device = state.deviceFor(request.caller, request.params.deviceId);
      const { startTime, endTime, tag } = parsed(requestListBody, request.body);
      if (startTime > endTime) throw badRequest("Invalid parameter 'endTime': is before startTime");
      device.queue.add('application/om-request-list', listRequest(startTime, endTime, tag), state.clock.now(), tag);
      return reply.code(200).send();
    },
  );
  for (const way of ['oneway', 'twoway'] as const) {
    app.post<{ Params: { deviceId: string } }>(
      `/api/plugins/rpc/${way}/:deviceId`,
      { config: { operation: 'OPTI-RPC' } },
      async (request, reply) => {
        const device = state.deviceFor(request.caller, request.params.deviceId);
        const { method, params, timeout } = parsed(rpcBody, request.body);
        const timeoutMs = timeout ?? state.options.rpcTimeoutMs;
        const answer = await rpc.call(device, method, params as never, { timeoutMs, oneWay: way === 'oneway' });
        return way === 'oneway' ? reply.send() : reply.type('application/json').send(JSON.stringify(answer));
      },
    );
  }
}
