import { isPlatformError, UnavailableError } from '@tributary/contracts';
import type { Clock, Logger } from '@tributary/runtime';
import type { Adapter, Observation } from '../../contract.ts';
import type { HeldLease } from '../leases/held-lease.ts';
import type { CheckpointStore, Failpoint } from '../ports.ts';
import { askedToWaitMs, fullJitter } from '../scheduling/backoff.ts';
import type { DueQueue } from '../scheduling/due-queue.ts';
import { StreamGap } from './stream-gap.ts';

export interface StreamRunnerOptions {
  adapter: Adapter;
  /** Which of the connection's streams; '' where there is only one. */
  part: string;
  lease: HeldLease;
  checkpoints: CheckpointStore;
  devices: () => readonly string[];
  observe: (observation: Observation) => Promise<void>;
  /** Under which points are numbered now; stands beside what the stream covers. */
  run?: () => string;
  failpoint: Failpoint;
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
/** One that breaks sooner than this after it opened is opened ever more slowly. */
const STABLE_MS = 20_000;
/** A stream that comes back within this is no news. */
const DOWN_NEWS_MS = 10_000;
const MAX_UNCONFIRMED = 1_000;
const QUIET_CHECK_MS = 5_000;
/** One part of several that we may not have: a right that is missing now may be given later. */
const FORBIDDEN_MS = 600_000;

/**
 * Keeps a stream open until the signal aborts. The source is acknowledged (`done`) only after the broker's confirm, and
 * is held back while too much is unconfirmed. What was missed while it was down is repaired as far as that goes.
 */
export class StreamRunner {
  readonly #options: StreamRunnerOptions;
  readonly #gap: StreamGap;
  #failures = 0;
  #openedAtMs: number | undefined;
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
      await this.#options.due.sleep(this.#failed(failure), signal).catch(() => undefined);
    }
    this.#cancelNews?.();
    await this.#gap.close();
  }

  /** Returns how long to wait, milliseconds. */
  #failed(failure: unknown): number {
    const { part, onFailure, clock, random } = this.#options;
    onFailure(failure);
    if (part !== '' && isForbidden(failure)) return FORBIDDEN_MS * (0.9 + random() / 10);
    const stood = this.#openedAtMs === undefined ? 0 : clock.monotonicMs() - this.#openedAtMs;
    this.#openedAtMs = undefined;
    this.#failures = stood >= STABLE_MS ? 1 : this.#failures + 1;
    this.#newsLater(failure);
    return Math.max(askedToWaitMs(failure), fullJitter(this.#failures, { ...BACKOFF, random }));
  }

  async #once(signal: AbortSignal): Promise<void> {
    const { adapter, due, observe, clock, part, failpoint } = this.#options;
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
    const cancelQuiet = clock.every(QUIET_CHECK_MS, () => open && this.#gap.quiet());
    try {
      for await (const item of adapter.stream.open(all, part)) {
        opened();
        if (item.type === 'opened') continue;
        const { done, receivedAtMs, ...observation } = item;
        const seen = this.#gap.received(receivedAtMs ?? clock.now());
        const confirmed = observe(observation).then(async () => {
          await failpoint('before-puback');
          seen();
          if (observation.type === 'gap') this.#gap.lost(observation.gap);
          done?.();
          await failpoint('after-puback');
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
      cancelQuiet();
      scope.abort(new UnavailableError('the stream was closed'));
      // Without a lease they reject; with one the broker will confirm.
      await Promise.all(pending);
    }
  }

  #opened(signal: AbortSignal): void {
    this.#openedAtMs = this.#options.clock.monotonicMs();
    this.#cancelNews?.();
    this.#cancelNews = undefined;
    this.#options.onOpen(this.#gap.begin(signal));
  }

  #newsLater(error: unknown): void {
    this.#cancelNews ??= this.#options.due.after(DOWN_NEWS_MS, () => this.#options.onDown(error));
  }
}

const isForbidden = (error: unknown): boolean =>
  isPlatformError(error) && ['permission-denied', 'not-found', 'invalid-request'].includes(error.code);
