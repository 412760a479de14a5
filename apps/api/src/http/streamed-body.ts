import type { Clock } from '@tributary/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ProblemError } from './problem-error.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Media type of a body that is given to the handler as it comes. */
    bodyType: string | null;
  }
  interface FastifyContextConfig {
    /** Set by `@Endpoint` where the body is given to the handler as it comes. */
    bodyStream?: boolean;
  }
}

/** Any other body must have arrived whole within this time; answers may take longer. */
const BODY_TIMEOUT_MS = 30_000;
/** What a refused upload may still send, so that its sender comes to read the answer. */
const REST_MS = 10_000;

const isStreamed = (request: FastifyRequest): boolean => request.routeOptions.config.bodyStream === true;

/**
 * Gives bodies of routes that ask for it to the handler unread, whatever their media type; all others must arrive in
 * time. `late` answers a request whose body did not.
 */
export function acceptStreams(
  fastify: FastifyInstance,
  clock: Clock,
  late: (problem: ProblemError, request: FastifyRequest, reply: FastifyReply) => void,
): void {
  fastify.decorateRequest('bodyType', null);
  fastify.addHook('onRequest', (request, reply, done) => {
    if (isStreamed(request)) {
      request.bodyType = request.headers['content-type'] ?? null;
      // Parsers are chosen by it: a file of JSON is a file here.
      if (request.bodyType !== null) request.raw.headers['content-type'] = 'application/octet-stream';
    } else if (hasBody(request)) {
      const cancel = clock.after(BODY_TIMEOUT_MS, () => {
        reply.header('connection', 'close');
        late(new ProblemError('request-timeout', 'The body did not arrive in time.'), request, reply);
      });
      request.raw.once('end', cancel).once('close', cancel);
    }
    done();
  });
  // However it was answered, by the guard too: nobody may go on sending for ever.
  fastify.addHook('onResponse', (request, _reply, done) => {
    if (isStreamed(request)) leaveUnread(request, clock);
    done();
  });
  fastify.addContentTypeParser('*', (request, payload, done) => {
    if (isStreamed(request)) done(null, payload);
    else done(Object.assign(new Error('no such parser'), { code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE', statusCode: 415 }));
  });
}

/** Reads the rest of a body that nobody wants for some seconds, then lets its sender go. */
function leaveUnread({ raw }: FastifyRequest, clock: Clock): void {
  if (raw.complete || raw.destroyed) return;
  // Who was reading has stopped; as long as it counts as a reader nothing flows.
  raw.removeAllListeners('readable').resume();
  const cancel = clock.after(REST_MS, () => raw.destroy());
  raw.once('end', cancel).once('close', cancel);
}

const hasBody = ({ headers }: FastifyRequest): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
