import { UnavailableError } from '@tributary/contracts';
import { type Clock, type Logger, type Metrics, systemClock } from '@tributary/runtime';
import { closeChannel } from './close-channel.ts';
import { type ConsumeOptions, type Consumer, type DeliveryHandler, QueueConsumer } from './consumer/queue-consumer.ts';
import { MessagingClosed } from './errors.ts';
import { Link } from './link.ts';
import { ConfirmedPublisher, type EventPublisher } from './publisher/confirmed-publisher.ts';
import { assertTopology, type EventLogRetention } from './topology.ts';
import { type TopologyNames, topologyNames } from './topology-names.ts';

export interface BrokerOptions {
  url: string;
  namespace: string;
  /** Of the service; shown by the broker and on metrics. */
  name: string;
  log: Logger;
  metrics: Metrics;
  clock?: Clock;
  /** Takes effect when the event log is first made. Default: 7 days, 5 GB. */
  retention?: EventLogRetention;
  /** Stands before the path of `dataschema`, which CloudEvents wants absolute; without it events go as they are. */
  schemaBaseUrl?: string;
}

const DEFAULT_RETENTION: EventLogRetention = { maxAgeMs: 7 * 86_400_000, maxBytes: 5_000_000_000 };
const DEFAULT_WINDOW = 512;
const CONFIRM_TIMEOUT_MS = 30_000;

type StateListener = (up: boolean, reason?: string) => void;

/**
 * A service's access to RabbitMQ. Publishing and consuming have a TCP connection each, because a broker under alarm
 * holds back publishing connections, and acknowledgements must not wait behind that. On every connect the topology is
 * asserted before anything else happens.
 */
export class Broker {
  readonly names: TopologyNames;
  readonly options: Readonly<BrokerOptions & { clock: Clock }>;
  readonly #platforms = new Set<string>();
  readonly #publishing: Link;
  readonly #consuming: Link;
  readonly #extraLinks = new Set<Link>();
  readonly #publishers: EventPublisher[] = [];
  readonly #consumers: Consumer[] = [];
  readonly #stateListeners = new Set<StateListener>();
  #up = false;
  #closed = false;

  private constructor(options: BrokerOptions) {
    this.options = { ...options, clock: options.clock ?? systemClock };
    this.names = topologyNames(options.namespace);
    this.#publishing = this.#link('publish');
    this.#consuming = this.#link('consume');
    for (const link of [this.#publishing, this.#consuming]) {
      link.onUp(() => this.#noticeState());
      link.onDown((reason) => this.#noticeState(reason));
    }
  }

  /** Returns at once; connects in the background and reconnects for ever. */
  static connect(options: BrokerOptions): Broker {
    return new Broker(options);
  }

  get up(): boolean {
    return this.#up;
  }

  /** Connected and topology asserted. Rejects with the signal's reason, or with `MessagingClosed`. */
  ready(signal?: AbortSignal): Promise<void> {
    if (this.#up) return Promise.resolve();
    if (this.#closed) return Promise.reject(new MessagingClosed('the broker connection is closed'));
    return new Promise((resolve, reject) => {
      const done = (settle: () => void) => {
        this.#stateListeners.delete(listener);
        signal?.removeEventListener('abort', abort);
        settle();
      };
      const abort = () => done(() => reject(signal?.reason));
      const listener: StateListener = (up) => {
        if (up) done(resolve);
        else if (this.#closed) done(() => reject(new MessagingClosed('the broker connection was closed')));
      };
      if (signal?.aborted) return reject(signal.reason);
      this.#stateListeners.add(listener);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Called on every change, and at once with the state as it is. The returned function ends it. */
  onStateChange(fn: StateListener): () => void {
    this.#stateListeners.add(fn);
    fn(this.#up, this.#up ? undefined : this.#reason());
    return () => this.#stateListeners.delete(fn);
  }

  /** The command and request queues of one platform exist from here on, after each connect. */
  assertPlatformQueues(platform: string): void {
    if (this.#platforms.has(platform)) return;
    this.#platforms.add(platform);
    void this.#consuming.setUpAgain().catch((error: unknown) => {
      // The next connect asserts them again.
      this.options.log.warn({ platform, err: error }, 'could not make the queues of a platform');
    });
  }

  /** `window`: messages that may be unconfirmed at once, default 512. */
  publisher(options: { window?: number; name?: string; confirmTimeoutMs?: number } = {}): EventPublisher {
    this.#refuseWhenClosed();
    const publisher = new ConfirmedPublisher({
      link: this.#publishing,
      names: this.names,
      schemaBaseUrl: this.options.schemaBaseUrl ?? '',
      name: options.name ?? `${this.options.name}-${this.#publishers.length + 1}`,
      window: options.window ?? DEFAULT_WINDOW,
      confirmTimeoutMs: options.confirmTimeoutMs ?? CONFIRM_TIMEOUT_MS,
      clock: this.options.clock,
      log: this.options.log,
      metrics: this.options.metrics,
    });
    this.#publishers.push(publisher);
    return publisher;
  }

  consume(queue: string, options: ConsumeOptions, handler: DeliveryHandler): Consumer {
    this.#refuseWhenClosed();
    const { clock, log, metrics } = this.options;
    const consumer = new QueueConsumer({ ...options, link: this.#consuming, queue, handler, clock, log, metrics });
    this.#consumers.push(consumer);
    return consumer;
  }

  /** Messages of the queue that wait for a consumer; those that one holds are not among them. Rejects while disconnected. */
  async waiting(queue: string): Promise<number> {
    const model = this.#consuming.model;
    if (!model) throw new UnavailableError(`the broker is away: ${this.#consuming.failure}`);
    const channel = await model.createChannel();
    // The failure reaches the caller through the call; without a listener the event would be thrown.
    channel.on('error', () => {});
    const { messageCount } = await channel.checkQueue(queue);
    await closeChannel(channel);
    return messageCount;
  }

  /** A further TCP connection, for what should not share one; closed with the broker. */
  openLink(purpose: string): Link {
    this.#refuseWhenClosed();
    const link = this.#link(purpose);
    this.#extraLinks.add(link);
    return link;
  }

  /** Publishers first, so that what is unconfirmed has its chance; then consumers, then the connections. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all(this.#publishers.map((publisher) => publisher.close()));
    await Promise.all(this.#consumers.map((consumer) => consumer.close()));
    await Promise.all([this.#publishing, this.#consuming, ...this.#extraLinks].map((link) => link.close()));
    this.#up = false;
    for (const fn of [...this.#stateListeners]) fn(false, 'closed');
  }

  #link(purpose: string): Link {
    const { url, name, log, metrics, clock, retention } = this.options;
    return new Link({
      url,
      name: `${name}.${purpose}`,
      log,
      metrics,
      clock,
      setup: (model) => {
        const plan = { names: this.names, platforms: this.#platforms, retention: retention ?? DEFAULT_RETENTION };
        return assertTopology(model, plan, log);
      },
    });
  }

  #noticeState(reason?: string): void {
    const up = this.#publishing.model !== undefined && this.#consuming.model !== undefined;
    if (up === this.#up) return;
    this.#up = up;
    for (const fn of [...this.#stateListeners]) fn(up, up ? undefined : (reason ?? this.#reason()));
  }

  #reason(): string {
    return this.#publishing.model ? this.#consuming.failure : this.#publishing.failure;
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new MessagingClosed('the broker connection is closed');
  }
}
