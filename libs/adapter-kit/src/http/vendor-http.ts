import {
  isPlatformError,
  MalformedResponseError,
  type OperationClass,
  type PlatformError,
  RateLimitedError,
  UnavailableError,
} from '@tributary/contracts';
import { type Clock, failpoint, withSpan } from '@tributary/runtime';
import type { z } from 'zod';
import type { Contact } from '../breakers/breaker.ts';
import type { Breakers } from '../breakers/breakers.ts';
import { type BudgetLimit, costOf } from '../budgets/budget-plan.ts';
import type { LaneGate, Pass, Wanted } from '../budgets/lane-gate.ts';
import type { HttpOptions, VendorAnswer, VendorHttp, VendorRequest } from '../connection-kit.ts';
import type { Lane } from '../contract.ts';
import type { HeldToken, TokenKeeper } from '../tokens/token-keeper.ts';
import type { Exchange, OutgoingRequest, StreamedAnswer } from './exchange.ts';
import { classOf, type OperationPolicies } from './operation-policy.ts';
import { contentHeaders } from './outgoing-body.ts';
import { parseWith } from './parse-json.ts';
import { assertSafePath, withQuery } from './path.ts';
import type { Retrier } from './retrier.ts';
import { statusFailure, withRetryAfter } from './status-failure.ts';

/** The layers of one connection; each is a class of its own. */
export interface HttpLayers {
  retrier: Retrier;
  breakers: Breakers;
  gate: LaneGate;
  limits: readonly BudgetLimit[];
  exchange: Exchange;
  policies: OperationPolicies;
  clock: Clock;
  onEnd(end: CallEnd): void;
}

export interface CallEnd {
  operation: string;
  class: OperationClass;
  lane: Lane;
  durationMs: number;
  /** `ok`, or the code of the failure. */
  outcome: string;
  error?: PlatformError;
}

/** A turn comes within a window of the budget; whoever sends more than that is told when to come back. */
const PASS_THROUGH_WAIT_MS = 12_000;

type Answer = VendorAnswer | StreamedAnswer;
type Send<A extends Answer> = (out: OutgoingRequest) => Promise<A | VendorAnswer>;

interface Call<A extends Answer> {
  out: OutgoingRequest;
  class: OperationClass;
  cost: ReadonlyMap<string, number>;
  contact: Contact;
  send: Send<A>;
}

/** Puts the layers in order: retry, breaker, token at hand, budget, token attached, exchange, meaning of the answer. */
export class PipelinedHttp implements VendorHttp {
  readonly #options: HttpOptions;
  readonly #base: URL;
  readonly #layers: HttpLayers;
  readonly #tokens: TokenKeeper | undefined;

  constructor(options: HttpOptions, base: URL, layers: HttpLayers, tokens: TokenKeeper | undefined) {
    this.#options = options;
    this.#base = base;
    this.#layers = layers;
    this.#tokens = tokens;
  }

  send(request: VendorRequest): Promise<VendorAnswer> {
    return this.#call<VendorAnswer>(request, false, (out) => this.#layers.exchange.send(out));
  }

  async json<S extends z.ZodType>(request: VendorRequest, schema: S): Promise<z.output<S>> {
    const headers = { accept: 'application/json', ...lowerCase(request.headers) };
    const { text } = await this.send({ ...request, headers });
    return parseWith(request.operation, schema, text);
  }

  async stream(request: VendorRequest): Promise<StreamedAnswer> {
    const answer = await this.#call<StreamedAnswer>(request, true, (out) => this.#layers.exchange.stream(out));
    if ('bytes' in answer) return answer;
    // 304 has no body.
    return { status: answer.status, headers: answer.headers, bytes: (async function* () {})() };
  }

  async #call<A extends Answer>(request: VendorRequest, streamed: boolean, send: Send<A>): Promise<A | VendorAnswer> {
    const operationClass = classOf(request, streamed || request.body !== undefined);
    const { retrier, breakers } = this.#layers;
    const out = this.#outgoing(request, operationClass);
    const cost = costOf(request.operation, this.#layers.limits, request.cost);
    const { lane, idempotent, retryTimeouts, signal } = request;
    const attributes = { 'tributary.class': operationClass, 'tributary.lane': lane };
    const attempt = () =>
      breakers
        .of(operationClass)
        .run(request.operation, (contact) => this.#attempt({ out, class: operationClass, cost, contact, send }));
    return withSpan(request.operation, { kind: 'client', attributes }, () =>
      // A body that is passed on is gone once it was begun.
      request.body
        ? attempt()
        : retrier.run({ class: operationClass, lane, idempotent, retryTimeouts, signal }, attempt),
    );
  }

  #outgoing(request: VendorRequest, operationClass: OperationClass): OutgoingRequest {
    const path = assertSafePath(withQuery(request.path, request.query));
    return {
      request,
      origin: this.#base.origin,
      path: `${this.#base.pathname.replace(/\/+$/, '')}${path}`,
      headers: {
        'user-agent': 'tributary',
        accept: '*/*',
        ...contentHeaders(request),
        ...lowerCase(this.#options.headers),
        ...lowerCase(request.headers),
        'accept-encoding': 'gzip, br',
      },
      policy: this.#layers.policies[operationClass],
    };
  }

  /** With a token: one that is refused is replaced, and the call made once more. */
  async #attempt<A extends Answer>(call: Call<A>): Promise<A | VendorAnswer> {
    const { request } = call.out;
    const tokens = request.anonymous ? undefined : this.#tokens;
    if (!tokens) return this.#once(call, undefined);
    // Before the budget is spent: a refused log-in costs no units, and a granted call does not wait for a log-in.
    await tokens.current(request.signal);
    try {
      return await this.#once(call, tokens);
    } catch (refusal) {
      if (!(refusal instanceof TokenRefused)) throw refusal;
      await tokens.refused(refusal.token, refusal.error, request.signal);
      if (request.body) {
        throw new UnavailableError(`${request.operation}: the token was refused while the body was on its way`);
      }
    }
    try {
      return await this.#once(call, tokens);
    } catch (refusal) {
      if (!(refusal instanceof TokenRefused)) throw refusal;
      tokens.refusedAgain();
      throw refusal.error;
    }
  }

  async #once<A extends Answer>(call: Call<A>, tokens: TokenKeeper | undefined): Promise<A | VendorAnswer> {
    const { request } = call.out;
    const pass = await this.#layers.gate.enter(this.#wanted(call));
    const startedMs = this.#layers.clock.monotonicMs();
    let token: HeldToken | undefined;
    try {
      token = await tokens?.current(request.signal);
      const answer = await call.send(token && tokens ? authorised(call.out, token, tokens) : call.out);
      call.contact.answered = true;
      await failpoint('after-fetch');
      this.#read(request, answer, pass);
      if (token) tokens?.accepted(token);
      this.#ended(call, startedMs, undefined);
      return answer;
    } catch (error) {
      this.#ended(call, startedMs, error);
      if (!isPlatformError(error)) throw error;
      if (error.code === 'rate-limited') throw toBeSentAgain(error, await pass.limited(error.retryAfterMs));
      throw token && error.code === 'authentication' ? new TokenRefused(token, error) : error;
    } finally {
      pass.done();
    }
  }

  #wanted(call: Call<Answer>): Wanted {
    const { request, policy } = call.out;
    const lane = call.class === 'auth' ? 'auth' : request.lane;
    return {
      operation: request.operation,
      lane,
      class: call.class,
      cost: call.cost,
      signal: request.signal,
      ...longestWait(lane, policy.timeoutMs),
    };
  }

  /** Corrects the budget by what the answer reports; throws what the answer means, if it means failure. */
  #read(request: VendorRequest, answer: Answer, pass: Pass): void {
    const nowMs = this.#layers.clock.now();
    if ('bytes' in answer) return;
    try {
      const units = this.#options.reported?.(answer);
      if (units) pass.reported(units);
      const readings = this.#options.metered?.(answer);
      if (readings) pass.metered(readings);
      const failure = this.#options.classify?.(answer);
      if (failure) throw withRetryAfter(failure, answer, nowMs);
    } catch (error) {
      if (isPlatformError(error)) throw error;
      throw new MalformedResponseError(`${request.operation}: the answer cannot be understood`, { cause: error });
    }
    const failure = statusFailure(request.operation, answer, nowMs);
    if (failure) throw failure;
  }

  #ended(call: Call<Answer>, startedMs: number, error: unknown): void {
    const failure = isPlatformError(error) ? error : undefined;
    this.#layers.onEnd({
      operation: call.out.request.operation,
      class: call.class,
      lane: call.out.request.lane,
      durationMs: this.#layers.clock.monotonicMs() - startedMs,
      outcome: failure?.code ?? (error === undefined ? 'ok' : 'aborted'),
      ...(failure ? { error: failure } : {}),
    });
  }
}

/** Where the budget knows how long nothing goes, whoever waits so long may try again. */
function toBeSentAgain(error: PlatformError, holdMs: number | undefined): PlatformError {
  if (holdMs === undefined || error.retryAfterMs !== undefined) return error;
  const { message, cause, platformStatus, platformCode } = error;
  return new RateLimitedError(message, {
    cause,
    retryAfterMs: Math.ceil(holdMs),
    ...(platformStatus === undefined ? {} : { platformStatus }),
    ...(platformCode === undefined ? {} : { platformCode }),
  });
}

/** Between the layers only: the platform refused this very token. */
class TokenRefused extends Error {
  constructor(
    readonly token: HeldToken,
    readonly error: PlatformError,
  ) {
    super(error.message);
  }
}

function authorised(out: OutgoingRequest, token: HeldToken, tokens: TokenKeeper): OutgoingRequest {
  const headers = { ...out.headers };
  tokens.attach(token, headers);
  return { ...out, headers };
}

/** Somebody waits for the answer: rather than in vain, until it is known that the budget lasts longer than they do. */
function longestWait(lane: Wanted['lane'], timeoutMs: number): { maxWaitMs?: number } {
  if (lane === 'pass-through') return { maxWaitMs: Math.min(timeoutMs, PASS_THROUGH_WAIT_MS) };
  return lane === 'auth' || lane === 'command' || lane === 'interactive' ? { maxWaitMs: timeoutMs } : {};
}

const lowerCase = (headers: Record<string, string> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
