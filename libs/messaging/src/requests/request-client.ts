import {
  InvalidRequestError,
  MalformedResponseError,
  problemsOf,
  type RequestName,
  type RequestPayload,
  type RequestReply,
  requests,
  TimeoutError,
  UnavailableError,
} from '@tributary/contracts';
import {
  type Clock,
  type Counter,
  currentTraceparent,
  type Gauge,
  type Histogram,
  type Logger,
  type Metrics,
  systemClock,
  withSpan,
} from '@tributary/runtime';
import type { ConfirmChannel } from 'amqplib';
import { type Observable } from 'rxjs';
import type { z } from 'zod';
import { ChannelSlot, openConfirmChannel } from '../channel-slot.ts';
import { MessagingClosed } from '../errors.ts';
import { Link } from '../link.ts';
import { type TopologyNames, topologyNames } from '../topology-names.ts';
import { timingHeaders, toPlatformError } from './request-wire.ts';
import { type OutgoingRequest, RmqRequestClient } from './rmq-request-client.ts';

export interface RequestClientOptions {
  url: string;
  namespace: string;
  /** Of the service; shown by the broker and on metrics. */
  name: string;
  log: Logger;
  metrics: Metrics;
  clock?: Clock;
  /** Questions that may be open at once; one more is refused with `UnavailableError`. Default 1 000. */
  maxOutstanding?: number;
}

export interface RequestOptions {
  /** Wall clock, milliseconds since 1970: after it the answer is worth nothing to the asker. */
  deadlineMs: number;
  signal?: AbortSignal;
  /** Of the request that causes this one, where there is no active span. */
  traceparent?: string;
  /** Called before the answer or failure is given, where the adapter says how many calls to the platform it has cost. */
  onVendorCalls?: (calls: number) => void;
}

const DEFAULT_OUTSTANDING = 1_000;

/** Puts questions to adapters; any replica answers. Connects in the background, from the start on and for ever. */
export class RequestClient {
  readonly #names: TopologyNames;
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #link: Link;
  readonly #client: RmqRequestClient;
  readonly #slot: ChannelSlot<ConfirmChannel>;
  readonly #outstandingGauge: Gauge;
  readonly #outcomes: Counter<'request' | 'outcome'>;
  readonly #seconds: Histogram<'request'>;
  readonly #whenUp = new Set<() => void>();
  #usable = false;
  #outstanding = 0;
  #closed = false;

  constructor(options: RequestClientOptions) {
    const { url, namespace, name, log, metrics } = options;
    this.#names = topologyNames(namespace);
    this.#clock = options.clock ?? systemClock;
    this.#limit = options.maxOutstanding ?? DEFAULT_OUTSTANDING;
    this.#outstandingGauge = metrics.gauge('requests_outstanding', {
      help: 'Questions to adapters without an answer.',
    });
    metrics.gauge('requests_outstanding_limit', { help: 'Questions that may be open at once.' }).set(this.#limit);
    this.#outcomes = metrics.counter('requests_total', {
      help: 'Questions put to adapters, by how they ended.',
      labels: ['request', 'outcome'],
    });
    this.#seconds = metrics.histogram('request_seconds', { help: 'From question to answer.', labels: ['request'] });
    this.#client = new RmqRequestClient(log);
    this.#link = new Link({ url, name: `${name}.requests`, log, metrics, clock: this.#clock, setup: async () => {} });
    this.#slot = new ChannelSlot({
      link: this.#link,
      name: `${name}.requests`,
      clock: this.#clock,
      log,
      open: openConfirmChannel,
      onOpen: (channel) => this.#opened(channel),
      onLost: () => this.#lost(),
    });
  }

  /**
   * Asks an adapter of the platform. Throws `PlatformError` only: the adapter's own; `InvalidRequestError` for a
   * payload and `MalformedResponseError` for an answer that does not fit the contract; `UnavailableError` when the
   * question did not reach an adapter's queue; `TimeoutError` when it did, or may have, and no answer came before the
   * deadline. An aborted signal throws its reason. A question is never sent twice.
   */
  async request<N extends RequestName>(
    platform: string,
    name: N,
    payload: RequestPayload<N>,
    options: RequestOptions,
  ): Promise<RequestReply<N>> {
    options.signal?.throwIfAborted();
    if (this.#closed) throw new MessagingClosed('the request client is closed');
    const schemas: { payload: z.ZodType; reply: z.ZodType } = requests[name];
    const checked = schemas.payload.safeParse(payload);
    if (!checked.success) throw new InvalidRequestError(`the payload of ${name} is wrong: ${listed(checked.error)}`);
    if (this.#outstanding >= this.#limit) throw new UnavailableError('too many questions are open');
    const span = { kind: 'client', parent: options.traceparent } as const;
    const reply = await this.#counted(name, () =>
      withSpan(`request ${name}`, span, () => this.#ask(platform, name, checked.data, options)),
    );
    const parsed = schemas.reply.safeParse(reply);
    if (!parsed.success) throw new MalformedResponseError(`the answer to ${name} is wrong: ${listed(parsed.error)}`);
    return parsed.data as RequestReply<N>;
  }

  /** Open questions end with `TimeoutError`. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#client.close();
    await this.#slot.close();
    await this.#link.close();
  }

  async #ask(platform: string, name: string, payload: unknown, options: RequestOptions): Promise<unknown> {
    const patience = new AbortController();
    const budgetMs = options.deadlineMs - this.#clock.now();
    if (budgetMs <= 0) throw new TimeoutError('the deadline has passed');
    const cancel = this.#clock.after(budgetMs, () => patience.abort(new TimeoutError('no answer before the deadline')));
    const signal = options.signal ? AbortSignal.any([patience.signal, options.signal]) : patience.signal;
    try {
      await this.#up(signal, patience.signal);
      const leftMs = Math.max(1, Math.ceil(options.deadlineMs - this.#clock.now()));
      const traceparent = currentTraceparent() ?? options.traceparent;
      const request: OutgoingRequest = {
        queue: this.#names.adapterRequests(platform),
        payload,
        onVendorCalls: options.onVendorCalls,
        options: {
          // The broker drops it when nobody has taken it by then.
          expiration: String(leftMs),
          headers: {
            ...timingHeaders({ deadlineMs: options.deadlineMs, budgetMs: leftMs }),
            ...(traceparent ? { traceparent } : {}),
          },
        },
      };
      return await firstAnswer(this.#client.send<unknown, OutgoingRequest>(name, request), signal);
    } catch (error) {
      if (options.signal?.aborted) throw options.signal.reason;
      throw toPlatformError(error);
    } finally {
      cancel();
    }
  }

  /** Waits for a usable channel, as long as the deadline allows. */
  async #up(signal: AbortSignal, patience: AbortSignal): Promise<void> {
    if (this.#usable) return;
    let forget = () => {};
    const up = new Promise<void>((resolve) => {
      this.#whenUp.add(resolve);
      forget = () => this.#whenUp.delete(resolve);
    });
    try {
      await untilAborted(up, signal);
    } catch (error) {
      if (!patience.aborted) throw error;
      throw new UnavailableError('the broker is not reachable', { cause: error });
    } finally {
      forget();
    }
  }

  async #counted(name: string, work: () => Promise<unknown>): Promise<unknown> {
    const startedMs = this.#clock.monotonicMs();
    this.#outstandingGauge.set(++this.#outstanding);
    let outcome = 'ok';
    try {
      return await work();
    } catch (error) {
      outcome = String((error as { code?: unknown }).code ?? 'aborted');
      throw error;
    } finally {
      this.#outstandingGauge.set(--this.#outstanding);
      this.#outcomes.inc({ request: name, outcome });
      this.#seconds.observe({ request: name }, (this.#clock.monotonicMs() - startedMs) / 1000);
    }
  }

  async #opened(channel: ConfirmChannel): Promise<void> {
    await this.#client.use(channel);
    this.#usable = true;
    for (const tell of [...this.#whenUp]) tell();
  }

  #lost(): void {
    this.#usable = false;
    this.#client.lost('the connection to the broker was lost');
  }
}

const listed = (error: z.ZodError): string =>
  problemsOf(error)
    .map(({ path, problem }) => `${path || '/'} ${problem}`)
    .join('; ');

/** The first value, or the signal's reason if that comes first; either way nothing stays subscribed. */
function firstAnswer(answers: Observable<unknown>, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      signal.removeEventListener('abort', abort);
      settle();
      subscription.unsubscribe();
    };
    const abort = () => end(() => reject(signal.reason));
    const subscription = answers.subscribe({
      next: (value) => end(() => resolve(value)),
      error: (error: unknown) => end(() => reject(error)),
      complete: () => end(() => reject(new MalformedResponseError('the adapter answered with nothing'))),
    });
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}

/** The promise's outcome, or the signal's reason if that comes first. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
