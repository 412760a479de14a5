import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { cutAfter, garble, malformed, type Payload, rewrite, slowly, wholeBody } from './body-faults.ts';
import type { Fault, FaultOf } from './fault-types.ts';
import type { Faults } from './faults.ts';
import { fingerprint } from './fingerprint.ts';
import { Gate, type GateOptions } from './gate.ts';
import type { Journal } from './journal.ts';
import type { ScenarioClock } from './scenario-clock.ts';
import { Served } from './served.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Id of the operation in the vendor's catalogue, such as OPTI-07. */
    operation?: string;
    /** Path parameters that are secrets: the journal shows fingerprints of them. */
    secretParams?: string[];
  }
  interface FastifyRequest {
    /** Filled in as the request is understood; the journal and the faults read it. */
    simulated: SimulatedRequest;
  }
}

export interface SimulatedRequest {
  operation?: string;
  /** Fingerprint of what the caller showed to prove who it is. */
  credential?: string;
  /** What the vendor did, where the status alone does not tell. */
  detail?: string;
  /** There while the journal keeps it: routes that hand over points note them. */
  served?: Served;
  faults: Fault[];
}

/** How this vendor says things when a fault speaks for it. */
export interface VendorVoice {
  error(status: number): { contentType: string; body: string };
  rateLimited(retryAfterSeconds: number | undefined): { contentType: string; body: string };
  /** What a request shows to prove who it is; only its fingerprint is kept. */
  credential(request: FastifyRequest): string | undefined;
}

export interface VendorServerOptions {
  clock: ScenarioClock;
  faults: Faults;
  journal: Journal;
  voice: VendorVoice;
  bodyLimit?: number;
  /** Whether `/Tenants` is another path than `/tenants`; it is unless the vendor says otherwise. */
  caseSensitive?: boolean;
}

/** A web server that keeps the journal and lets faults speak before, or instead of, the vendor. */
export function createVendorServer(options: VendorServerOptions): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: options.bodyLimit ?? 1024 * 1024,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 4096, caseSensitive: options.caseSensitive ?? true },
  });
  app.decorateRequest('simulated', null as unknown as SimulatedRequest);
  app.addHook('onRequest', async (request, reply) => {
    request.simulated = understand(options, request);
    keepJournal(options, request, reply);
  });
  app.addHook('preHandler', async (request, reply) => {
    const { operation, credential } = request.simulated;
    const path = pathOf(request);
    request.simulated.faults = options.faults.hit({
      protocol: 'http',
      operation,
      method: request.method,
      path,
      credential,
    });
    return faultsBefore(options.voice, request, reply);
  });
  // A platform's clock is its own: what it says of the time is what everything else of it goes by.
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('date')) reply.header('date', new Date(options.clock.now()).toUTCString());
  });
  app.addHook('onSend', (request, reply, payload) => faultsAfter(options.voice, request, reply, payload as Payload));
  return app;
}

/** Puts a listening door before a server that never listens itself, so that the door can be shut and opened again. */
export async function listen(app: FastifyInstance, options: Omit<GateOptions, 'accept'>): Promise<Gate> {
  await app.ready();
  return Gate.open({ ...options, accept: (socket) => app.server.emit('connection', socket) });
}

function understand({ voice, journal }: VendorServerOptions, request: FastifyRequest): SimulatedRequest {
  const shown = voice.credential(request);
  const { operation } = request.routeOptions.config;
  return {
    ...(operation ? { operation } : {}),
    ...(shown ? { credential: fingerprint(shown) } : {}),
    ...(journal.keepsServed ? { served: new Served() } : {}),
    faults: [],
  };
}

const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0] ?? '';

function keepJournal({ clock, journal }: VendorServerOptions, request: FastifyRequest, reply: FastifyReply): void {
  const at = clock.now();
  const began = performance.now();
  reply.raw.once('close', () => {
    const { operation, credential, detail, served, faults } = request.simulated;
    const spans = served?.spans ?? [];
    journal.add({
      at,
      protocol: 'http',
      method: request.method,
      path: harmlessPath(request),
      ...(operation ? { operation } : {}),
      status: reply.raw.writableFinished ? reply.raw.statusCode : -1,
      durationMs: performance.now() - began,
      ...(credential ? { credential } : {}),
      ...(faults.length > 0 ? { faults: faults.map((fault) => fault.kind) } : {}),
      ...(detail === undefined ? {} : { detail }),
      ...(spans.length === 0 ? {} : { served: spans }),
    });
  });
}

function harmlessPath(request: FastifyRequest): string {
  const params = request.params as Record<string, string | undefined> | undefined;
  return (request.routeOptions.config.secretParams ?? []).reduce((path, name) => {
    const secret = params?.[name];
    return secret
      ? path.replace(encodeURIComponent(secret), `~${fingerprint(secret)}`).replace(secret, `~${fingerprint(secret)}`)
      : path;
  }, pathOf(request));
}

/** The reply, where a fault has answered: it may still be on its way, and nobody else is to answer then. */
async function faultsBefore(
  voice: VendorVoice,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply | undefined> {
  for (const fault of request.simulated.faults) {
    if (fault.kind === 'latency') await delay(fault.ms + Math.random() * fault.jitterMs);
    else if (fault.kind === 'status' && fault.when === 'before') return answerStatus(voice, reply, fault);
    else if (fault.kind === 'rate-limit') return answerRateLimit(voice, reply, fault);
    else if (fault.kind === 'reset' && fault.when === 'before' && fault.afterBytes === undefined) return reset(reply);
  }
  return undefined;
}

function reset(reply: FastifyReply): FastifyReply {
  reply.hijack();
  reply.raw.socket?.resetAndDestroy();
  return reply;
}

function answerStatus(voice: VendorVoice, reply: FastifyReply, fault: FaultOf<'status'>): FastifyReply {
  const own = voice.error(fault.status);
  const { contentType, body } = statusBody(fault, own);
  return reply.code(fault.status).headers(fault.headers).type(contentType).send(body);
}

function statusBody(fault: FaultOf<'status'>, own: { contentType: string; body: string }) {
  if (fault.body === undefined) return { contentType: fault.contentType ?? own.contentType, body: own.body };
  if (typeof fault.body === 'string') return { contentType: fault.contentType ?? 'text/html', body: fault.body };
  return { contentType: fault.contentType ?? 'application/json', body: JSON.stringify(fault.body) };
}

function answerRateLimit(voice: VendorVoice, reply: FastifyReply, fault: FaultOf<'rate-limit'>): FastifyReply {
  const { contentType, body } = voice.rateLimited(fault.retryAfterSeconds);
  if (fault.retryAfterSeconds !== undefined) reply.header('retry-after', String(fault.retryAfterSeconds));
  return reply.code(429).type(contentType).send(body);
}

/** Faults that speak after the vendor has done the work. An answer that a fault gave itself is left alone. */
async function faultsAfter(
  voice: VendorVoice,
  request: FastifyRequest,
  reply: FastifyReply,
  payload: Payload,
): Promise<unknown> {
  let answer: unknown = payload;
  for (const fault of request.simulated.faults) {
    if (isAboutTheAnswer(fault)) answer = await spoil(voice, fault, reply, answer as Payload);
  }
  return answer;
}

const isAboutTheAnswer = (fault: Fault): boolean =>
  ['malformed', 'rewrite', 'garble', 'truncated', 'slow-body'].includes(fault.kind) ||
  (fault.kind === 'reset' && (fault.when === 'after' || fault.afterBytes !== undefined)) ||
  (fault.kind === 'status' && fault.when === 'after');

async function spoil(voice: VendorVoice, fault: Fault, reply: FastifyReply, payload: Payload): Promise<unknown> {
  const body = await wholeBody(payload);
  const fullLength = () => reply.header('content-length', body.length);
  switch (fault.kind) {
    case 'malformed':
      reply.removeHeader('content-length');
      return malformed(fault, body, reply);
    case 'rewrite':
      reply.removeHeader('content-length');
      return rewrite(fault, body);
    case 'garble':
      reply.removeHeader('content-length');
      return garble(fault, body);
    case 'truncated': {
      if (body.length === 0) return body;
      fullLength();
      const bytes = Math.min(fault.afterBytes ?? Math.floor(body.length / 2), Math.max(0, body.length - 1));
      return Readable.from(cutAfter(body, Math.max(1, bytes), () => reply.raw.socket?.destroy()));
    }
    case 'slow-body':
      fullLength();
      return Readable.from(slowly(body, fault.bytesPerSecond));
    case 'reset': {
      const cut = () => reply.raw.socket?.resetAndDestroy();
      if (fault.afterBytes) {
        fullLength();
        return Readable.from(cutAfter(body, fault.afterBytes, cut));
      }
      cut();
      return body;
    }
    case 'status': {
      const { contentType, body: text } = statusBody(fault, voice.error(fault.status));
      reply.removeHeader('content-length');
      reply.code(fault.status).headers(fault.headers).type(contentType);
      return text;
    }
    default:
      return body;
  }
}
