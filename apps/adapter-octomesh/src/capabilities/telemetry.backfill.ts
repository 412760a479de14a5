import type { Checkpoint, Observation, Page, Poll } from '@tributary/adapter-kit';
import type { UsedStream } from '../schema/streams-in-use.ts';
import { slice } from './telemetry.cover.ts';
import { type RowsAsked, readRows } from './telemetry.rows.ts';
import { type Gap, gapKey } from './telemetry.state.ts';
import { countingRefusals, observations, type TelemetryOptions } from './telemetry.ts';

const FIRST_SLICE_MS = 10 * 60_000;
const SHORTEST_SLICE_MS = 5_000;
const LONGEST_SLICE_MS = 7 * 86_400_000;
/** Slices grow and shrink by no more than this at a time. */
const MAX_CHANGE = 4;

/**
 * Reads gaps, the newest first and each from its newest end, in slices that hold about as many rows as the settings
 * aim at; each slice has a checkpoint. It spends what live data leaves of the budget.
 */
export class Backfill implements Poll {
  readonly schedule = 'backfill';
  #sliceMs = FIRST_SLICE_MS;

  constructor(private readonly options: TelemetryOptions) {}

  async *run(from: Checkpoint | undefined, signal: AbortSignal): AsyncGenerator<Page<Observation>, void, undefined> {
    const { gaps } = this.options;
    const progress = readProgress(from);
    // What comes back in a checkpoint has arrived; a gap that is through in it is through.
    for (const [key, untilMs] of progress) if (untilMs <= beginningOf(key)) gaps.close(key);
    const gap = gaps.next();
    if (!gap) return;
    const key = gapKey(gap);
    let untilMs = progress.get(key) ?? gap.toMs;
    while (untilMs > gap.fromMs) {
      signal.throwIfAborted();
      const fromMs = Math.max(gap.fromMs, untilMs - this.#sliceMs);
      const covers = yield* this.#slice(gap, { fromMs, toMs: untilMs }, signal);
      untilMs = fromMs;
      progress.set(key, untilMs);
      for (const known of progress.keys()) if (!gaps.isHeld(known)) progress.delete(known);
      yield { items: [], checkpoint: writeProgress(progress), covers };
      // A newer gap goes first; this one goes on afterwards where it stands.
      if (gapKey(gaps.next() ?? gap) !== key) return;
    }
  }

  async *#slice(gap: Gap, window: { fromMs: number; toMs: number }, signal: AbortSignal) {
    const { catalogue, reader, settings } = this.options;
    const { streams } = await catalogue.plan('backfill', signal);
    const wanted = gap.stream === undefined ? streams : streams.filter(({ model }) => model.flat === gap.stream);
    const asked = wanted.map((stream: UsedStream): RowsAsked => ({ stream, ...window }));
    let rows = 0;
    const counted = countingRefusals(reader);
    for await (const pages of readRows(counted.reader, asked, { lane: 'backfill', signal })) {
      rows += pages.reduce((sum, page) => sum + page.rows.length, 0);
      yield { items: observations(pages, 'backfill', settings.units) };
    }
    this.#adapt(window.toMs - window.fromMs, rows);
    return slice(gap, window, counted.refused());
  }

  /** So that a crash costs a slice and not a day, whatever the density. */
  #adapt(tookMs: number, rows: number): void {
    const factor = rows === 0 ? MAX_CHANGE : this.options.settings.sliceRows / rows;
    const wantedMs = tookMs * Math.min(MAX_CHANGE, Math.max(1 / MAX_CHANGE, factor));
    this.#sliceMs = Math.round(Math.min(LONGEST_SLICE_MS, Math.max(SHORTEST_SLICE_MS, wantedMs)));
  }
}

const UNTIL = 'until.';

/** Down to where each gap has been read, by its key. */
const readProgress = (from: Checkpoint = {}): Map<string, number> =>
  new Map(
    Object.entries(from).flatMap(([name, value]): [string, number][] =>
      name.startsWith(UNTIL) && typeof value === 'number' ? [[name.slice(UNTIL.length), value]] : [],
    ),
  );

const writeProgress = (progress: ReadonlyMap<string, number>): Checkpoint =>
  Object.fromEntries([...progress].map(([key, untilMs]) => [UNTIL + key, untilMs]));

/** A gap's key begins with its beginning. */
const beginningOf = (key: string): number => Number(key.split('-', 1)[0]);
