import type {
  Adapter,
  Call,
  Checkpoint,
  CoveredSpan,
  HistoryCost,
  HistoryQuery,
  Page,
  PointBatch,
} from '@tributary/adapter-kit';
import { InvalidRequestError } from '@tributary/contracts';
import type { OpticloudClient } from '../client.ts';
import type { Settings } from '../config.ts';
import { pointsOf } from '../mapping.ts';
import { canBeAskedFor, inGroups, type RangePage, readGroup } from './telemetry.range.ts';

export interface HistoryOptions {
  client: OpticloudClient;
  settings: Pick<Settings['telemetry'], 'pageSize' | 'values'>;
}

type CostQuery = Parameters<NonNullable<NonNullable<Adapter['telemetry']>['historyCost']>>[0];

/** Where nothing is known of a device, its signals are taken to measure once a minute. */
const USUAL_CADENCE_MS = 60_000;
/** A comma is what no signal that can be asked for has in its name. */
const COMMA = ',';
const NO_RANGE = 'the platform cannot be asked for the past of a signal of this name';

/** Where a range goes on: the signals of one request that are not through, and the last signal of that request. */
interface Place {
  keys: string[];
  fromMs: number;
  upTo: string;
}

/**
 * History of one device for [fromMs, toMs): of the signals named, or of all that it has a newest value of. Signals are
 * read in the order of their names, as many together as an address holds; each page says where a range that is resumed
 * goes on.
 */
export async function* history(
  { client, settings }: HistoryOptions,
  query: HistoryQuery,
  signal: AbortSignal,
): AsyncGenerator<Page<PointBatch>, void, undefined> {
  const call: Call = { lane: query.lane ?? 'backfill', signal };
  const { device, fromMs, toMs } = query;
  assertAskable(query.signals);
  const all = query.signals ?? (await client.latest(device, toMs, call)).map(({ key }) => key);
  for (const place of placesOf(all.filter(canBeAskedFor).toSorted(), query)) {
    const asked = { keys: place.keys, fromMs: place.fromMs, toMs, pageSize: settings.pageSize };
    for await (const page of readGroup(client, device, asked, call)) {
      // The platform may count either end in.
      const inside = page.rows.filter(({ ts }) => ts >= fromMs && ts < toMs);
      const points = pointsOf(inside, settings.values);
      yield {
        items: points.length > 0 ? [{ device, origin: 'backfill', points }] : [],
        checkpoint: written(place.upTo, page),
      };
    }
  }
  yield { items: [], covers: coversOf(query, all) };
}

/** All that was asked for, but for what cannot be asked for. */
function coversOf({ device, fromMs, toMs, signals }: HistoryQuery, all: readonly string[]): CoveredSpan[] {
  const gone = all.filter((key) => !canBeAskedFor(key));
  return [
    ...(signals ?? [undefined]).map((signal) => ({
      device,
      fromMs,
      toMs,
      ...(signal === undefined ? {} : { signal }),
    })),
    ...gone.map((signal) => ({ device, signal, fromMs, toMs, state: 'unrecoverable' as const, reason: NO_RANGE })),
  ];
}

/** Range calls: a page holds so many values of each signal, and one that is full may have another behind it. */
export function historyCost({ pageSize }: Pick<Settings['telemetry'], 'pageSize'>, query: CostQuery): HistoryCost {
  const { fromMs, toMs, signals, expected } = query;
  const rows = expected ? expected.points / Math.max(1, expected.series) : (toMs - fromMs) / USUAL_CADENCE_MS;
  const groups = signals ? [...inGroups(signals)].length : 1;
  const newest = signals ? 0 : 1;
  return { calls: newest + Math.max(1, groups) * (Math.floor(rows / pageSize) + 1), budget: 'requests' };
}

function placesOf(keys: readonly string[], { fromMs, resume = {} }: HistoryQuery): Place[] {
  const begun = readPlace(resume);
  const rest = begun ? keys.filter((key) => key > begun.upTo) : keys;
  const groups = [...inGroups(rest)].map((group): Place => ({ keys: group, fromMs, upTo: group.at(-1) ?? '' }));
  return begun && begun.keys.length > 0 ? [begun, ...groups] : groups;
}

function readPlace({ keys, fromMs, upTo }: Checkpoint): Place | undefined {
  if (typeof keys !== 'string' || typeof fromMs !== 'number' || typeof upTo !== 'string') return undefined;
  return { keys: keys === '' ? [] : keys.split(COMMA), fromMs, upTo };
}

const written = (upTo: string, { next }: RangePage): Checkpoint => ({
  keys: next?.keys.join(COMMA) ?? '',
  fromMs: next?.fromMs ?? 0,
  upTo,
});

function assertAskable(signals: readonly string[] = []): void {
  if (signals.every(canBeAskedFor)) return;
  throw new InvalidRequestError('optiCLOUD cannot be asked for the history of a signal with a comma in its name');
}
