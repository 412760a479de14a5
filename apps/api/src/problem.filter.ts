import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { Logger } from '@tributary/runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problemOf } from './http/problem-document.ts';
import { ProblemError } from './http/problem-error.ts';
import type { RouteTable } from './http/route-table.ts';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** Everything that goes wrong leaves as one problem document (RFC 9457); what is our own fault is logged with its cause. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #log: Logger;
  readonly #routes: RouteTable;

  constructor(log: Logger, routes: RouteTable) {
    this.#log = log;
    this.#routes = routes;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const { status, headers, body, unexpected } = problemOf(this.#refined(error, request), request.id);
    if (unexpected)
      this.#log.error(
        { err: error, traceId: request.id, route: request.routeOptions.url },
        'a request failed unexpectedly',
      );
    if (reply.sent || reply.raw.headersSent) return void reply.raw.destroy();
    for (const name of ['etag', 'location', 'link', 'content-length', 'cache-control']) reply.removeHeader(name);
    void reply.code(status).headers(headers).header('content-type', PROBLEM_TYPE).send(JSON.stringify(body));
  }

  /** A path that exists under other methods is 405, not 404. */
  #refined(error: unknown, request: FastifyRequest): unknown {
    if (!request.is404 || (error as { status?: unknown }).status !== 404) return error;
    const allowed = this.#routes.methodsAt(request.originalUrl);
    if (allowed.length === 0) return new ProblemError('not-found', 'There is no such route.');
    const allow = allowed.join(', ');
    return new ProblemError('method-not-allowed', `This resource answers ${allow}.`, { headers: { allow } });
  }
}
