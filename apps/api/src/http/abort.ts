import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Why work for a request was given up: nobody is there to read an answer. */
export class CallerGoneError extends Error {
  override readonly name = 'CallerGoneError';
}

/** Aborts when the caller goes away before the answer is complete. */
export function abortOf(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort(new CallerGoneError('the caller went away'));
  });
  return controller.signal;
}

/**
 * `@Gone() signal: AbortSignal`: for handlers that wait for others. It never aborts where the caller has sent an
 * Idempotency-Key: whoever asks again with it wants to learn how this request ended, not to begin a second one.
 */
export const Gone = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const http = context.switchToHttp();
  if (http.getRequest<FastifyRequest>().idempotency) return new AbortController().signal;
  return abortOf(http.getResponse<FastifyReply>());
});
