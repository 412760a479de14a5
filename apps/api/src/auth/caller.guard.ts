import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { ApiKeys, WorkspaceFence } from '@tributary/database';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type EndpointSpec, specOf } from '../http/endpoint-spec.ts';
import { ProblemError } from '../http/problem-error.ts';
import type { CallerIdentity } from './caller.ts';
import type { TokenVerifier } from './oidc.ts';
import type { OpenRequests } from './open-requests.ts';
import { type Allowance, type RateLimit, WINDOW_SECONDS } from './rate-limit.ts';

const KEY_PREFIX = 'trb_';
/** When to ask again where too many requests are being answered. */
const BUSY_MS = 1_000;
const BEARER = /^Bearer +([\x21-\x7e]{1,8000})$/i;

/** What the guard asks; a limit that is absent is off. */
export interface GuardParts {
  keys: Pick<ApiKeys, 'verify'>;
  /** Is told whom the request is answered for. */
  fence: Pick<WorkspaceFence, 'enter'>;
  oidc?: TokenVerifier | undefined;
  perCaller?: RateLimit | undefined;
  atOnce?: OpenRequests | undefined;
  /** Failed log-ins by address. */
  failures: RateLimit;
}

/** Who asks, whether the credentials hold, whether they suffice, and whether there is still allowance: in this order. */
export class CallerGuard implements CanActivate {
  readonly #parts: GuardParts;

  constructor(parts: GuardParts) {
    this.#parts = parts;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const spec = specOf(context.getHandler());
    if (spec.scope === 'public') return true;
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const caller = await this.#identify(tokenOf(request));
    if (!caller) throw await this.refusal(request, unauthorized('The API key or token is not valid.'));
    const { perCaller } = this.#parts;
    const { cost } = spec;
    const allowance =
      perCaller && (perCaller.takeHeld(caller.actor, cost) ?? (await perCaller.take(caller.actor, cost)));
    const reply = http.getResponse<FastifyReply>();
    admit(spec, caller, allowance, reply);
    this.#count(caller, reply);
    this.#parts.fence.enter(caller.workspace);
    request.caller = caller;
    return true;
  }

  /** Until the answer has left, or whoever waited for it. */
  #count({ actor }: CallerIdentity, reply: FastifyReply): void {
    const { atOnce } = this.#parts;
    if (!atOnce) return;
    if (!atOnce.enter(actor)) throw tooMany(`No more than ${atOnce.limit} requests are answered at once.`, BUSY_MS);
    reply.raw.once('close', () => atOnce.leave(actor));
  }

  async #identify(token: string): Promise<CallerIdentity | undefined> {
    if (!token.startsWith(KEY_PREFIX)) return this.#parts.oidc?.verify(token);
    const holder = await this.#parts.keys.verify(token);
    return holder && { workspace: holder.workspace, actor: holder.keyId, scopes: holder.scopes };
  }

  /** Counts a proof that does not hold; `problem` is the answer to it until there are too many from the address. */
  async refusal(request: FastifyRequest, problem: ProblemError): Promise<ProblemError> {
    const { failures } = this.#parts;
    const { allowed, resetMs } = failures.takeHeld(request.ip) ?? (await failures.take(request.ip));
    return allowed ? problem : tooMany('Too many refused log-ins from this address.', resetMs);
  }
}

function tokenOf(request: FastifyRequest): string {
  const header = request.headers.authorization;
  if (header === undefined) throw unauthorized('Send an API key: Authorization: Bearer <key>.');
  const token = BEARER.exec(header)?.[1];
  if (token === undefined) throw unauthorized('Authorization must be: Bearer <key>.');
  return token;
}

function admit(
  spec: EndpointSpec,
  caller: CallerIdentity,
  allowance: Allowance | undefined,
  reply: FastifyReply,
): void {
  if (allowance) tellAllowance(reply, allowance);
  if (allowance && !allowance.allowed) throw tooMany('The requests of this minute are used up.', allowance.resetMs);
  if (spec.scope !== 'public' && !caller.scopes.includes(spec.scope)) {
    throw new ProblemError('forbidden', `This needs a key with the scope ${spec.scope}.`);
  }
}

/** draft-ietf-httpapi-ratelimit-headers: what is left, and in how many seconds it starts anew. */
function tellAllowance(reply: FastifyReply, { remaining, resetMs }: Allowance): void {
  reply.header('ratelimit', `"caller";r=${remaining};t=${Math.ceil(resetMs / 1_000)}`);
}

export const rateLimitPolicy = (limit: number): string => `"caller";q=${limit};w=${WINDOW_SECONDS}`;

const unauthorized = (detail: string): ProblemError =>
  new ProblemError('unauthorized', detail, { headers: { 'www-authenticate': 'Bearer' } });

const tooMany = (detail: string, retryAfterMs: number): ProblemError =>
  new ProblemError('too-many-requests', detail, { retryAfterMs });
