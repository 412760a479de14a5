import { AttemptLimit } from './attempt-limit.ts';
import type { Clock } from './clock.ts';
import type { components } from './openapi/paths.ts';
import { type AskedOf, TributaryError } from './tributary-error.ts';

export type Command = components['schemas']['Command'];
export type CommandState = Command['state'];

/** What following a command needs of the API. */
export interface CommandSource {
  /** The address of the command, for failures. */
  request: AskedOf;
  read(signal: AbortSignal): Promise<Command>;
  /** States that the platform can prove for it; empty where that cannot be learned. */
  provable(command: Command, signal: AbortSignal): Promise<readonly CommandState[]>;
  /** Something, whenever the command has moved. */
  news(signal: AbortSignal): AsyncIterable<unknown>;
  clock: Clock;
}

export interface WaitForCommandOptions {
  /** End at one of these states too, such as `queued`. */
  until?: readonly CommandState[];
  /** How often to look, beside the events. Default 5 000. */
  pollMs?: number;
  /** Most milliseconds to wait; then a `TributaryError` with the code `deadline` is thrown. Default: none. */
  deadlineMs?: number;
  signal?: AbortSignal;
}

/** Nothing follows, or nothing that a caller should wait for: `unknown` may still turn out, hours later. */
const ENDS: readonly CommandState[] = ['confirmed', 'rejected', 'failed', 'expired', 'cancelled', 'unknown'];
/** What a platform may come to prove, the most last. */
const LADDER: readonly CommandState[] = ['acknowledged', 'queued', 'delivered', 'confirmed'];
const POLL_MS = 5_000;

/**
 * The command once it has ended, or has come as far as its platform can prove. Follows its events, and looks from time to
 * time, so that it works where events cannot be had. Throws `deadline`, or the signal's reason.
 */
export async function waitForCommand(source: CommandSource, options: WaitForCommandOptions = {}): Promise<Command> {
  const { until = [], pollMs = POLL_MS, deadlineMs = Number.POSITIVE_INFINITY } = options;
  const done = new AbortController();
  const limit = new AttemptLimit(options.signal, source.clock);
  limit.within(deadlineMs, 'deadline');
  const signal = AbortSignal.any([limit.signal, done.signal]);
  const news = new News(source.news(signal));
  let ends: readonly CommandState[] | undefined;
  try {
    for (;;) {
      const command = await source.read(signal);
      ends ??= [...ENDS, ...until, ...furthest(await source.provable(command, signal))];
      if (ends.includes(command.state)) return command;
      await Promise.race([news.next(), source.clock.sleep(pollMs, signal)]);
    }
  } catch (error) {
    if (!limit.ended) throw error;
    const detail = `the command has not ended after ${deadlineMs} ms`;
    throw new TributaryError(source.request, { code: 'deadline', detail, retryable: true, cause: error });
  } finally {
    limit.release();
    done.abort();
  }
}

const furthest = (provable: readonly CommandState[]): readonly CommandState[] =>
  LADDER.filter((state) => provable.includes(state)).slice(-1);

/** Waits for the next item of a stream, again and again without losing one; for ever once the stream has failed. */
class News {
  readonly #items: AsyncIterator<unknown>;
  #next: Promise<void> | undefined;

  constructor(items: AsyncIterable<unknown>) {
    this.#items = items[Symbol.asyncIterator]();
  }

  next(): Promise<void> {
    this.#next ??= this.#take();
    return this.#next;
  }

  async #take(): Promise<void> {
    try {
      const { done } = await this.#items.next();
      if (done) await never();
    } catch {
      // Looking from time to time finds out by itself.
      await never();
    }
    this.#next = undefined;
  }
}

const never = () => new Promise<never>(() => {});
