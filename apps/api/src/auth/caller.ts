import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Scope } from '@tributary/contracts';
import type { FastifyRequest } from 'fastify';

/** Who asks, as the credentials say. The workspace comes from here and from nowhere else. */
export interface CallerIdentity {
  workspace: string;
  /** `key_…`, or `oidc:` and the subject. Stands in the audit log. */
  actor: string;
  scopes: readonly Scope[];
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the guard; null on public routes. */
    caller: CallerIdentity | null;
  }
}

/** Throws for a request that passed no guard: a handler that asks for a caller cannot be public. */
export function callerOf(request: FastifyRequest): CallerIdentity {
  if (!request.caller) throw new Error('the route is public and has no caller');
  return request.caller;
}

/** The caller of a handler: `@Caller() caller: CallerIdentity`. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext) =>
  callerOf(context.switchToHttp().getRequest<FastifyRequest>()),
);
