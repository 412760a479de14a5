import type { Clock, Logger, Metrics } from '@tributary/runtime';
import { type ChannelModel, connect } from 'amqplib';
import { answeredWithin } from './answered-within.ts';
import { fullJitterMs } from './backoff.ts';
import { type LinkMetrics, linkMetrics } from './link-metrics.ts';

export interface LinkOptions {
  url: string;
  /** Shown by the broker as the connection's name. */
  name: string;
  log: Logger;
  metrics: Metrics;
  clock: Clock;
  /** Runs on every new connection before anyone uses it; if it rejects, the connection is dropped and tried again. */
  setup(model: ChannelModel): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 2_000;
const HEARTBEAT_S = 15;
const RECONNECT = { baseMs: 250, capMs: 10_000 };
/** A connection that lasted this long was a good one: the next loss begins with short waits again. */
const STABLE_MS = 5_000;

/** One TCP connection to the broker, kept up for ever until it is closed. Nothing here throws because the broker is away. */
export class Link {
  readonly name: string;
  readonly #options: LinkOptions;
  readonly #metrics: LinkMetrics;
  readonly #stop = new AbortController();
  readonly #upListeners = new Set<(model: ChannelModel) => void>();
  readonly #downListeners = new Set<(reason: string) => void>();
  readonly #blockedListeners = new Set<(blocked: boolean) => void>();
  readonly #running: Promise<void>;
  #socket = new AbortController();
  #model: ChannelModel | undefined;
  #blocked = false;
  #failure = 'not connected yet';
  #lossReported = false;

  constructor(options: LinkOptions) {
    this.name = options.name;
    this.#options = options;
    this.#metrics = linkMetrics(options.metrics, options.name);
    this.#running = this.#keepUp();
  }

  get model(): ChannelModel | undefined {
    return this.#model;
  }

  /** The broker has asked publishers to wait (memory or disk alarm). */
  get blocked(): boolean {
    return this.#blocked;
  }

  /** Why the link is down; the last failure. */
  get failure(): string {
    return this.#failure;
  }

  get closed(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Called with every new connection once it is set up, and at once if there is one. The returned function ends it. */
  onUp(fn: (model: ChannelModel) => void): () => void {
    this.#upListeners.add(fn);
    if (this.#model) fn(this.#model);
    return () => this.#upListeners.delete(fn);
  }

  onDown(fn: (reason: string) => void): () => void {
    this.#downListeners.add(fn);
    return () => this.#downListeners.delete(fn);
  }

  onBlocked(fn: (blocked: boolean) => void): () => void {
    this.#blockedListeners.add(fn);
    return () => this.#blockedListeners.delete(fn);
  }

  /** Runs `setup` again on the connection that stands; nothing when there is none. */
  async setUpAgain(): Promise<void> {
    if (this.#model) await this.#options.setup(this.#model);
  }

  /** Gives up a connection that no longer answers; a new one is made. */
  recycle(reason: string): void {
    this.#options.log.warn({ link: this.name, reason }, 'giving up a broker connection');
    this.#socket.abort(new Error(reason));
  }

  /** Ends the connection, orderly if the broker answers within two seconds. */
  async close(): Promise<void> {
    this.#stop.abort(new Error('closed'));
    const model = this.#model;
    if (model) await this.#closeOrderly(model);
    this.#socket.abort(new Error('closed'));
    await this.#running;
  }

  async #keepUp(): Promise<void> {
    const { clock } = this.#options;
    let attempt = 0;
    while (!this.closed) {
      const startedMs = clock.monotonicMs();
      await this.#live();
      if (this.closed) return;
      attempt = clock.monotonicMs() - startedMs > STABLE_MS ? 0 : attempt + 1;
      this.#metrics.reconnects.inc({ link: this.name });
      await this.#rest(fullJitterMs(attempt, RECONNECT));
    }
  }

  async #rest(ms: number): Promise<void> {
    try {
      await this.#options.clock.sleep(ms, this.#stop.signal);
    } catch (error) {
      if (!this.closed) throw error;
    }
  }

  /** From the attempt to connect until the connection is gone. Never rejects. */
  async #live(): Promise<void> {
    try {
      const { model, lost } = await this.#open();
      this.#announceUp(model);
      await lost;
    } catch (error) {
      this.#failure = messageOf(error);
    }
    this.#announceDown();
  }

  async #open(): Promise<{ model: ChannelModel; lost: Promise<void> }> {
    const { url, name, setup } = this.#options;
    this.#socket = new AbortController();
    const signal = this.#socket.signal;
    const model = await connect(withHeartbeat(url), {
      timeout: CONNECT_TIMEOUT_MS,
      noDelay: true,
      keepAlive: true,
      clientProperties: { connection_name: name },
      // Not in amqplib's types, but handed on to the socket: the only way to drop a connection that does not answer.
      ...({ signal } as object),
    });
    const lost = new Promise<void>((resolve) => model.once('close', () => resolve()));
    this.#listen(model);
    try {
      this.#stop.signal.throwIfAborted();
      await setup(model);
      this.#stop.signal.throwIfAborted();
    } catch (error) {
      await this.#closeOrderly(model);
      this.#socket.abort(new Error('setting up failed'));
      throw error;
    }
    return { model, lost };
  }

  #listen(model: ChannelModel): void {
    model.on('error', (error) => {
      this.#failure = messageOf(error);
    });
    model.on('blocked', (reason) => {
      this.#options.log.warn({ link: this.name, reason }, 'the broker has asked publishers to wait');
      this.#setBlocked(true);
    });
    model.on('unblocked', () => {
      this.#options.log.info({ link: this.name }, 'the broker takes messages again');
      this.#setBlocked(false);
    });
  }

  #setBlocked(blocked: boolean): void {
    this.#blocked = blocked;
    this.#metrics.blocked.set({ link: this.name }, blocked ? 1 : 0);
    for (const fn of this.#blockedListeners) fn(blocked);
  }

  #announceUp(model: ChannelModel): void {
    this.#model = model;
    this.#lossReported = false;
    this.#metrics.up.set({ link: this.name }, 1);
    this.#options.log.info({ link: this.name }, 'connected to the broker');
    for (const fn of [...this.#upListeners]) fn(model);
  }

  #announceDown(): void {
    const wasUp = this.#model !== undefined;
    this.#model = undefined;
    this.#metrics.up.set({ link: this.name }, 0);
    if (this.#blocked) this.#setBlocked(false);
    if (this.closed) return;
    // A loss is told once, not at every attempt between.
    if (!this.#lossReported) {
      this.#lossReported = true;
      this.#options.log.warn({ link: this.name, reason: this.#failure }, 'no connection to the broker; trying again');
    }
    if (wasUp) for (const fn of [...this.#downListeners]) fn(this.#failure);
  }

  async #closeOrderly(model: ChannelModel): Promise<void> {
    await answeredWithin(model.close(), CLOSE_TIMEOUT_MS, this.#options.clock);
  }
}

/** Both ends give up a silent connection after two missed heartbeats. */
function withHeartbeat(url: string): string {
  const parsed = new URL(url);
  if (!parsed.searchParams.has('heartbeat')) parsed.searchParams.set('heartbeat', String(HEARTBEAT_S));
  return parsed.href;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message || error.name : String(error));
