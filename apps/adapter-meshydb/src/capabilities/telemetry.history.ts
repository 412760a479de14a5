import type { Adapter, Call, HistoryCost, HistoryQuery, Page, PointBatch } from '@tributary/adapter-kit';
import { InvalidRequestError } from '@tributary/contracts';
import type { DocumentMapping } from '../config.ts';
import { allOf, type Expression } from '../filter/expression.ts';
import { batchesOf, type Reading, readingOf } from '../mapping.ts';
import { storedName } from '../names.ts';
import { isObjectId } from '../object-id.ts';
import type { MeshReader } from '../reader.ts';
import type { MeshDocument } from '../wire.ts';

export interface HistoryOptions {
  reader: MeshReader;
  mappings: readonly DocumentMapping[];
  pageSize: number;
}

type CostQuery = Parameters<NonNullable<NonNullable<Adapter['telemetry']>['historyCost']>>[0];

const DAY_MS = 86_400_000;
/** Where nothing is known of a device, it is taken to measure once a minute. */
const USUAL_CADENCE_MS = 60_000;

/**
 * Documents of one device for [fromMs, toMs), of every mesh that is mapped, mesh by mesh in the order of their ids. Each
 * page says behind which id a range that is resumed goes on. Throws `InvalidRequestError` where no mapping has a signal
 * of the names asked for.
 */
export async function* history(
  { reader, mappings, pageSize }: HistoryOptions,
  query: HistoryQuery,
  signal: AbortSignal,
): AsyncGenerator<Page<PointBatch>, void, undefined> {
  const call: Call = { lane: query.lane ?? 'backfill', signal };
  const { mesh, after } = placeIn(query);
  const having = holding(mappings, query.signals);
  const at = having.findIndex((mapping) => mapping.mesh === mesh);
  for (const mapping of having.slice(Math.max(0, at))) {
    const where = allOf([isOf(query.device, mapping), ...isWithin(query, mapping)]);
    const behind = mapping.mesh === mesh ? after : undefined;
    for await (const { items: documents } of reader.all(mapping.mesh, behind, { where, pageSize }, call)) {
      const items = batchesOf(readingsOf(documents, mapping, query), 'backfill').filter(
        ({ points }) => points.length > 0,
      );
      const last = documents.at(-1)?._id;
      if (last !== undefined) yield { items, checkpoint: { mesh: mapping.mesh, after: last } };
    }
  }
}

/** Requests of documents: one for each mesh, and the further pages of the device's own. */
export function historyCost({ mappings, pageSize }: Omit<HistoryOptions, 'reader'>, query: CostQuery): HistoryCost {
  const { fromMs, toMs, signals, expected } = query;
  const having = mappings.filter((mapping) => signalsOf(mapping).some((name) => signals?.includes(name) ?? true));
  const documents = expected ? expected.points / Math.max(1, expected.series) : (toMs - fromMs) / USUAL_CADENCE_MS;
  const calls = Math.max(1, having.length) - 1 + Math.max(1, Math.ceil(documents / pageSize));
  // Times as text can only be asked for by the day.
  const byDays = having.some(({ timeUnit }) => timeUnit === 'iso');
  return { calls, budget: 'requests', ...(byDays ? { stepMs: DAY_MS } : {}) };
}

const signalsOf = ({ values }: DocumentMapping): string[] => values.map(({ field, signal }) => signal ?? field);

function holding(mappings: readonly DocumentMapping[], names: readonly string[] | undefined): DocumentMapping[] {
  const having = mappings.filter((mapping) => signalsOf(mapping).some((name) => names?.includes(name) ?? true));
  if (having.length === 0) throw new InvalidRequestError('no mesh is mapped to signals of these names');
  return having;
}

function placeIn({ resume = {} }: HistoryQuery): { mesh?: string; after?: string } {
  const { mesh, after } = resume;
  return typeof mesh === 'string' && typeof after === 'string' && isObjectId(after) ? { mesh, after } : {};
}

function readingsOf(documents: readonly MeshDocument[], mapping: DocumentMapping, query: HistoryQuery): Reading[] {
  const wanted = new Set(query.signals ?? signalsOf(mapping));
  return documents.flatMap((document): Reading[] => {
    const reading = readingOf(document, mapping);
    if (typeof reading === 'string' || reading.device !== query.device) return [];
    const points = reading.points.filter((point) => wanted.has(point.signal) && isInside(point, query));
    return [{ ...reading, points }];
  });
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
