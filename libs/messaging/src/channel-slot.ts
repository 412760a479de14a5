import type { Clock, Logger } from '@tributary/runtime';
import type { Channel, ChannelModel, ConfirmChannel } from 'amqplib';
import { answeredWithin } from './answered-within.ts';
import { fullJitterMs } from './backoff.ts';
import { closeChannel } from './close-channel.ts';
import type { Link } from './link.ts';

export interface ChannelSlotOptions<C extends Channel> {
  link: Link;
  name: string;
  clock: Clock;
  log: Logger;
  open(model: ChannelModel): Promise<C>;
  /** Called with each new channel; if it rejects, the channel is closed and another is tried. */
  onOpen(channel: C, generation: number): void | Promise<void>;
  /** Called once for each channel that `onOpen` was called with, when it is gone. */
  onLost(generation: number): void;
}

const REOPEN = { baseMs: 100, capMs: 10_000 };
const CLOSE_TIMEOUT_MS = 2_000;

export const openConfirmChannel = (model: ChannelModel): Promise<ConfirmChannel> => model.createConfirmChannel();
export const openChannel = (model: ChannelModel): Promise<Channel> => model.createChannel();

/**
 * Keeps one channel open on a link. Each channel has a generation, a number that only grows: what was given out by one
 * generation means nothing to the next. A channel that dies while its connection lives is replaced, after the topology
 * was asserted again: a deleted queue or exchange is the usual reason.
 */
export class ChannelSlot<C extends Channel> {
  readonly #options: ChannelSlotOptions<C>;
  readonly #stop = new AbortController();
  readonly #forgetLink: () => void;
  #generation = 0;
  #channel: C | undefined;
  #attempt = 0;

  constructor(options: ChannelSlotOptions<C>) {
    this.#options = options;
    this.#forgetLink = options.link.onUp((model) => {
      this.#attempt = 0;
      void this.#open(model);
    });
  }

  /** The generation that lives, or lived last; 0 before the first. */
  get generation(): number {
    return this.#generation;
  }

  /** The channel that lives now. */
  get channel(): C | undefined {
    return this.#channel;
  }

  /** Gives the channel up for a new one; drops the whole connection if the broker does not answer. */
  async renew(reason: string): Promise<void> {
    const channel = this.#channel;
    if (!channel) return;
    this.#options.log.warn({ channel: this.#options.name, reason }, 'giving up a channel');
    if (!(await this.#closeChannel(channel))) this.#options.link.recycle(reason);
  }

  async close(): Promise<void> {
    this.#stop.abort(new Error('closed'));
    this.#forgetLink();
    if (this.#channel) await this.#closeChannel(this.#channel);
  }

  async #open(model: ChannelModel): Promise<void> {
    if (this.#stop.signal.aborted) return;
    let channel: C;
    try {
      channel = await this.#options.open(model);
    } catch (error) {
      this.#failed(model, error);
      return;
    }
    // Told by the close that follows; without a listener the event would be thrown.
    channel.on('error', (error) =>
      this.#options.log.debug({ channel: this.#options.name, err: error }, 'channel error'),
    );
    this.#generation += 1;
    const generation = this.#generation;
    channel.once('close', () => this.#lost(model, generation));
    this.#channel = channel;
    if (this.#stop.signal.aborted) {
      await this.#closeChannel(channel);
      return;
    }
    try {
      await this.#options.onOpen(channel, generation);
      this.#attempt = 0;
    } catch (error) {
      this.#options.log.warn({ channel: this.#options.name, err: error }, 'could not use a new channel');
      if (this.#channel === channel) await this.renew('could not be used');
    }
  }

  #lost(model: ChannelModel, generation: number): void {
    if (this.#generation === generation) this.#channel = undefined;
    this.#options.onLost(generation);
    void this.#reopenLater(model);
  }

  #failed(model: ChannelModel, error: unknown): void {
    this.#options.log.debug({ channel: this.#options.name, err: error }, 'could not open a channel');
    void this.#reopenLater(model);
  }

  /** A new connection opens its own channel, so this only acts while the old connection stands. */
  async #reopenLater(model: ChannelModel): Promise<void> {
    const { clock, link, log, name } = this.#options;
    try {
      await clock.sleep(fullJitterMs(this.#attempt++, REOPEN), this.#stop.signal);
      if (link.model !== model) return;
      await link.setUpAgain();
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      log.debug({ channel: name, err: error }, 'could not assert the topology again');
    }
    if (link.model === model && !this.#channel) await this.#open(model);
  }

  /** False when the broker did not answer in time. */
  #closeChannel(channel: C): Promise<boolean> {
    return answeredWithin(closeChannel(channel), CLOSE_TIMEOUT_MS, this.#options.clock);
  }
}
