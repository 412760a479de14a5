import type { Checkpoint } from '../../contract.ts';
import { fullJitter } from '../scheduling/backoff.ts';
import type { StreamRunnerOptions } from './stream-runner.ts';

/** Name of the checkpoint that says until when the stream was read. */
export const STREAM_CHECKPOINT = 'stream';

const SAVE_EVERY_MS = 10_000;
/** History is read from this much before the last item: the clocks of source and kit differ. */
const OVERLAP_MS = 60_000;
const BACKOFF = { baseMs: 2_000, capMs: 300_000 };

/**
 * Until when the stream was read, kept in a checkpoint so that the next owner knows, and the repair of what was missed.
 * A gap stays on record until its repair is through.
 */
export class StreamGap {
  readonly #options: Omit<StreamRunnerOptions, 'onOpen' | 'onDown'>;
  #version = 0;
  #seenMs: number | undefined;
  #savedMs = 0;
  #gapFromMs: number | undefined;
  #saving: Promise<void> = Promise.resolve();
  #repairing: Promise<void> | undefined;

  constructor(options: Omit<StreamRunnerOptions, 'onOpen' | 'onDown'>) {
    this.#options = options;
  }

  async load(): Promise<void> {
    const { checkpoints, lease } = this.#options;
    const saved = await checkpoints.get(lease.connectionId, STREAM_CHECKPOINT);
    this.#version = saved?.version ?? 0;
    this.#seenMs = numberOf(saved?.value.seenMs);
    this.#gapFromMs = numberOf(saved?.value.gapFromMs);
  }

  /** An item was confirmed. */
  seen(): void {
    this.#seenMs = this.#options.clock.now();
    if (this.#seenMs - this.#savedMs >= SAVE_EVERY_MS) this.#save();
  }

  /** The stream is open: what lies between the last item and now is read again. Returns what cannot be. */
  begin(signal: AbortSignal): string | undefined {
    const { adapter, clock, log } = this.#options;
    const fromMs = this.#gapFromMs ?? this.#seenMs;
    const toMs = clock.now();
    if (fromMs === undefined) {
      this.seen();
      return undefined;
    }
    if (!adapter.telemetry?.history) {
      this.#gapFromMs = undefined;
      const gap = `nothing was received from ${iso(fromMs)} to ${iso(toMs)}, and the platform keeps no history`;
      log.warn({ from: iso(fromMs), to: iso(toMs) }, 'a gap in the stream cannot be repaired');
      this.seen();
      return gap;
    }
    this.#gapFromMs = fromMs;
    this.#save();
    this.#repairing ??= this.#repair(fromMs - OVERLAP_MS, toMs, signal).finally(() => {
      this.#repairing = undefined;
    });
    return undefined;
  }

  async close(): Promise<void> {
    await this.#repairing;
    if (this.#seenMs !== undefined) this.#save();
    await this.#saving;
  }

  async #repair(fromMs: number, toMs: number, signal: AbortSignal): Promise<void> {
    const { due, random, log, onFailure } = this.#options;
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        await this.#readAgain(fromMs, toMs, signal);
        this.#gapFromMs = undefined;
        this.#save();
        log.info({ from: iso(fromMs), to: iso(toMs) }, 'a gap in the stream was repaired from history');
        return;
      } catch (error) {
        if (signal.aborted) return;
        onFailure(error);
        await due.sleep(fullJitter(failures, { ...BACKOFF, random }), signal).catch(() => undefined);
      }
    }
  }

  async #readAgain(fromMs: number, toMs: number, signal: AbortSignal): Promise<void> {
    const { adapter, devices, observe } = this.#options;
    for (const device of devices()) {
      for await (const page of adapter.telemetry?.history?.({ device, fromMs, toMs }, signal) ?? []) {
        signal.throwIfAborted();
        await Promise.all(page.items.map((batch) => observe({ ...batch, type: 'points', origin: 'backfill' })));
      }
    }
  }

  #save(): void {
    this.#savedMs = this.#seenMs ?? this.#savedMs;
    const { checkpoints, lease, log } = this.#options;
    this.#saving = this.#saving.then(async () => {
      if (!lease.valid() || this.#seenMs === undefined) return;
      const gap = this.#gapFromMs === undefined ? {} : { gapFromMs: this.#gapFromMs };
      const value: Checkpoint = { seenMs: this.#seenMs, ...gap };
      try {
        const expected = { version: this.#version, epoch: lease.epoch };
        if (await checkpoints.save(lease.connectionId, STREAM_CHECKPOINT, value, expected)) this.#version += 1;
        else await this.#reload();
      } catch (error) {
        // The next save says the same and more.
        log.debug({ err: error }, 'the stream position could not be saved');
      }
    });
  }

  /** A save whose answer was lost may have gone through. */
  async #reload(): Promise<void> {
    const { checkpoints, lease } = this.#options;
    this.#version = (await checkpoints.get(lease.connectionId, STREAM_CHECKPOINT))?.version ?? 0;
  }
}

const numberOf = (value: unknown) => (typeof value === 'number' ? value : undefined);
const iso = (ms: number) => new Date(ms).toISOString();
