import type { Checkpoint, GapReport, Observation, Page, StreamInterruption } from '../../contract.ts';
import { withSources } from '../../lineage/with-sources.ts';
import { fullJitter } from '../scheduling/backoff.ts';
import { StreamCoverage } from './stream-coverage.ts';
import { readIntervals, writeIntervals } from './stream-intervals.ts';
import { StreamPosition } from './stream-position.ts';
import type { StreamRunnerOptions } from './stream-runner.ts';

/** Name of the checkpoint that says until when the stream, or one part of it, was read. */
export const streamCheckpoint = (part: string): string => (part === '' ? 'stream' : `stream/${part}`);

const SAVE_EVERY_MS = 10_000;
/** History is read from this much before the last item: the clocks of source and kit differ. */
const OVERLAP_MS = 60_000;
/** What was under way to us when the stream broke is older than what we had last. */
const UNDER_WAY_MS = 1_000;
const BACKOFF = { baseMs: 2_000, capMs: 300_000 };
const NO_HISTORY = 'the platform keeps no history';

type GapOptions = Omit<StreamRunnerOptions, 'onOpen' | 'onDown'>;
type Missed = Omit<StreamInterruption, 'part'>;
type Said = Pick<Page<Observation>, 'items' | 'covers'>;

/**
 * Until when the stream was read, kept in a checkpoint so that the next owner knows, and the repair of what was missed.
 * A gap stays on record until its repair is through.
 */
export class StreamGap {
  readonly #options: GapOptions;
  readonly #position = new StreamPosition();
  readonly #coverage: StreamCoverage;
  #version = 0;
  #savedMs = 0;
  #gaps: Missed[] = [];
  #saving: Promise<void> = Promise.resolve();
  #repairing: Promise<void> = Promise.resolve();

  constructor(options: GapOptions) {
    this.#options = options;
    const { adapter, lease, part, run } = options;
    this.#coverage = new StreamCoverage({
      connectionId: lease.connectionId,
      source: streamCheckpoint(part),
      scope: adapter.stream?.covers?.(part),
      run: () => run?.(),
      underWayMs: UNDER_WAY_MS,
    });
  }

  async load(): Promise<void> {
    const { checkpoints, lease, part } = this.#options;
    const saved = await checkpoints.get(lease.connectionId, streamCheckpoint(part));
    this.#version = saved?.version ?? 0;
    const seenMs = saved?.value.seenMs;
    if (typeof seenMs === 'number') this.#position.resume(seenMs);
    this.#gaps = readIntervals(saved?.value.gaps);
  }

  /** An item came at that time; the returned function says that it is confirmed. */
  received(atMs: number): () => void {
    const confirmed = this.#position.received(atMs);
    return () => {
      confirmed();
      this.#saveNowAndThen();
    };
  }

  /** It brought word of a loss, and that is confirmed. */
  lost(gap: GapReport): void {
    this.#coverage.lose(gap);
    this.#save();
  }

  /** The stream stands and brings nothing. */
  quiet(): void {
    this.#position.quiet(this.#options.clock.now());
    this.#saveNowAndThen();
  }

  /** The stream is open: what lies between the last item and now is repaired. Returns what is known to be lost. */
  begin(signal: AbortSignal): string | undefined {
    const { adapter, clock, log } = this.#options;
    const nowMs = clock.now();
    const fromMs = this.#position.begin(nowMs);
    // What was sent in this very millisecond may have been too early for the stream; ranges are half-open.
    const toMs = Math.max(nowMs, fromMs ?? nowMs) + 1;
    const missed = fromMs === undefined ? undefined : { fromMs: Math.min(fromMs, nowMs) - UNDER_WAY_MS, toMs };
    if (missed) this.#gaps.push(missed);
    this.#coverage.begin(missed, toMs, fromMs);
    this.#save();
    if (this.#gaps.length > 0) {
      // One after the other: what a cut has interrupted is taken up again by whoever comes next.
      this.#repairing = this.#repairing.then(() => this.#repair(signal));
    }
    if (fromMs === undefined || adapter.stream?.repair || adapter.telemetry?.history) return undefined;
    log.warn({ from: iso(fromMs), to: iso(toMs) }, 'a gap in the stream cannot be repaired');
    return `nothing was received from ${iso(fromMs)} to ${iso(toMs)}, and ${NO_HISTORY}`;
  }

  async close(): Promise<void> {
    await this.#repairing;
    this.#save();
    await this.#saving;
  }

  async #repair(signal: AbortSignal): Promise<void> {
    const { due, random, log, onFailure } = this.#options;
    for (let failures = 1; !signal.aborted; failures++) {
      const [gap] = this.#gaps;
      if (!gap) return;
      try {
        const found = await this.#fill(gap, signal);
        signal.throwIfAborted();
        this.#coverage.repaired(gap, found);
        this.#gaps.shift();
        this.#save();
        failures = 0;
        log.info({ from: iso(gap.fromMs), to: iso(gap.toMs) }, 'a gap in the stream was gone through');
      } catch (error) {
        if (signal.aborted) return;
        onFailure(error);
        await due.sleep(fullJitter(failures, { ...BACKOFF, random }), signal).catch(() => undefined);
      }
    }
  }

  /** Returns what the pages say of coverage, once their items are with the bus. */
  async #fill(gap: Missed, signal: AbortSignal): Promise<Said[]> {
    const { observe } = this.#options;
    const said: Said[] = [];
    for await (const { items, covers = [] } of this.#found(gap, signal)) {
      signal.throwIfAborted();
      await Promise.all(items.map((item) => observe(item)));
      said.push({ items: items.filter(({ type }) => type === 'gap'), covers });
    }
    return said;
  }

  #found({ fromMs, toMs }: Missed, signal: AbortSignal): AsyncIterable<Page<Observation>> | Page<Observation>[] {
    const { adapter, part } = this.#options;
    if (adapter.stream?.repair) return withSources(adapter.stream.repair({ part, fromMs, toMs }, signal));
    if (adapter.telemetry?.history) return this.#readAgain(fromMs - OVERLAP_MS, toMs, signal);
    return [{ items: [{ type: 'gap', gap: { fromMs, toMs, reason: NO_HISTORY } }] }];
  }

  async *#readAgain(fromMs: number, toMs: number, signal: AbortSignal): AsyncGenerator<Page<Observation>> {
    const { adapter, devices } = this.#options;
    for (const device of devices()) {
      const pages = adapter.telemetry?.history?.({ device, fromMs, toMs }, signal);
      for await (const page of pages ? withSources(pages) : []) {
        yield {
          items: page.items.map((batch) => ({ ...batch, type: 'points', origin: 'backfill' })),
          covers: (page.covers ?? []).map((span) => ({ device, ...span })),
        };
      }
    }
  }

  #saveNowAndThen(): void {
    const { seenMs } = this.#position;
    if (seenMs !== undefined && seenMs - this.#savedMs >= SAVE_EVERY_MS) this.#save();
  }

  #save(): void {
    this.#savedMs = this.#position.seenMs ?? this.#savedMs;
    const { checkpoints, lease, log, part } = this.#options;
    this.#saving = this.#saving.then(async () => {
      const { seenMs } = this.#position;
      if (!lease.valid() || seenMs === undefined) return;
      const gaps = this.#gaps.length === 0 ? {} : { gaps: writeIntervals(this.#gaps) };
      const value: Checkpoint = { seenMs, ...gaps };
      try {
        const expected = { version: this.#version, epoch: lease.epoch };
        const { list: covers, written } = this.#coverage.until(seenMs);
        if (await checkpoints.save(lease.connectionId, streamCheckpoint(part), value, expected, { covers })) {
          this.#version += 1;
          written();
        } else await this.#reload();
      } catch (error) {
        // The next save says the same and more.
        log.debug({ err: error }, 'the stream position could not be saved');
      }
    });
  }

  /** A save whose answer was lost may have gone through. */
  async #reload(): Promise<void> {
    const { checkpoints, lease, part } = this.#options;
    this.#version = (await checkpoints.get(lease.connectionId, streamCheckpoint(part)))?.version ?? 0;
  }
}

const iso = (ms: number) => new Date(ms).toISOString();
