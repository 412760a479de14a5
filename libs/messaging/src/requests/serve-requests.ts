import type { RmqContext } from '@nestjs/microservices';
import {
  type AdapterRequestName,
  InvalidRequestError,
  isPlatformError,
  problemsOf,
  type RequestName,
  type RequestReply,
  requests,
  UnsupportedError,
} from '@tributary/contracts';
import { type Clock, type Logger, type Metrics, systemClock, withSpan } from '@tributary/runtime';
import type { Channel } from 'amqplib';
import { throwError } from 'rxjs';
import type { z } from 'zod';
import { answeredWithin } from '../answered-within.ts';
import { ChannelSlot, openChannel } from '../channel-slot.ts';
import { Link } from '../link.ts';
import { assertRequestQueue } from '../topology.ts';
import { topologyNames } from '../topology-names.ts';
import { toWireError } from './request-wire.ts';
import { type RequestContext, RmqRequestServer } from './rmq-request-server.ts';

export type { RequestContext } from './rmq-request-server.ts';

/** Answers one kind of question. Throw a `PlatformError` to answer with it. */
export type RequestHandler<N extends RequestName> = (
  payload: z.output<(typeof requests)[N]['payload']>,
  context: RequestContext,
) => Promise<RequestReply<N>>;

/** What an adapter answers. */
export type RequestHandlers = { [N in AdapterRequestName]?: RequestHandler<N> };

export interface ServeRequestsOptions {
  url: string;
  namespace: string;
  /** Of the service; shown by the broker and on metrics. */
  name: string;
  platform: string;
  /** A question without a handler is answered with `unsupported`. */
  handlers: { [N in RequestName]?: RequestHandler<N> };
  log: Logger;
  metrics: Metrics;
  clock?: Clock;
  /** Questions that this replica works on at once. Default 256. */
  concurrency?: number;
  /** How long `close` waits for questions that run. Default 5 000. */
  drainMs?: number;
}

export interface RequestServer {
  /** Takes no more, gives those that run `drainMs`, then aborts them and ends the connection. */
  close(): Promise<void>;
}

const DEFAULT_CONCURRENCY = 256;
const DRAIN_MS = 5_000;
const CANCEL_TIMEOUT_MS = 2_000;

/**
 * Answers the questions put to a platform's adapters; replicas compete for them. Resolves at once: where the broker is
 * away, serving begins when it is back. Unexpected failures of a handler are logged here and answered without detail.
 */
export async function serveRequests(options: ServeRequestsOptions): Promise<RequestServer> {
  const server = new ServingSlot(options);
  return { close: () => server.close() };
}

class ServingSlot {
  readonly #queue: string;
  readonly #options: ServeRequestsOptions;
  readonly #server: RmqRequestServer;
  readonly #link: Link;
  readonly #slot: ChannelSlot<Channel>;
  #consumerTag: string | undefined;
  #closing = false;

  constructor(options: ServeRequestsOptions) {
    const { url, namespace, name, platform, log, metrics } = options;
    const clock = options.clock ?? systemClock;
    this.#options = options;
    this.#queue = topologyNames(namespace).adapterRequests(platform);
    this.#server = makeServer(this.#queue, options, clock);
    const linkName = `${name}.serve`;
    const setup = (model: Parameters<typeof assertRequestQueue>[0]) => assertRequestQueue(model, this.#queue, log);
    this.#link = new Link({ url, name: linkName, log, metrics, clock, setup });
    this.#slot = new ChannelSlot({
      link: this.#link,
      name: linkName,
      clock,
      log,
      open: openChannel,
      onOpen: (channel) => this.#opened(channel),
      onLost: () => this.#lost(),
    });
  }

  async close(): Promise<void> {
    this.#closing = true;
    const channel = this.#slot.channel;
    // A channel that is lost or silent delivers nothing either.
    if (channel && this.#consumerTag) {
      await answeredWithin(channel.cancel(this.#consumerTag), CANCEL_TIMEOUT_MS, this.#options.clock ?? systemClock);
    }
    await this.#server.drain(this.#options.drainMs ?? DRAIN_MS);
    await this.#slot.close();
    await this.#server.close();
    await this.#link.close();
  }

  async #opened(channel: Channel): Promise<void> {
    this.#server.use(channel);
    if (this.#closing) return;
    await channel.prefetch(this.#options.concurrency ?? DEFAULT_CONCURRENCY);
    const { consumerTag } = await channel.consume(this.#queue, (message) => {
      if (message) void this.#server.handleMessage(message, channel);
      else if (!this.#closing) void this.#slot.renew('cancelled by the broker');
    });
    this.#consumerTag = consumerTag;
  }

  #lost(): void {
    this.#consumerTag = undefined;
    this.#server.lost();
  }
}

function makeServer(queue: string, options: ServeRequestsOptions, clock: Clock): RmqRequestServer {
  const { log, metrics, platform } = options;
  const running = metrics.gauge('requests_running', { help: 'Questions that this replica works on.' });
  metrics
    .gauge('requests_running_limit', { help: 'Questions that this replica works on at once.' })
    .set(options.concurrency ?? DEFAULT_CONCURRENCY);
  const served = metrics.counter('requests_served_total', {
    help: 'Questions that came in, by how they ended.',
    labels: ['platform', 'request', 'outcome'],
  });
  const server = new RmqRequestServer(queue, {
    clock,
    log,
    classOf: (pattern) => (isRequestName(pattern) ? requests[pattern].class : undefined),
    onOutcome: (request, outcome) => served.inc({ platform, request, outcome }),
  });
  for (const [name, handler] of Object.entries(options.handlers)) {
    if (!handler || !isRequestName(name)) continue;
    const call = handler as (payload: unknown, context: RequestContext) => Promise<unknown>;
    server.addHandler(name, async (payload: unknown, nestContext: RmqContext) => {
      running.set(server.running);
      try {
        return await handle(name, call, payload, server.contextOf(nestContext));
      } catch (error) {
        if (!isPlatformError(error)) log.error({ err: error, request: name }, 'a request handler failed');
        return throwError(() => toWireError(error));
      } finally {
        running.set(server.running - 1);
      }
    });
  }
  return server;
}

const isRequestName = (text: string): text is RequestName => Object.hasOwn(requests, text);

async function handle(
  name: RequestName,
  call: (payload: unknown, context: RequestContext) => Promise<unknown>,
  payload: unknown,
  context: RequestContext,
): Promise<unknown> {
  const schema: z.ZodType = requests[name].payload;
  const parsed = schema.safeParse(payload);
  if (!parsed.success) {
    const text = problemsOf(parsed.error).map(({ path, problem }) => `${path || '/'} ${problem}`);
    throw new InvalidRequestError(`the payload of ${name} is wrong: ${text.join('; ')}`);
  }
  const span = { kind: 'server', parent: context.traceparent } as const;
  const reply = await withSpan(`serve ${name}`, span, () => call(parsed.data, context));
  if (reply === undefined) throw new UnsupportedError(`this adapter has no answer to ${name}`);
  return reply;
}
