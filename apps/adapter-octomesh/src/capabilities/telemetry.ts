import type { Checkpoint, ConnectionKit, Observation, Page, Poll } from '@tributary/adapter-kit';
import type { Origin } from '@tributary/contracts';
import type { Settings } from '../config.ts';
import { pointBatches } from '../mapping.ts';
import type { StreamCatalogue } from '../stream-catalogue.ts';
import { besides, TailCover } from './telemetry.cover.ts';
import type { Gaps } from './telemetry.gaps.ts';
import { Rest } from './telemetry.rest.ts';
import { type RowsAsked, type RowsPage, type RowsReader, readRows } from './telemetry.rows.ts';
import { gapKey, merged, readTailState, type TailState, writeTailState } from './telemetry.state.ts';

export interface TelemetryOptions {
  kit: Pick<ConnectionKit, 'clock' | 'log'>;
  settings: Settings['telemetry'];
  catalogue: StreamCatalogue;
  reader: RowsReader;
  gaps: Gaps;
}

const DAY_MS = 86_400_000;
/** A stream that is further behind than this is idle rather than late. */
const LONGEST_LAG_MS = 30 * 60_000;

/**
 * Live telemetry: of every stream what is newer than its newest row, a little overlap included, up to a bound that is
 * fixed for the round. After an outage it goes on near the present, and what was missed becomes a gap for the backfill.
 */
export class Tail implements Poll {
  readonly schedule = 'telemetry';
  readonly #rest: Rest;
  readonly #cover = new TailCover();

  constructor(private readonly options: TelemetryOptions) {
    this.#rest = new Rest(options.kit.clock, options.settings.longestRest);
  }

  async *run(from: Checkpoint | undefined, signal: AbortSignal): AsyncGenerator<Page<Observation>, void, undefined> {
    const { kit, settings, catalogue, reader, gaps } = this.options;
    const nowMs = kit.clock.now();
    if (!this.#rest.over) return;
    const { streams } = await catalogue.plan('live', signal);
    const known = new Set(readTailState(from).gaps.map(gapKey));
    const flats = streams.map(({ model }) => model.flat);
    const state = this.#resume(from, nowMs, flats);
    const fromMs = this.#coveredFrom(state, nowMs);
    const found = state.gaps.filter((gap) => !known.has(gapKey(gap)));
    state.gaps = gaps.hold(state.gaps);
    const toMs = nowMs - settings.visibility;
    const asked = streams.map((stream) => ({ stream, fromMs: this.#start(state, stream.model.flat, toMs), toMs }));
    if (found.length > 0) yield { items: [], checkpoint: writeTailState(state), covers: besides(found) };
    let [requests, news] = [0, false];
    const counted = countingRefusals(reader);
    for await (const pages of readRows(counted.reader, asked, { lane: 'live', signal }, () => requests++)) {
      for (const page of pages) news = advance(state, page) || news;
      yield { items: observations(pages, 'poll', settings.units), checkpoint: writeTailState(state) };
    }
    state.cycleMs = toMs;
    const covers = this.#cover.round({ fromMs, toMs }, counted.refused());
    yield { items: [], checkpoint: writeTailState(state), covers };
    this.#rest.begin(nowMs, requests, news);
  }

  /** From the last whole round on, or, where that is too long ago, from where live data goes on. */
  #coveredFrom({ cycleMs }: TailState, nowMs: number): number {
    const { tail, outage } = this.options.settings;
    return cycleMs === undefined || nowMs - cycleMs > outage ? nowMs - tail : cycleMs;
  }

  /** Where to go on, and what has been missed. */
  #resume(from: Checkpoint | undefined, nowMs: number, streams: readonly string[]): TailState {
    const { settings } = this.options;
    const state = readTailState(from);
    const tailMs = nowMs - settings.tail;
    const { cycleMs } = state;
    if (cycleMs === undefined) {
      state.gaps.push({ fromMs: nowMs - settings.firstLook, toMs: tailMs });
      state.watermarks = new Map(streams.map((flat) => [flat, tailMs]));
    } else if (nowMs - cycleMs > settings.outage) {
      // The repair that would have looked back from there has not run either, and the last one was a while before.
      state.gaps.push({ fromMs: cycleMs - 2 * settings.repairWindow, toMs: tailMs });
      // A stream whose rows always come late was behind before, and will be again.
      for (const [flat, ms] of state.watermarks) state.watermarks.set(flat, tailMs - lagOf(ms, cycleMs));
    }
    for (const flat of streams) if (!state.watermarks.has(flat)) this.#welcome(state, flat, nowMs);
    this.#rescan(state, nowMs);
    state.gaps = merged(state.gaps.filter(({ fromMs, toMs }) => fromMs < toMs));
    for (const flat of state.watermarks.keys()) if (!streams.includes(flat)) state.watermarks.delete(flat);
    return state;
  }

  /** A stream that was not there before gets a first look of its own. */
  #welcome(state: TailState, flat: string, nowMs: number): void {
    const { firstLook, tail } = this.options.settings;
    state.watermarks.set(flat, nowMs - tail);
    state.gaps.push({ fromMs: nowMs - firstLook, toMs: nowMs - tail, stream: flat });
  }

  #rescan(state: TailState, nowMs: number): void {
    const { rescan, repairWindow } = this.options.settings;
    if (rescan === undefined) return;
    if (state.rescanMs !== undefined && nowMs - state.rescanMs >= rescan) {
      state.gaps.push({ fromMs: nowMs - DAY_MS, toMs: nowMs - repairWindow });
      state.rescanMs = nowMs;
    }
    state.rescanMs ??= nowMs;
  }

  #start({ watermarks }: TailState, flat: string, toMs: number): number {
    return Math.min(watermarks.get(flat) ?? toMs, toMs) - this.options.settings.lookBack;
  }
}

/** The same reader, which also counts the streams that it has to pass over. */
export function countingRefusals(reader: RowsReader): { reader: RowsReader; refused: () => number } {
  let refused = 0;
  const onTrouble: RowsReader['onTrouble'] = (stream, error) => {
    refused += 1;
    reader.onTrouble(stream, error);
  };
  return { reader: { ...reader, onTrouble }, refused: () => refused };
}

const lagOf = (watermarkMs: number, cycleMs: number): number =>
  Math.min(LONGEST_LAG_MS, Math.max(0, cycleMs - watermarkMs));

/** Moves the watermark of a page's stream; says whether any of its rows was new. */
function advance({ watermarks }: TailState, { asked, rows }: RowsPage): boolean {
  const { flat } = asked.stream.model;
  const before = watermarks.get(flat) ?? Number.NEGATIVE_INFINITY;
  const newest = rows.reduce((ms, { timestamp }) => Math.max(ms, Date.parse(timestamp)), before);
  if (newest > before) watermarks.set(flat, newest);
  return newest > before;
}

/** Points of pages, by device. */
export const observations = (
  pages: readonly RowsPage[],
  origin: Origin,
  units: Readonly<Record<string, string>>,
): Observation[] =>
  pages.flatMap(({ asked, rows }) =>
    pointBatches(rows, readingOf(asked, units), origin).map((batch) => ({ type: 'points' as const, ...batch })),
  );

export function readingOf({ stream }: Pick<RowsAsked, 'stream'>, units: Readonly<Record<string, string>>) {
  const { model, signalOf } = stream;
  const given = (signal: string) => (Object.hasOwn(units, signal) ? units[signal] : undefined);
  return {
    stream: model,
    signalOf,
    unitOf: (attribute: string) => given(signalOf(attribute)) ?? stream.unitOf(attribute),
  };
}
