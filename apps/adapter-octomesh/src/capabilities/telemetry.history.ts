import type { HistoryQuery, Page, PointBatch } from '@tributary/adapter-kit';
import { pointBatches } from '../mapping.ts';
import { readRows } from './telemetry.rows.ts';
import { readingOf, type TelemetryOptions } from './telemetry.ts';

/** History of one device for [fromMs, toMs): of the signals named, or of all that its streams hold. */
export async function* history(
  { catalogue, reader, settings }: Omit<TelemetryOptions, 'gaps'>,
  query: HistoryQuery,
  signal: AbortSignal,
): AsyncGenerator<Page<PointBatch>, void, undefined> {
  const { streams } = await catalogue.plan('backfill', signal);
  const wanted = query.signals && new Set(query.signals);
  const having = streams.filter(
    ({ model, signalOf }) => !wanted || model.attributes.some(({ name }) => wanted.has(signalOf(name))),
  );
  const { device: rtId, fromMs, toMs } = query;
  if (fromMs >= toMs) return;
  const asked = having.map((stream) => ({ stream, fromMs, toMs, open: true, rtId }));
  for await (const pages of readRows(reader, asked, { lane: 'backfill', signal })) {
    const batches = pages.flatMap((page) => pointBatches(page.rows, readingOf(page.asked, settings.units), 'backfill'));
    const items = batches
      .map((batch) => ({ ...batch, points: batch.points.filter(({ signal: name }) => wanted?.has(name) ?? true) }))
      .filter(({ points }) => points.length > 0);
    if (items.length > 0) yield { items };
  }
}
