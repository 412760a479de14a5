import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

/** Aborts when the caller goes away before the answer is complete. */
export function abortOf(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort(new Error('the caller went away'));
  });
  return controller.signal;
}

/** `@Gone() signal: AbortSignal`: for handlers that wait for others. */
export const Gone = createParamDecorator((_: unknown, context: ExecutionContext) =>
  abortOf(context.switchToHttp().getResponse<FastifyReply>()),
);
