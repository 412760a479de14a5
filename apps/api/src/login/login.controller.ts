import { Controller, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Caller, type CallerIdentity } from '../auth/caller.ts';
import { HOUSE, type House } from '../house.ts';
import { Gone } from '../http/abort.ts';
import { Endpoint } from '../http/endpoint.ts';
import type { InputOf } from '../http/endpoint-spec.ts';
import { Input, readInput } from '../http/input.ts';
import { negotiate } from '../http/negotiate.ts';
import { problemOf } from '../http/problem-document.ts';
import { ProblemError } from '../http/problem-error.ts';
import { TraceId } from '../http/request-parts.ts';
import { authorize, callback } from './login.endpoints.ts';
import { LoginService } from './login.service.ts';
import { LOGIN_HEADERS, loginPage } from './login-page.ts';

const OFFERS = ['application/json', 'text/html'] as const;
const DONE = 'The connection uses the new credentials. You may close this window.';

@Controller()
export class LoginController {
  constructor(
    @Inject(HOUSE) private readonly house: House,
    @Inject(LoginService) private readonly logins: LoginService,
  ) {}

  @Endpoint(authorize)
  async begin(
    @Input() { params }: InputOf<typeof authorize>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const wanted = negotiate(request.headers.accept, OFFERS);
    const begun = await this.logins.begin(caller, params.connectionId, { traceId, signal });
    reply.header('vary', 'accept');
    if (wanted === 'application/json') return begun;
    reply.code(302).header('location', begun.url);
    return undefined;
  }

  @Endpoint(callback)
  async end(@TraceId() traceId: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    reply.headers({ ...LOGIN_HEADERS, vary: 'accept' });
    const asPage = negotiate(request.headers.accept, OFFERS) === 'text/html';
    // Whoever only looks, such as a preview of links, must not use the log-in up.
    if (request.method === 'HEAD') return void reply.send();
    try {
      const { params, query } = readInput(callback, request) as InputOf<typeof callback>;
      await this.logins.finish(params.connectionId, query, traceId);
      if (asPage) return void page(reply, 'Logged in', DONE);
      void reply.send({ connectionId: params.connectionId, detail: DONE });
    } catch (error) {
      const failure = await this.#counted(error, request);
      if (!asPage) throw failure;
      const { status, headers, body, unexpected } = problemOf(failure, traceId);
      if (unexpected) throw failure;
      reply.code(status).headers(headers);
      page(
        reply,
        'Not logged in',
        `${body.detail ?? body.title} Begin again, or ask whoever sent you here (${traceId}).`,
      );
    }
  }

  /** Guessing is counted by address, as wrong keys are. */
  async #counted(error: unknown, request: FastifyRequest): Promise<unknown> {
    return error instanceof ProblemError && error.code === 'invalid-request'
      ? this.house.guard.refusal(request, error)
      : error;
  }
}

function page(reply: FastifyReply, title: string, detail: string): void {
  void reply.header('content-type', 'text/html; charset=utf-8').send(loginPage(title, detail));
}
