import {
  type AdapterPayload,
  type AdapterReply,
  type AdapterRequestName,
  adapterRequests,
  isPlatformError,
  type OperationClass,
  type PlatformErrorCode,
} from '@tributary/contracts';
import type { BreakerJournal } from '@tributary/database';
import type { Clock, Logger, Metrics } from '@tributary/runtime';
import { atPlatform } from '../http/problem-document.ts';
import { ProblemError } from '../http/problem-error.ts';
import { CIRCUIT_OPEN, Circuit, type CircuitTurn } from './circuit.ts';
import {
  ANY_AGE,
  type Known,
  type KnownQuestion,
  type KnownTarget,
  knownQuestion,
  type Staleness,
  type StaleReason,
} from './known-answers/known-answer.ts';
import type { KnownAnswers } from './known-answers/known-answers.ts';
import { questionRules } from './known-answers/question-rules.ts';
import { operationLimits } from './operation-limits.ts';

/** Request and reply over the broker; rejects with a `PlatformError`. `deadlineMs` is a time of the wall clock. */
export interface AdapterQuestions {
  request<N extends AdapterRequestName>(
    platform: string,
    name: N,
    payload: AdapterPayload<N>,
    options: {
      deadlineMs: number;
      signal?: AbortSignal;
      traceparent?: string;
      onVendorCalls?: (calls: number) => void;
    },
  ): Promise<AdapterReply<N>>;
}

/** The connection that is asked about; a draft has the id that it would get, and no version. */
export interface Target {
  platform: string;
  connectionId: string;
  /** Grows with each change of the connection: what was learnt of an earlier version is forgotten. */
  version?: number;
}

/** Notes that something of a connection was changed at its platform. */
export interface Touches {
  touch(connectionId: string, scopes: readonly string[]): Promise<void>;
}

export interface PlatformGatewayOptions {
  questions: AdapterQuestions;
  answers: KnownAnswers;
  touches: Touches;
  /** Told of everything that a breaker does. */
  breakers: Pick<BreakerJournal, 'note'>;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
}

export interface AskOptions {
  signal?: AbortSignal | undefined;
  traceId?: string | undefined;
  /** A time of the wall clock; the class of the question has a deadline of its own, and the earlier one counts. */
  deadlineMs?: number | undefined;
  /** Called with what the answer, or the failure, has cost the platform, where the adapter tells. */
  onVendorCalls?: ((calls: number) => void) | undefined;
}

/** Breakers that were not used for so long are let go. */
const IDLE_MS = 600_000;
const SWEEP_MS = 60_000;

/** The way from the api to adapters: one breaker per connection and operation class, one deadline per question. */
export class PlatformGateway {
  readonly #options: PlatformGatewayOptions;
  readonly #clock: Clock;
  readonly #circuits = new Map<string, { circuit: Circuit; version: number }>();
  readonly #asked;
  readonly #stale;
  readonly #open;
  readonly #stopSweeping: () => void;

  constructor(options: PlatformGatewayOptions) {
    const { clock, metrics } = options;
    this.#options = options;
    this.#clock = clock;
    this.#stale = metrics.counter('platform_stale_answers_total', {
      help: 'Questions that were answered with what the platform last said.',
      labels: ['platform', 'question', 'because'],
    });
    this.#open = metrics.gauge('platform_breakers', {
      help: 'Circuit breakers towards adapters that are not closed.',
      labels: ['platform', 'class', 'state'],
    });
    this.#asked = metrics.counter('platform_questions_total', {
      help: 'Questions to adapters by outcome.',
      labels: ['platform', 'question', 'outcome'],
    });
    this.#stopSweeping = clock.every(SWEEP_MS, () => this.#sweep());
  }

  /**
   * The answer of now. Throws a `PlatformError` that knows its connection, or the problem `circuit-open`. What the
   * question may have changed is noted before this settles.
   */
  async ask<N extends AdapterRequestName>(
    target: Target,
    name: N,
    payload: AdapterPayload<N>,
    options: AskOptions = {},
  ): Promise<AdapterReply<N>> {
    const scopes = questionRules[name].touches?.(payload) ?? [];
    if (scopes.length === 0) return this.#ask(target, name, payload, options);
    let failure: unknown;
    try {
      return await this.#ask(target, name, payload, options);
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      if (mayHaveHappened(failure)) await this.#touch(target, scopes);
    }
  }

  /**
   * The answer of now or, while the platform is away and as far as the caller takes it, the last one. Throws what `ask`
   * throws where there is none. Never for what has an effect, nor for what an effect depends on.
   */
  async askKnowing<N extends AdapterRequestName>(
    target: KnownTarget,
    name: N,
    payload: AdapterPayload<N>,
    options: AskOptions & { staleness?: Staleness | undefined } = {},
  ): Promise<Known<AdapterReply<N>>> {
    const question = knownQuestion(target, name, payload);
    const askedAtMs = this.#clock.now();
    const { upToMs, keep } = options.staleness ?? ANY_AGE;
    try {
      const reply = await this.ask(target, name, payload, options);
      if (question && keep) this.#options.answers.remember(question, reply, askedAtMs);
      return { reply, observedAtMs: this.#clock.now() };
    } catch (error) {
      const because = reasonOf(error);
      const stale = question && because && (await this.#recall<N>(question, because, error, upToMs));
      if (!stale) {
        if (question && isRefusal(error)) this.#options.answers.remember(question, undefined, askedAtMs);
        throw error;
      }
      this.#stale.inc({ platform: target.platform, question: name, because: stale.because });
      const { reply, observedAtMs, ...rest } = stale;
      return { reply, observedAtMs, stale: rest };
    }
  }

  async #ask<N extends AdapterRequestName>(
    target: Target,
    name: N,
    payload: AdapterPayload<N>,
    options: AskOptions,
  ): Promise<AdapterReply<N>> {
    const operationClass = adapterRequests[name].class;
    const latestMs = this.#clock.now() + operationLimits[operationClass].deadlineMs;
    try {
      const reply = await this.#circuit(target, operationClass).run(() =>
        this.#options.questions.request(target.platform, name, payload, {
          deadlineMs: Math.min(latestMs, options.deadlineMs ?? latestMs),
          ...(options.onVendorCalls ? { onVendorCalls: options.onVendorCalls } : {}),
          ...(options.signal ? { signal: options.signal } : {}),
          ...(options.traceId ? { traceparent: traceparentOf(options.traceId) } : {}),
        }),
      );
      this.#asked.inc({ platform: target.platform, question: name, outcome: 'answered' });
      return reply;
    } catch (error) {
      const outcome = isPlatformError(error) || error instanceof ProblemError ? error.code : 'failed';
      this.#asked.inc({ platform: target.platform, question: name, outcome });
      throw translated(error, target);
    }
  }

  /** What this replica's breakers say of a connection, by class; classes that were not used are absent. */
  states(connectionId: string): Partial<Record<OperationClass, 'closed' | 'open' | 'half-open'>> {
    const states: Partial<Record<OperationClass, 'closed' | 'open' | 'half-open'>> = {};
    for (const name of ['auth', 'read', 'command', 'bulk'] as const) {
      const known = this.#circuits.get(`${connectionId}/${name}`);
      if (known) states[name] = known.circuit.state;
    }
    return states;
  }

  close(): void {
    this.#stopSweeping();
    for (const key of this.#circuits.keys()) this.#drop(key);
  }

  /** A changed connection begins anew: its old address or account says nothing of the new one. */
  #circuit(target: Target, operationClass: OperationClass): Circuit {
    const key = `${target.connectionId}/${operationClass}`;
    const version = target.version ?? 0;
    const known = this.#circuits.get(key);
    if (known && known.version >= version) return known.circuit;
    this.#drop(key);
    const { platform, connectionId } = target;
    const circuit = new Circuit({
      limits: operationLimits[operationClass],
      origin: { platform, connectionId },
      clock: this.#clock,
      onTurn: (turn) => this.#turned({ platform, connectionId }, operationClass, turn),
    });
    this.#circuits.set(key, { circuit, version });
    return circuit;
  }

  #turned(
    { platform, connectionId }: Target,
    operationClass: OperationClass,
    { from, to, failures, code, restMs }: CircuitTurn,
  ) {
    for (const [state, by] of [[from, -1] as const, [to, 1] as const]) {
      if (state !== 'closed') this.#open.inc({ platform, class: operationClass, state }, by);
    }
    const retryAt = restMs === undefined ? undefined : new Date(this.#clock.now() + restMs);
    this.#options.breakers.note({ connectionId, class: operationClass, from, to, failures, code, retryAt });
  }

  #sweep(): void {
    const oldest = this.#clock.monotonicMs() - IDLE_MS;
    for (const [key, { circuit }] of this.#circuits) if (circuit.lastUsedMs <= oldest) this.#drop(key);
  }

  #drop(key: string): void {
    this.#circuits.get(key)?.circuit.shutdown();
    this.#circuits.delete(key);
  }

  async #recall<N extends AdapterRequestName>(
    question: KnownQuestion,
    because: StaleReason,
    error: unknown,
    upToMs: number,
  ) {
    if (upToMs === 0) return undefined;
    const known = await this.#options.answers.recall(question);
    if (!known) return undefined;
    const ageMs = Math.max(0, this.#clock.now() - known.observedAtMs);
    if (ageMs > upToMs) return undefined;
    return { ...known, reply: known.reply as AdapterReply<N>, because, ageMs, asked: !isOwnRefusal(error) };
  }

  /** The change is made; that it could not be noted must not look as if it were not. */
  async #touch({ connectionId }: Target, scopes: readonly string[]): Promise<void> {
    try {
      await this.#options.touches.touch(connectionId, scopes);
    } catch (error) {
      this.#options.log.warn({ err: error, connectionId }, 'a change was made and could not be noted');
    }
  }
}

const REASONS: Partial<Record<PlatformErrorCode, StaleReason>> = {
  unavailable: 'platform-unavailable',
  timeout: 'platform-timeout',
  'rate-limited': 'platform-rate-limited',
};

/**
 * Why there is no answer of now, where an earlier one may stand in for it. An answer that cannot be read is none: the
 * platform speaks, and what it says has changed. Nor is a refusal.
 */
function reasonOf(error: unknown): StaleReason | undefined {
  if (error instanceof ProblemError) return error.code === 'circuit-open' ? 'circuit-open' : undefined;
  return isPlatformError(error) ? REASONS[error.code] : undefined;
}

/** The platform was there and has said no: what it said before does not hold any more. */
const isRefusal = (error: unknown): boolean =>
  isPlatformError(error) && reasonOf(error) === undefined && error.code !== 'malformed-response';

/** Nothing was sent. */
const isOwnRefusal = (error: unknown): boolean => error instanceof ProblemError && error.cause === undefined;

/** After a success, and after whatever leaves it open; a conflict says that somebody else was there. */
const mayHaveHappened = (failure: unknown): boolean =>
  failure === undefined ||
  (!isOwnRefusal(failure) && (!isRefusal(failure) || (isPlatformError(failure) && failure.code === 'conflict')));

/** The request's trace goes on in the adapter even where no span is recorded here. */
export const traceparentOf = (traceId: string): string => `00-${traceId}-${traceId.slice(0, 16)}-01`;

function translated(error: unknown, target: Target): unknown {
  const platform = { platform: target.platform, connectionId: target.connectionId };
  if (isPlatformError(error) && error.platformCode === CIRCUIT_OPEN) {
    return new ProblemError('circuit-open', 'The platform has failed repeatedly and is left alone for a while.', {
      platform,
      retryAfterMs: error.retryAfterMs ?? 1_000,
      cause: error,
    });
  }
  return atPlatform(error, platform);
}
