import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import type { CredentialVault, IdempotencyKeys, StoredAnswer } from '@tributary/database';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { z } from 'zod';
import { callerOf } from '../auth/caller.ts';
import { HOUSE, type House } from '../house.ts';
import { Answer } from './answer.ts';
import { type EndpointSpec, specOf, successStatus } from './endpoint-spec.ts';
import { IdempotencyClaim } from './idempotency-claim.ts';
import { readInput } from './input.ts';
import { ProblemError } from './problem-error.ts';

const KEY = /^[\x21-\x7e]{1,255}$/;

declare module 'fastify' {
  interface FastifyRequest {
    /** Set while the first request with an Idempotency-Key runs. */
    idempotency: IdempotencyClaim | null;
  }
}

interface Asked {
  key: string;
  request: FastifyRequest;
  reply: FastifyReply;
  spec: EndpointSpec;
}

/**
 * `Idempotency-Key`: the first request runs and its answer is stored, later ones are given that answer. A request that
 * failed frees its key, so that it can be tried again.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  readonly #keys: IdempotencyKeys;
  readonly #vault: CredentialVault;

  constructor(@Inject(HOUSE) house: House) {
    this.#keys = house.idempotencyKeys;
    this.#vault = house.vault;
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const spec = specOf(context.getHandler());
    const key = keyOf(request, spec.idempotency === 'required');
    if (key === undefined) return next.handle();
    // A request that cannot be valid must not take the key.
    readInput(spec, request);
    return from(this.#once({ key, request, reply: http.getResponse<FastifyReply>(), spec }, next));
  }

  async #once({ key, request, reply, spec }: Asked, next: CallHandler): Promise<unknown> {
    const secret = spec.secretBody ?? false;
    const { workspace } = callerOf(request);
    const result = await this.#keys.begin(workspace, key, this.#identity(workspace, request, secret));
    if (result.outcome === 'answered') return replayed(result.answer, reply);
    if (result.outcome === 'reused') {
      throw new ProblemError('idempotency-key-reused', 'This key was used with another request.');
    }
    if (result.outcome === 'in-progress') {
      throw new ProblemError('idempotency-in-progress', 'The first request with this key has not been answered yet.', {
        retryAfterMs: 1_000,
      });
    }
    const claim = new IdempotencyClaim(this.#keys, [workspace, key, result.attempt]);
    request.idempotency = claim;
    try {
      const answer: unknown = await lastValueFrom(next.handle(), { defaultValue: undefined });
      await claim.finish(stored(answer, successStatus(spec)));
      return answer;
    } catch (error) {
      await claim.abandon();
      throw error;
    }
  }

  /** What makes it this request. Credentials stand in it as a keyed fingerprint: what is stored must not help to guess them. */
  #identity(workspace: string, request: FastifyRequest, secret: boolean): string {
    const body = request.body ?? null;
    const owner = { workspace, connectionId: 'idempotency' };
    if (secret) {
      const shown = this.#vault.fingerprint({ body: JSON.stringify(body) }, owner);
      return JSON.stringify([request.method, request.originalUrl, shown]);
    }
    const credentials = z.object({ credentials: z.record(z.string(), z.string()) }).safeParse(body);
    const shown = credentials.success
      ? { ...(body as object), credentials: this.#vault.fingerprint(credentials.data.credentials, owner) }
      : body;
    return JSON.stringify([request.method, request.originalUrl, shown]);
  }
}

function keyOf(request: FastifyRequest, required: boolean): string | undefined {
  const header = request.headers['idempotency-key'];
  if (header === undefined) {
    if (required)
      throw new ProblemError(
        'idempotency-key-required',
        'Send a key of your own making as Idempotency-Key, and the same one when you repeat the request.',
      );
    return undefined;
  }
  // The draft writes the key as a structured string, in quotation marks; most callers leave them out.
  const key = String(header).replace(/^"(.*)"$/, '$1');
  if (KEY.test(key)) return key;
  throw new ProblemError('invalid-request', 'Idempotency-Key is not valid.', {
    errors: [
      { pointer: '/header/idempotency-key', detail: 'expected 1 to 255 printable ASCII characters without spaces' },
    ],
  });
}

function stored(result: unknown, status: number): StoredAnswer {
  if (!(result instanceof Answer)) return { status, headers: {}, body: result ?? null };
  return {
    status: result.head.status ?? status,
    headers: result.head.headers ?? {},
    body: result.head.storedBody ?? result.body ?? null,
  };
}

function replayed(answer: StoredAnswer, reply: FastifyReply): unknown {
  reply.code(answer.status).header('idempotency-replayed', 'true');
  return answer.body === null ? undefined : new Answer(answer.body, { status: answer.status, headers: answer.headers });
}
