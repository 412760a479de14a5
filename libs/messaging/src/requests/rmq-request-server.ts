import { RmqContext, ServerRMQ } from '@nestjs/microservices';
import { type OperationClass, type WireError } from '@tributary/contracts';
import type { Clock, Logger } from '@tributary/runtime';
import type { Channel, ConsumeMessage } from 'amqplib';
import { QuietNestLogger } from './nest-logger.ts';
import { costHeaders, headersOf, type RequestCost, remainingMs } from './request-wire.ts';

/** What a handler learns besides the payload. */
export interface RequestContext {
  /** Wall clock, milliseconds since 1970. */
  deadlineMs: number;
  /** Aborts at the deadline, and when the server must stop. */
  signal: AbortSignal;
  traceparent?: string;
  /** What the answer has cost; a handler writes it here, and it goes back with the answer, a failure as well. */
  spent: RequestCost;
}

export type RequestOutcome = 'answered' | 'failed' | 'expired' | 'unsupported' | 'repeated' | 'malformed';

export interface RmqRequestServerOptions {
  clock: Clock;
  log: Logger;
  /** The class of a known request; undefined for an unknown one. */
  classOf(pattern: string): OperationClass | undefined;
  onOutcome(pattern: string, outcome: RequestOutcome): void;
}

interface Running {
  id: string;
  pattern: string;
  replyTo: string;
  deadlineMs: number;
  stop: AbortController;
  spent: RequestCost;
}

interface Reply {
  content: Buffer;
  to: string;
  id: string;
  deadlineMs: number;
  headers: Record<string, string>;
}

/** For askers that say no deadline. */
const DEFAULT_BUDGET_MS = 30_000;

/**
 * Nest's RMQ server strategy on a channel that is kept for it. Nest keeps the handlers and the packets; what differs:
 * every message is acknowledged whatever it is, an expired question is not answered, an unknown one is answered with
 * `unsupported`, an answer that is ready while the broker is away is given when it is back.
 */
export class RmqRequestServer extends ServerRMQ {
  protected override readonly logger: QuietNestLogger;
  readonly #options: RmqRequestServerOptions;
  readonly #running = new Map<string, Running>();
  readonly #unsent = new Set<Reply>();
  #channel: Channel | undefined;
  #whenIdle: (() => void) | undefined;

  constructor(queue: string, options: RmqRequestServerOptions) {
    super({ queue, noAck: false });
    this.logger = new QuietNestLogger(options.log, RmqRequestServer.name);
    this.#options = options;
  }

  get running(): number {
    return this.#running.size;
  }

  /** The channel is given by `use`. */
  override async listen(callback: () => void): Promise<void> {
    callback();
  }

  /** From now on answers go through this channel; what could not be sent goes first. */
  use(channel: Channel): void {
    this.#channel = channel;
    for (const reply of [...this.#unsent]) this.#reply(reply);
  }

  lost(): void {
    this.#channel = undefined;
  }

  /** Waits for the questions that run; aborts them after `patienceMs`. */
  async drain(patienceMs: number): Promise<void> {
    if (this.#running.size === 0) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(patienceMs, resolve);
      this.#whenIdle = () => {
        cancel();
        resolve();
      };
    });
    for (const running of this.#running.values()) running.stop.abort(new Error('the adapter is stopping'));
  }

  override async close(): Promise<void> {
    this.#channel = undefined;
    this.#unsent.clear();
  }

  override async handleMessage(message: ConsumeMessage, channel: Channel): Promise<void> {
    const { properties, content } = message;
    const { clock, onOutcome, classOf } = this.#options;
    const packet = await this.#unpack(content, properties);
    const done = () => this.#ack(message, channel);
    if (!packet || typeof properties.replyTo !== 'string') {
      onOutcome('unknown', 'malformed');
      return done();
    }
    const { pattern, id, data } = packet;
    const kind = classOf(pattern);
    const budgetMs = remainingMs(headersOf(properties), clock.now(), DEFAULT_BUDGET_MS);
    if (budgetMs <= 0) {
      onOutcome(kind ? pattern : 'unknown', 'expired');
      return done();
    }
    // Still at work on it here: the channel was lost meanwhile, and the answer will come from that.
    if (this.#running.has(id)) return done();
    const running: Running = {
      id,
      pattern: kind ? pattern : 'unknown',
      replyTo: properties.replyTo,
      deadlineMs: clock.now() + budgetMs,
      stop: new AbortController(),
      spent: {},
    };
    const handler = this.getHandlerByPattern(pattern);
    if (!kind || !handler) {
      this.#refuse(running, 'unsupported', { code: 'unsupported', message: `this adapter does not answer ${pattern}` });
      return done();
    }
    if (message.fields.redelivered && kind === 'command') {
      // A replica was lost with it and may have carried it out; doing it again could do it twice.
      this.#refuse(running, 'repeated', { code: 'timeout', message: 'an adapter was lost while at it' });
      return done();
    }
    const context = new RmqContext([message as unknown as Record<string, unknown>, channel, pattern]);
    await this.#run(running, () => this.handleRequestOnce(running, data, context, handler)).finally(done);
  }

  /** The context that a handler was called with, from Nest's. */
  contextOf(context: RmqContext): RequestContext {
    const message = context.getMessage() as unknown as ConsumeMessage;
    const running = this.#running.get(String(message.properties.correlationId));
    const traceparent = headersOf(message.properties).traceparent;
    return {
      deadlineMs: running?.deadlineMs ?? this.#options.clock.now(),
      signal: running?.stop.signal ?? AbortSignal.abort(),
      spent: running?.spent ?? {},
      ...(typeof traceparent === 'string' ? { traceparent } : {}),
    };
  }

  /** Resolves when the one answer was given. */
  private async handleRequestOnce(
    running: Running,
    data: unknown,
    context: RmqContext,
    handler: NonNullable<ReturnType<ServerRMQ['getHandlerByPattern']>>,
  ): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const respond = (packet: { err?: unknown; response?: unknown; isDisposed?: boolean }) => {
        this.#answer(running, packet);
        resolve();
      };
      const produce = async () => this.transformToObservable(await handler(data, context));
      Promise.resolve(this.handleRequest(context, produce, respond)).catch(reject);
    });
  }

  async #run(running: Running, work: () => Promise<void>): Promise<void> {
    const { clock, onOutcome, log } = this.#options;
    this.#running.set(running.id, running);
    const cancel = clock.after(running.deadlineMs - clock.now(), () => running.stop.abort(new Error('deadline')));
    try {
      await work();
    } catch (error) {
      log.error({ err: error, request: running.pattern }, 'a request handler failed');
      onOutcome(running.pattern, 'failed');
    } finally {
      cancel();
      this.#running.delete(running.id);
      if (this.#running.size === 0) this.#whenIdle?.();
    }
  }

  #answer(running: Running, packet: { err?: unknown; response?: unknown }): void {
    const { clock, onOutcome } = this.#options;
    if (clock.now() >= running.deadlineMs) {
      onOutcome(running.pattern, 'expired');
      return;
    }
    onOutcome(running.pattern, packet.err ? 'failed' : 'answered');
    this.#send(running, packet.err ? { err: packet.err } : { response: packet.response });
  }

  #refuse(running: Running, outcome: RequestOutcome, err: WireError): void {
    this.#options.onOutcome(running.pattern, outcome);
    this.#send(running, { err });
  }

  #send(running: Running, answer: { err?: unknown; response?: unknown }): void {
    const content = Buffer.from(JSON.stringify({ ...answer, id: running.id, isDisposed: true }));
    const { replyTo: to, id, deadlineMs, spent } = running;
    this.#reply({ content, to, id, deadlineMs, headers: costHeaders(spent) });
  }

  #reply(reply: Reply): void {
    this.#unsent.delete(reply);
    if (this.#options.clock.now() >= reply.deadlineMs) return;
    try {
      if (!this.#channel) throw new Error('no channel');
      const { to, content, id: correlationId, headers } = reply;
      this.#channel.sendToQueue(to, content, { correlationId, contentType: 'application/json', headers });
    } catch {
      // Kept for the next channel, and dropped there when too late; bounded by the questions that may run.
      this.#unsent.add(reply);
    }
  }

  /** A lost channel needs no acknowledgement: the broker delivers again, and `running` or the deadline catches it. */
  #ack(message: ConsumeMessage, channel: Channel): void {
    if (channel !== this.#channel) return;
    try {
      channel.ack(message);
    } catch (error) {
      this.#options.log.debug({ err: error }, 'a request could not be acknowledged on a channel that is closing');
    }
  }

  async #unpack(
    content: Buffer,
    properties: ConsumeMessage['properties'],
  ): Promise<{ pattern: string; id: string; data: unknown } | undefined> {
    try {
      const raw: unknown = JSON.parse(content.toString());
      if (typeof raw !== 'object' || raw === null) return undefined;
      const packet = await this.deserializer.deserialize(raw, properties as unknown as Record<string, unknown>);
      const id = properties.correlationId;
      if (typeof packet.pattern !== 'string' || typeof id !== 'string' || id === '') return undefined;
      return { pattern: packet.pattern, id, data: packet.data };
    } catch {
      return undefined;
    }
  }
}
