import type { Call, HistoryQuery, Page, PointBatch } from '@tributary/adapter-kit';
import type { DocumentMapping } from '../config.ts';
import { allOf, type Expression } from '../filter/expression.ts';
import { batchesOf, type Reading, readingOf } from '../mapping.ts';
import { storedName } from '../names.ts';
import type { MeshReader } from '../reader.ts';

export interface HistoryOptions {
  reader: MeshReader;
  mappings: readonly DocumentMapping[];
  pageSize: number;
}

const DAY_MS = 86_400_000;

/** Documents of one device for [fromMs, toMs), of every mesh that is mapped. */
export async function* history(
  { reader, mappings, pageSize }: HistoryOptions,
  query: HistoryQuery,
  signal: AbortSignal,
): AsyncGenerator<Page<PointBatch>, void, undefined> {
  const call: Call = { lane: 'backfill', signal };
  for (const mapping of mappings) {
    const wanted = new Set(query.signals ?? mapping.values.map(({ field, signal }) => signal ?? field));
    const where = allOf([isOf(query.device, mapping), ...isWithin(query, mapping)]);
    for await (const { items } of reader.all(mapping.mesh, undefined, { where, pageSize }, call)) {
      const readings = items.flatMap((document): Reading[] => {
        const reading = readingOf(document, mapping);
        if (typeof reading === 'string' || reading.device !== query.device) return [];
        return [
          { ...reading, points: reading.points.filter((point) => wanted.has(point.signal) && isInside(point, query)) },
        ];
      });
      const batches = batchesOf(readings, 'backfill').filter(({ points }) => points.length > 0);
      if (batches.length > 0) yield { items: batches };
    }
  }
}

const pathOf = (field: string): string => field.split('.').map(storedName).join('.');

const isOf = (device: string, { deviceField }: DocumentMapping): Expression => ({
  kind: 'field',
  path: pathOf(deviceField),
  test: { operator: '$eq', value: device },
});

/** Bounds that hold everything wanted: times as text are compared as text there, whatever their offset. */
function isWithin({ fromMs, toMs }: HistoryQuery, { timeField, timeUnit }: DocumentMapping): Expression[] {
  const path = pathOf(timeField);
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  const [from, to] =
    timeUnit === 'iso'
      ? [day(fromMs - DAY_MS), day(toMs + 2 * DAY_MS)]
      : timeUnit === 's'
        ? [fromMs / 1_000 - 1, toMs / 1_000 + 1]
        : [fromMs - 1, toMs + 1];
  return [
    { kind: 'field', path, test: { operator: '$gte', value: from } },
    { kind: 'field', path, test: { operator: '$lt', value: to } },
  ];
}

const isInside = ({ tsMs = Number.NaN }: { tsMs?: number }, { fromMs, toMs }: HistoryQuery): boolean =>
  tsMs >= fromMs && tsMs < toMs;
