import type {
  Adapter,
  Call,
  CoveredSpan,
  HistoryCost,
  HistoryQuery,
  NativeId,
  Page,
  PointBatch,
} from '@tributary/adapter-kit';
import { InvalidRequestError, NotFoundError } from '@tributary/contracts';
import type { OchnoClient } from '../client.ts';
import { hourlyPoints, measurementOf } from '../mapping.ts';
import type { PortStates } from '../port-states.ts';
import { measurementsOf } from './stream.repair.ts';

type CostQuery = Parameters<NonNullable<NonNullable<Adapter['telemetry']>['historyCost']>>[0];

const HOUR_MS = 3_600_000;
/** What a port of which nothing is known is taken to measure. */
const USUAL_MEASUREMENTS = 3;

const AGGREGATES = 'the platform keeps hourly aggregates of the past, and no values';
const GONE = { state: 'unrecoverable', reason: AGGREGATES } as const;

/**
 * OCHNO-17: the platform keeps no measurements, but their hourly aggregates, as signals of their own; measurement by
 * measurement, each a page. Throws `InvalidRequestError` where only signals are asked for that have no past.
 */
export async function* history(
  { client }: { client: OchnoClient },
  query: HistoryQuery,
  signal: AbortSignal,
): AsyncGenerator<Page<PointBatch>, void, undefined> {
  const call: Call = { lane: query.lane ?? 'backfill', signal };
  const { device, fromMs, toMs, signals, resume } = query;
  const done = typeof resume?.done === 'string' ? resume.done : '';
  const window = { fromMs: Math.floor(fromMs / HOUR_MS) * HOUR_MS, toMs };
  for (const measurement of await measurementsFor(client, device, signals, call)) {
    if (measurement <= done) continue;
    const rows = await client.hourly(measurement, { portId: device }, window, call);
    const points = rows
      .filter(({ portId }) => portId === device)
      .flatMap((row) => hourlyPoints(measurement, row))
      .filter(({ signal: name, tsMs = 0 }) => tsMs >= fromMs && tsMs < toMs && (signals?.includes(name) ?? true));
    yield { items: [{ device, origin: 'backfill', points }], checkpoint: { done: measurement } };
  }
  yield { items: [], covers: coversOf(query) };
}

/** Of what was asked for by name everything is there; else the values themselves are gone, and this is said. */
const coversOf = ({ device, fromMs, toMs, signals }: HistoryQuery): CoveredSpan[] =>
  signals
    ? signals.map((signal) => ({ device, signal, fromMs, toMs, ...(measurementOf(signal) ? {} : GONE) }))
    : [{ device, fromMs, toMs, state: 'partial', reason: AGGREGATES }];

/** What the port holds, and one request for each of its measurements, however long the range. */
export function historyCost({ states }: { states: Pick<PortStates, 'values'> }, query: CostQuery): HistoryCost {
  const { device, signals } = query;
  const budget = 'requests';
  if (signals) return { calls: Math.max(1, measurementsNamed(signals).length), stepMs: HOUR_MS, budget };
  const held = [...(states.values(device)?.values() ?? [])].filter((value) => typeof value === 'number').length;
  return { calls: 1 + (held || USUAL_MEASUREMENTS), stepMs: HOUR_MS, budget };
}

/** In the order in which they are read. */
async function measurementsFor(
  client: OchnoClient,
  device: NativeId,
  signals: readonly string[] | undefined,
  call: Call,
): Promise<string[]> {
  if (!signals) return heldBy(client, device, call);
  const named = measurementsNamed(signals);
  if (named.length > 0) return named;
  throw new InvalidRequestError('the platform keeps hourly aggregates and no values: ask for <signal>.hourly.mean');
}

/** A hub measures nothing, and so has no past that could be missed. */
async function heldBy(client: OchnoClient, device: NativeId, call: Call): Promise<string[]> {
  try {
    return measurementsOf([await client.port(device, call)]);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    await client.hub(device, call);
    return [];
  }
}

const measurementsNamed = (signals: readonly string[]): string[] =>
  [...new Set(signals.flatMap((name) => measurementOf(name) ?? []))].sort();
