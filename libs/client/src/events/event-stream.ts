import { textChunks } from '../text-chunks.ts';
import type { Call, Transport } from '../transport.ts';
import { askedOf } from '../transport.ts';
import { TributaryError } from '../tributary-error.ts';
import type { EventName, LoggedEvent, Resync } from './event-types.ts';
import { type Frame, frames } from './frames.ts';

export interface StreamOptions {
  /** Makes the call that begins after a cursor. */
  call: (cursor: string | undefined) => Call;
  transport: Transport;
  after?: string | undefined;
  silenceMs: number;
  reconnectMs?: number | undefined;
}

const RECONNECT_MS = 2_000;
const LONGEST_WAIT_MS = 30_000;
/** A service that repeats after a reconnection repeats the end of what it sent. */
const REMEMBERED = 1_000;

/**
 * Events as they happen, over as many connections as it takes: one that breaks, ends or falls silent is opened anew after
 * the last event that was handed out. Nothing is read ahead of who iterates. Iterating again goes on where it was.
 */
export class EventStream<N extends EventName = EventName> implements AsyncIterable<LoggedEvent<N> | Resync> {
  readonly #options: StreamOptions;
  readonly #seen = new Set<string>();
  #cursor: string | undefined;
  #reconnectMs: number;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#cursor = options.after;
    this.#reconnectMs = options.reconnectMs ?? RECONNECT_MS;
  }

  /**
   * Where it goes on: after the newest event that was handed out, or further, where the service has said that what came
   * since was not asked for.
   */
  get cursor(): string | undefined {
    return this.#cursor;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<LoggedEvent<N> | Resync, void, undefined> {
    const { transport, call } = this.#options;
    const { signal } = call(this.#cursor);
    for (let failures = 0; ; ) {
      let failure: TributaryError | undefined;
      try {
        for await (const frame of this.#frames()) {
          failures = 0;
          const item = this.#take(frame);
          if (item) yield item;
        }
      } catch (error) {
        if (!(error instanceof TributaryError) || !error.retryable) throw error;
        failure = error;
        failures += 1;
      }
      await transport.clock.sleep(this.#waitMs(failures, failure), signal);
    }
  }

  async *#frames(): AsyncGenerator<Frame, void, undefined> {
    const { transport, call, silenceMs, reconnectMs } = this.#options;
    const asked = call(this.#cursor);
    const { answer, body } = await transport.open(asked);
    if (!answer.headers.get('content-type')?.startsWith('text/event-stream')) {
      body.close();
      await body.stream.cancel().catch(() => undefined);
      throw new TributaryError(askedOf(asked), {
        code: 'unreadable',
        detail: 'the answer is no event stream',
        status: answer.status,
      });
    }
    yield* frames(textChunks(body, silenceMs), (ms) => {
      this.#reconnectMs = reconnectMs ?? ms;
    });
  }

  /** Undefined for what is no news: a place to resume at, or an event that was there before. */
  #take({ id, event, data }: Frame): LoggedEvent<N> | Resync | undefined {
    const known = id !== undefined && this.#seen.has(id);
    if (id !== undefined && !known) this.#cursor = id;
    if (known || event === undefined || data === undefined) return undefined;
    const value = this.#parse(data);
    if (event === 'resync') {
      this.#seen.clear();
      return { ...(value as Pick<Resync, 'reason' | 'snapshots'>), kind: 'resync', cursor: id };
    }
    if (id === undefined) return undefined;
    this.#remember(id);
    return { kind: 'event', cursor: id, name: event, event: value } as LoggedEvent<N>;
  }

  #parse(data: string): unknown {
    try {
      return JSON.parse(data);
    } catch (cause) {
      const request = askedOf(this.#options.call(this.#cursor));
      throw new TributaryError(request, { code: 'unreadable', detail: 'an event is no JSON', cause });
    }
  }

  #remember(id: string): void {
    this.#seen.add(id);
    const [oldest] = this.#seen;
    if (this.#seen.size > REMEMBERED && oldest !== undefined) this.#seen.delete(oldest);
  }

  /** The server spreads the first return of all its callers; who fails again comes back later and later. */
  #waitMs(failures: number, failure: TributaryError | undefined): number {
    const doubled = this.#reconnectMs * (2 ** Math.max(0, failures - 1) - 1);
    const more = Math.min(doubled, LONGEST_WAIT_MS) * this.#options.transport.random();
    return Math.max(failure?.retryAfterMs ?? 0, this.#reconnectMs + more);
  }
}
