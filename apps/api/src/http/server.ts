import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type LoggerService } from '@nestjs/common';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Logger, type Metrics, withSpan } from '@tributary/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { appModule } from '../app.module.ts';
import { rateLimitPolicy } from '../auth/caller.guard.ts';
import type { House } from '../house.ts';
import { PROBLEM_TYPE, ProblemFilter } from '../problem.filter.ts';
import { Answer } from './answer.ts';
import { controllersIn, registerEndpoints } from './endpoint-registry.ts';
import { matchesNone } from './etag.ts';
import { GracefulClose } from './graceful-close.ts';
import { parseJsonBody } from './json-body.ts';
import { problemOf } from './problem-document.ts';
import { ProblemError } from './problem-error.ts';
import { RouteTable } from './route-table.ts';
import { acceptStreams } from './streamed-body.ts';
import { routedUrl } from './verb-url.ts';

const BODY_LIMIT = 1_048_576;
/** The head of a request must have arrived within this time; bodies have limits of their own. */
const HEADERS_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_MS = 72_000;
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Requests are read by the endpoints' own schemas; Fastify's compilers would be loaded for nothing. */
const NO_COMPILERS = { buildValidator: noCompiler, buildSerializer: noCompiler };

export interface Application {
  nest: NestFastifyApplication;
  fastify: FastifyInstance;
  routes: RouteTable;
  /** Takes no more, lets what runs finish for 15 s, and closes. */
  close(): Promise<void>;
}

/** Builds the application; it does not listen yet. Throws where a route is not fully specified. */
export async function createApplication(house: House): Promise<Application> {
  const routes = new RouteTable();
  const filter = new ProblemFilter(house.log, routes);
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    http: { headersTimeout: HEADERS_TIMEOUT_MS },
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    genReqId: traceIdOf,
    rewriteUrl: (request: { method?: string | undefined; url?: string | undefined }) =>
      routedUrl(request.method, request.url ?? '/'),
    trustProxy: house.settings.trustProxy ?? false,
    routerOptions: { maxParamLength: 2_048 },
    skipMiddie: true,
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) =>
      filter.answer(error, request, reply),
    clientErrorHandler: refuseGarbage,
    schemaController: { compilersFactory: NO_COMPILERS },
  });
  const nest = await NestFactory.create<NestFastifyApplication>(appModule(house, routes), adapter, {
    bodyParser: false,
    abortOnError: false,
    logger: nestLogger(house.log),
  });
  nest.useGlobalFilters(filter);
  nest.useGlobalGuards(house.guard);
  const fastify = nest.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  prepareFastify(fastify, house);
  acceptStreams(fastify, house.clock, (problem, request, reply) => filter.answer(problem, request, reply));
  registerEndpoints(controllersIn(nest.get(ModulesContainer)), routes);
  await nest.init();
  const graceful = new GracefulClose(fastify.server, house.clock);
  return { nest, fastify, routes, close: () => graceful.run(() => nest.close()) };
}

function noCompiler(): never {
  throw new Error('routes have no schemas of Fastify');
}

/** What is wrong with a request that never became one, by the word of Node. */
const UNREAD: Record<string, ProblemError> = {
  HPE_HEADER_OVERFLOW: new ProblemError('headers-too-large', 'Address and headers may have 16 KiB together.'),
  ERR_HTTP_REQUEST_TIMEOUT: new ProblemError('request-timeout', 'The headers did not arrive in time.'),
};

/** What is no HTTP at all, is too large, or came too slowly, has no request to answer to. */
function refuseGarbage(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const problem = UNREAD[error.code ?? ''] ?? new ProblemError('invalid-request', 'This is no HTTP request.');
  const { status, body } = problemOf(problem, randomUUID().replaceAll('-', ''));
  const text = JSON.stringify(body);
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: ${PROBLEM_TYPE}\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n`;
  socket.end(head + text);
}

/** The trace id of a request names it in logs, problems and messages. */
function traceIdOf(request: { headers: Record<string, string | string[] | undefined> }): string {
  const parent = request.headers.traceparent;
  const traceId = typeof parent === 'string' ? TRACEPARENT.exec(parent)?.[1] : undefined;
  return traceId ?? randomUUID().replaceAll('-', '');
}

function prepareFastify(fastify: FastifyInstance, { metrics, settings, stopping, fence }: House): void {
  fastify.decorateRequest('caller', null);
  fastify.decorateRequest('idempotency', null);
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    ['application/json', 'application/merge-patch+json'],
    { parseAs: 'string' },
    async (_: FastifyRequest, text: string) => parseJsonBody(text),
  );
  fastify.addHook('onRequest', securityHeaders(settings.rateLimit, stopping));
  if (settings.tracing) fastify.addHook('onRequest', traced);
  // With callbacks, not promises: these run for every request.
  // After the body was read: what its events call does not run where the request began.
  fastify.addHook('preHandler', (_request, _reply, done) => fence.open(done));
  fastify.addHook('preSerialization', (_request, reply, payload, done) => done(null, unpack(reply, payload)));
  fastify.addHook('onSend', (request, reply, payload, done) => done(null, notModified(request, reply, payload)));
  fastify.addHook('onResponse', measured(metrics));
}

function securityHeaders(rateLimit: number, stopping: AbortSignal) {
  const headers: Record<string, string> = {
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    ...(rateLimit > 0 ? { 'ratelimit-policy': rateLimitPolicy(rateLimit) } : {}),
  };
  return (_request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    reply.headers(headers);
    // Whoever asks now asks elsewhere next time, and is not cut off when this process closes its connections.
    if (stopping.aborted) reply.header('connection', 'close');
    done();
  };
}

/** A server span around the whole request; what the handler calls becomes its child. */
function traced(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
  const parent = request.headers.traceparent;
  const name = `${request.method} ${request.routeOptions.url ?? '(no route)'}`;
  const finished = withSpan(
    name,
    { kind: 'server', parent: typeof parent === 'string' ? parent : undefined },
    async (span) => {
      done();
      await new Promise<void>((resolve) => reply.raw.once('close', resolve));
      span.setAttribute('http.response.status_code', reply.statusCode);
    },
  );
  finished.catch((error: unknown) => request.log.error(error));
}

const unconditionals = new WeakSet<FastifyReply>();

/** Sets status and headers of an `Answer` and gives its body on. */
function unpack(reply: FastifyReply, payload: unknown): unknown {
  if (!(payload instanceof Answer)) return payload;
  const { status, headers, unconditional } = payload.head;
  if (status !== undefined) reply.code(status);
  if (headers) reply.headers(headers);
  if (unconditional) unconditionals.add(reply);
  return payload.body;
}

/** A conditional read whose version the caller has already is answered without body. */
function notModified(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
  const etag = reply.getHeader('etag');
  if (typeof etag !== 'string' || reply.statusCode !== 200) return payload;
  if (request.method !== 'GET' && request.method !== 'HEAD') return payload;
  if (unconditionals.has(reply)) return payload;
  reply.header('cache-control', 'private, no-cache');
  if (!matchesNone(request.headers['if-none-match'], etag)) return payload;
  reply.code(304).removeHeader('content-length').removeHeader('content-type');
  return '';
}

function measured(metrics: Metrics) {
  const duration = metrics.histogram('http_request_duration_seconds', {
    help: 'Time from request to the end of its answer.',
    labels: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
  });
  return (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    const route = request.is404 ? '(none)' : (request.routeOptions.url ?? '(none)');
    duration.observe({ method: request.method, route, status: String(reply.statusCode) }, reply.elapsedTime / 1_000);
    done();
  };
}

function nestLogger(log: Logger): LoggerService {
  const write =
    (level: 'debug' | 'warn' | 'error' | 'fatal') =>
    (message: unknown, ...rest: unknown[]) =>
      log[level]({ nest: rest.map(String).slice(-1)[0] }, String(message));
  return {
    log: write('debug'),
    debug: write('debug'),
    verbose: write('debug'),
    warn: write('warn'),
    error: write('error'),
    fatal: write('fatal'),
  };
}
