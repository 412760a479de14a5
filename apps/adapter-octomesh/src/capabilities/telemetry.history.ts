import type { Adapter, Checkpoint, HistoryCost, HistoryQuery, Page, PointBatch } from '@tributary/adapter-kit';
import { InvalidRequestError, type PlatformError, UnsupportedError } from '@tributary/contracts';
import { FIELDS_PER_DOCUMENT } from '../dialect/documents.ts';
import { pointBatches } from '../mapping.ts';
import type { UsedStream } from '../schema/streams-in-use.ts';
import { type RowsAsked, type RowsPage, readRows } from './telemetry.rows.ts';
import { readingOf, type TelemetryOptions } from './telemetry.ts';

type HistoryOptions = Omit<TelemetryOptions, 'gaps'>;
type CostQuery = Parameters<NonNullable<NonNullable<Adapter['telemetry']>['historyCost']>>[0];

/** Where nothing is known of a device, it is taken to measure once a minute. */
const USUAL_CADENCE_MS = 60_000;
const REACHED = 'reached.';

/**
 * History of one device for [fromMs, toMs): of the signals named, or of all that its streams hold. Each page says how far
 * every stream has been read, so that a range that is resumed reads one row of each again and nothing more.
 */
export async function* history(
  { catalogue, reader, settings }: HistoryOptions,
  query: HistoryQuery,
  signal: AbortSignal,
): AsyncGenerator<Page<PointBatch>, void, undefined> {
  const call = { lane: query.lane ?? ('backfill' as const), signal };
  const { streams } = await catalogue.plan(call.lane, signal);
  const wanted = query.signals && new Set(query.signals);
  const progress = new Map(Object.entries(query.resume ?? {}));
  const asked = rangesOf(holding(streams, wanted), query, progress);
  const refused: PlatformError[] = [];
  const strict = { ...reader, onTrouble: noted(reader.onTrouble, refused) };
  let found = Object.keys(query.resume ?? {}).length > 0;
  for await (const pages of readRows(strict, asked, call)) {
    for (const page of pages) progress.set(REACHED + page.asked.stream.model.flat, reachedBy(page));
    found ||= pages.some(({ rows }) => rows.length > 0);
    const items = pages
      .flatMap((page) => pointBatches(page.rows, readingOf(page.asked, settings.units), 'backfill'))
      .map((batch) => ({ ...batch, points: batch.points.filter(({ signal: name }) => wanted?.has(name) ?? true) }))
      .filter(({ points }) => points.length > 0);
    yield { items, checkpoint: Object.fromEntries(progress) };
  }
  // A device has its rows in one stream as a rule: where none were found, they may be in the one that was refused.
  if (refused[0] && !found) throw refused[0];
}

/** Requests of rows: the first page of every stream, ten in a request, and the further pages of the device's own. */
export function historyCost({ catalogue, settings }: Pick<HistoryOptions, 'catalogue' | 'settings'>, query: CostQuery) {
  const { fromMs, toMs, expected } = query;
  const rows = expected ? expected.points / Math.max(1, expected.series) : (toMs - fromMs) / USUAL_CADENCE_MS;
  const streams = catalogue.known?.streams.length ?? 1;
  const further = Math.max(0, Math.ceil(rows / settings.pageSize) - 1);
  const calls = Math.max(1, Math.ceil(streams / FIELDS_PER_DOCUMENT)) + further;
  return { calls, budget: 'queries' } satisfies HistoryCost;
}

/** Throws where nothing of it can be had, now or later. */
function holding(streams: readonly UsedStream[], wanted: ReadonlySet<string> | undefined): readonly UsedStream[] {
  if (streams.length === 0) throw new UnsupportedError('no stream of this tenant is known to hold readings');
  if (!wanted) return streams;
  const having = streams.filter(({ model, signalOf }) =>
    model.attributes.some(({ name }) => wanted.has(signalOf(name))),
  );
  if (having.length === 0) throw new InvalidRequestError('no stream of this tenant holds a signal of these names');
  return having;
}

function rangesOf(
  streams: readonly UsedStream[],
  { device: rtId, fromMs, toMs }: HistoryQuery,
  progress: ReadonlyMap<string, Checkpoint[string]>,
): RowsAsked[] {
  return streams.flatMap((stream) => {
    const reached = progress.get(REACHED + stream.model.flat);
    const start = typeof reached === 'number' ? Math.max(fromMs, reached) : fromMs;
    return start < toMs ? [{ stream, fromMs: start, toMs, open: true, rtId }] : [];
  });
}

/** Rows of the same millisecond may follow the last one of a page. */
const reachedBy = ({ asked, rows, last }: RowsPage): number =>
  last ? asked.toMs : rows.reduce((ms, { timestamp }) => Math.max(ms, Date.parse(timestamp)), asked.fromMs);

const noted =
  (onTrouble: (stream: UsedStream, error: PlatformError) => void, refused: PlatformError[]) =>
  (stream: UsedStream, error: PlatformError) => {
    refused.push(error);
    onTrouble(stream, error);
  };
