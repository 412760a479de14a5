import { UnavailableError } from '@tributary/contracts';
import type { Clock, Logger } from '@tributary/runtime';
import type { Adapter, Observation } from '../../contract.ts';
import type { HeldLease } from '../leases/held-lease.ts';
import type { CheckpointStore } from '../ports.ts';
import { askedToWaitMs, fullJitter } from '../scheduling/backoff.ts';
import type { DueQueue } from '../scheduling/due-queue.ts';
import { StreamGap } from './stream-gap.ts';

export interface StreamRunnerOptions {
  adapter: Adapter;
  lease: HeldLease;
  checkpoints: CheckpointStore;
  devices: () => readonly string[];
  observe: (observation: Observation) => Promise<void>;
  due: DueQueue;
  clock: Clock;
  random: () => number;
  log: Logger;
  onOpen: (note?: string) => void;
  /** It was cut or could not be opened, or a gap could not be repaired yet; tried again. */
  onFailure: (error: unknown) => void;
  /** Down for so long that somebody should know. */
  onDown: (error: unknown) => void;
}

const BACKOFF = { baseMs: 500, capMs: 60_000 };
/** Open and silent for this long counts as open, where the adapter does not say so itself. */
const SETTLED_MS = 5_000;
/** A stream that comes back within this is no news. */
const DOWN_NEWS_MS = 10_000;
const MAX_UNCONFIRMED = 1_000;

/**
 * Keeps a stream open until the signal aborts. The source is acknowledged (`done`) only after the broker's confirm, and
 * is held back while too much is unconfirmed. What was missed while it was down is read from history where there is one.
 */
export class StreamRunner {
  readonly #options: StreamRunnerOptions;
  readonly #gap: StreamGap;
  #failures = 0;
  #cancelNews: (() => void) | undefined;

  constructor(options: StreamRunnerOptions) {
    this.#options = options;
    this.#gap = new StreamGap(options);
  }

  async run(signal: AbortSignal): Promise<void> {
    let loaded = false;
    while (!signal.aborted) {
      let failure: unknown;
      try {
        if (!loaded) await this.#gap.load();
        loaded = true;
        await this.#once(signal);
        failure = new UnavailableError('the stream ended');
      } catch (error) {
        failure = error;
      }
      if (signal.aborted) break;
      this.#failures += 1;
      this.#newsLater(failure);
      this.#options.onFailure(failure);
      const { due, random } = this.#options;
      const wait = Math.max(askedToWaitMs(failure), fullJitter(this.#failures, { ...BACKOFF, random }));
      await due.sleep(wait, signal).catch(() => undefined);
    }
    this.#cancelNews?.();
    await this.#gap.close();
  }

  async #once(signal: AbortSignal): Promise<void> {
    const { adapter, due, observe } = this.#options;
    if (!adapter.stream) return;
    const scope = new AbortController();
    const all = AbortSignal.any([signal, scope.signal]);
    const pending = new Set<Promise<void>>();
    let open = false;
    const opened = () => {
      if (open || all.aborted) return;
      open = true;
      this.#opened(all);
    };
    const cancel = due.after(SETTLED_MS, opened);
    try {
      for await (const item of adapter.stream.open(all)) {
        opened();
        if (item.type === 'opened') continue;
        const { done, ...observation } = item;
        const confirmed = observe(observation).then(() => {
          this.#gap.seen();
          done?.();
        });
        const settled = confirmed.catch((error) => scope.abort(error)).finally(() => pending.delete(settled));
        pending.add(settled);
        if (pending.size >= MAX_UNCONFIRMED) await Promise.race(pending);
        scope.signal.throwIfAborted();
      }
      await Promise.all(pending);
      scope.signal.throwIfAborted();
    } finally {
      cancel();
      scope.abort(new UnavailableError('the stream was closed'));
      // Without a lease they reject; with one the broker will confirm.
      await Promise.all(pending);
    }
  }

  #opened(signal: AbortSignal): void {
    this.#failures = 0;
    this.#cancelNews?.();
    this.#cancelNews = undefined;
    this.#options.onOpen(this.#gap.begin(signal));
  }

  #newsLater(error: unknown): void {
    this.#cancelNews ??= this.#options.due.after(DOWN_NEWS_MS, () => this.#options.onDown(error));
  }
}
