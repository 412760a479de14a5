import { fullJitter } from '../scheduling/backoff.ts';
import { StreamRunner, type StreamRunnerOptions } from './stream-runner.ts';

export interface StreamPartsOptions extends Omit<StreamRunnerOptions, 'part' | 'onOpen' | 'onFailure' | 'onDown'> {
  /** How often the adapter is asked which parts there are. */
  everyMs: number;
  /** `name` is what a part is called in the connection's status. */
  onOpen: (name: string, note?: string) => void;
  onFailure: (name: string, error: unknown) => void;
  onDown: (name: string, error: unknown) => void;
  /** A part that is not there any more troubles nobody. */
  onGone: (name: string) => void;
}

const BACKOFF = { baseMs: 1_000, capMs: 60_000 };
const nameOf = (part: string): string => (part === '' ? 'stream' : `stream ${part}`);

interface Running {
  stop: AbortController;
  ended: Promise<void>;
}

/** A connection's streams, each with a life, a position and gaps of its own, so that one that breaks costs no other. */
export class StreamParts {
  readonly #options: StreamPartsOptions;
  readonly #running = new Map<string, Running>();

  constructor(options: StreamPartsOptions) {
    this.#options = options;
  }

  /** Until the signal aborts; resolves when all of them have come to rest. */
  async run(signal: AbortSignal): Promise<void> {
    const { adapter, due, everyMs, random, onFailure } = this.#options;
    for (let failures = 0; !signal.aborted; ) {
      try {
        await this.#adjust((await adapter.stream?.parts?.(signal)) ?? [''], signal);
        failures = 0;
      } catch (error) {
        if (signal.aborted) break;
        failures += 1;
        onFailure('stream', error);
      }
      const wait = failures === 0 ? everyMs : fullJitter(failures, { ...BACKOFF, random });
      await due.sleep(wait, signal).catch(() => undefined);
    }
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }

  async #adjust(parts: readonly string[], signal: AbortSignal): Promise<void> {
    for (const part of parts) if (!this.#running.has(part)) this.#running.set(part, this.#start(part, signal));
    const gone = [...this.#running].filter(([part]) => !parts.includes(part));
    for (const [part, { stop, ended }] of gone) {
      stop.abort(new Error('this part of the stream is gone'));
      await ended;
      this.#running.delete(part);
      this.#options.onGone(nameOf(part));
    }
  }

  #start(part: string, signal: AbortSignal): Running {
    const { onOpen, onFailure, onDown, ...options } = this.#options;
    const stop = new AbortController();
    const name = nameOf(part);
    const runner = new StreamRunner({
      ...options,
      part,
      onOpen: (note) => onOpen(name, note),
      onFailure: (error) => onFailure(name, error),
      onDown: (error) => onDown(name, error),
    });
    return { stop, ended: runner.run(AbortSignal.any([signal, stop.signal])) };
  }
}
