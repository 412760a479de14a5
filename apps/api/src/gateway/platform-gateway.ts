import {
  type AdapterPayload,
  type AdapterReply,
  type AdapterRequestName,
  adapterRequests,
  isPlatformError,
  type OperationClass,
} from '@tributary/contracts';
import type { Clock, Metrics } from '@tributary/runtime';
import { atPlatform } from '../http/problem-document.ts';
import { ProblemError } from '../http/problem-error.ts';
import { CIRCUIT_OPEN, Circuit } from './circuit.ts';
import { operationLimits } from './operation-limits.ts';

/** Request and reply over the broker; rejects with a `PlatformError`. `deadlineMs` is a time of the wall clock. */
export interface AdapterQuestions {
  request<N extends AdapterRequestName>(
    platform: string,
    name: N,
    payload: AdapterPayload<N>,
    options: { deadlineMs: number; signal?: AbortSignal; traceparent?: string },
  ): Promise<AdapterReply<N>>;
}

/** The connection that is asked about; `connectionId` of a draft is its platform. */
export interface Target {
  platform: string;
  connectionId: string;
}

/** Breakers that were not used for so long are let go. */
const IDLE_MS = 600_000;
const SWEEP_MS = 60_000;

/** The way from the api to adapters: one breaker per connection and operation class, one deadline per question. */
export class PlatformGateway {
  readonly #questions: AdapterQuestions;
  readonly #clock: Clock;
  readonly #circuits = new Map<string, Circuit>();
  readonly #asked;
  readonly #stopSweeping: () => void;

  constructor(questions: AdapterQuestions, clock: Clock, metrics: Metrics) {
    this.#questions = questions;
    this.#clock = clock;
    this.#asked = metrics.counter('platform_questions_total', {
      help: 'Questions to adapters by outcome.',
      labels: ['platform', 'question', 'outcome'],
    });
    this.#stopSweeping = clock.every(SWEEP_MS, () => this.#sweep());
  }

  /** Throws a `PlatformError` that knows its connection, or the problem `circuit-open`. */
  async ask<N extends AdapterRequestName>(
    target: Target,
    name: N,
    payload: AdapterPayload<N>,
    options: { signal?: AbortSignal | undefined; traceId?: string | undefined } = {},
  ): Promise<AdapterReply<N>> {
    const operationClass = adapterRequests[name].class;
    const { deadlineMs } = operationLimits[operationClass];
    try {
      const reply = await this.#circuit(target, operationClass).run(() =>
        this.#questions.request(target.platform, name, payload, {
          deadlineMs: this.#clock.now() + deadlineMs,
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
      const circuit = this.#circuits.get(`${connectionId}/${name}`);
      if (circuit) states[name] = circuit.state;
    }
    return states;
  }

  /** Forgets what was learnt of a connection: its settings or credentials have changed. */
  forget(connectionId: string): void {
    for (const [key, circuit] of this.#circuits) {
      if (!key.startsWith(`${connectionId}/`)) continue;
      circuit.shutdown();
      this.#circuits.delete(key);
    }
  }

  close(): void {
    this.#stopSweeping();
    for (const circuit of this.#circuits.values()) circuit.shutdown();
    this.#circuits.clear();
  }

  #circuit(target: Target, operationClass: OperationClass): Circuit {
    const key = `${target.connectionId}/${operationClass}`;
    let circuit = this.#circuits.get(key);
    if (!circuit) {
      circuit = new Circuit(
        operationLimits[operationClass],
        { platform: target.platform, connectionId: target.connectionId },
        this.#clock,
      );
      this.#circuits.set(key, circuit);
    }
    return circuit;
  }

  #sweep(): void {
    const oldest = this.#clock.monotonicMs() - IDLE_MS;
    for (const [key, circuit] of this.#circuits) {
      if (circuit.lastUsedMs > oldest) continue;
      circuit.shutdown();
      this.#circuits.delete(key);
    }
  }
}

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
