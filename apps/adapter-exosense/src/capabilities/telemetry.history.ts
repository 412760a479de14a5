import type {
  Adapter,
  Call,
  Checkpoint,
  ConnectionKit,
  HistoryCost,
  HistoryQuery,
  Page,
  PointBatch,
} from '@tributary/adapter-kit';
import { InvalidRequestError, isPlatformError, UnavailableError, UnsupportedError } from '@tributary/contracts';
import type { Instance } from '../instance.ts';
import { distinct, isLatestOnly, pointOf, primitiveTypeOf, timedValue } from '../mapping.ts';
import { ASK_EVERY_MS, DAY_MS, type ReportRow, type Reports, SIGNAL_DAYS } from '../reports.ts';
import { ucumOf } from '../units.ts';
import type { Signal } from '../wire.ts';

export interface HistoryOptions {
  instance: Instance;
  reports: Reports;
  kit: Pick<ConnectionKit, 'clock' | 'items'>;
}

type CostQuery = Parameters<NonNullable<NonNullable<Adapter['telemetry']>['historyCost']>>[0];

/** Signals of an asset of which nothing is known. */
const USUAL_SIGNALS = 8;
/** Of one report: its order, and its address once it is ready. */
const CALLS_OF_A_REPORT = 2;

/** [fromMs, toMs) of one report, and its job where one has been ordered. */
interface Part {
  fromMs: number;
  toMs: number;
  job?: string | undefined;
}

/**
 * Points of one asset for [fromMs, toMs), by reports: each takes the platform a while, and holds a limited number of
 * signal days. A range that is resumed goes on with the report that was ordered for it. Throws `UnsupportedError` where
 * the instance makes no reports, `InvalidRequestError` for signals of which the platform keeps the newest value alone.
 */
export async function* readHistory(
  options: HistoryOptions,
  query: HistoryQuery,
  signal: AbortSignal,
): AsyncGenerator<Page<PointBatch>, void, undefined> {
  const call: Call = { lane: query.lane ?? 'backfill', signal };
  if (!(await options.reports.offered(call))) {
    throw new UnsupportedError('this instance makes no reports, and has no other way to read history');
  }
  const wanted = wantedOf((await options.instance.asset(query.device, call)).signals, query.signals);
  if (wanted.length === 0) return;
  const longestMs = longestOf(wanted.length);
  let { fromMs, job } = resumedAt(query);
  for (; fromMs < query.toMs; fromMs += longestMs, job = undefined) {
    const part: Part = { fromMs, toMs: Math.min(query.toMs, fromMs + longestMs), job };
    yield* readPart(options, wanted, { ...part, device: query.device }, call);
    yield { items: [], checkpoint: { from: part.toMs } };
  }
}

/** Calls that the platform counts: the asset, and of each report its order, as many looks as they lately took, its address. */
export function historyCost({ reports }: Pick<HistoryOptions, 'reports'>, query: CostQuery): HistoryCost {
  const { fromMs, toMs, signals, expected } = query;
  const stepMs = longestOf(signals?.length ?? Math.max(1, expected?.series ?? USUAL_SIGNALS));
  const parts = Math.max(1, Math.ceil((toMs - fromMs) / stepMs));
  const calls = 1 + Math.round(parts * (CALLS_OF_A_REPORT + reports.looksOfOne));
  return { calls, stepMs, budget: 'requests' };
}

/** The longest time that one report may hold of so many signals. */
const longestOf = (signals: number): number => Math.max(1, Math.floor(SIGNAL_DAYS / signals)) * DAY_MS;

function wantedOf(all: readonly Signal[], names: readonly string[] | undefined): Signal[] {
  const asked = all.filter(({ id }) => names?.includes(id) ?? true);
  if (names && asked.length === 0) throw new InvalidRequestError('the asset has no signal of these names');
  const wanted = asked.filter((one) => !isLatestOnly(one));
  if (asked.length > 0 && wanted.length === 0) {
    throw new InvalidRequestError('the platform keeps the newest value of these signals and none before it');
  }
  return wanted;
}

function resumedAt({ fromMs, toMs, resume = {} }: HistoryQuery): { fromMs: number; job: string | undefined } {
  const { from, job } = resume;
  if (typeof from !== 'number' || from < fromMs || from > toMs) return { fromMs, job: undefined };
  return { fromMs: from, job: typeof job === 'string' ? job : undefined };
}

async function* readPart(
  options: HistoryOptions,
  wanted: readonly Signal[],
  part: Part & { device: string },
  call: Call,
): AsyncGenerator<Page<PointBatch>, void, undefined> {
  const job = (await stillThere(options.reports, part.job, call)) ?? (await order(options.reports, wanted, part, call));
  const checkpoint: Checkpoint = { from: part.fromMs, job };
  yield { items: [], checkpoint };
  await untilReady(options, job, call);
  for await (const rows of options.reports.rows(job, call)) {
    const points = wanted.flatMap((one) => pointsOf(options.kit, one, rows, part));
    if (points.length > 0) yield { items: [{ device: part.device, origin: 'backfill', points }] };
  }
}

/** A job is kept for a while only, and one that failed is ordered anew. */
async function stillThere(reports: Reports, job: string | undefined, call: Call): Promise<string | undefined> {
  if (job === undefined) return undefined;
  try {
    return (await reports.state(job, call)) === 'failed' ? undefined : job;
  } catch (error) {
    if (isPlatformError(error) && error.code === 'not-found') return undefined;
    throw error;
  }
}

const order = (reports: Reports, signals: readonly Signal[], { fromMs, toMs }: Part, call: Call): Promise<string> =>
  reports.create({ signals: signals.map(({ id, name }) => ({ id, name: name ?? id })), fromMs, toMs }, call);

async function untilReady({ reports, kit }: HistoryOptions, job: string, call: Call): Promise<void> {
  for (let looks = 1; ; looks += 1) {
    await kit.clock.sleep(ASK_EVERY_MS, call.signal);
    const state = await reports.state(job, call);
    if (state === 'failed') throw new UnavailableError('the platform could not make a report of this time');
    if (state === 'ready') return reports.tookLooks(looks);
  }
}

function pointsOf(
  kit: Pick<ConnectionKit, 'items'>,
  signal: Signal,
  rows: readonly ReportRow[],
  { fromMs, toMs }: Part,
) {
  const own = rows
    .filter((row) => row.signal === signal.id)
    .map(({ timestamp, value }) => ({ timestamp, value, valueString: value }));
  return distinct(kit.items(timedValue(primitiveTypeOf(signal)), own, 'row of a report'))
    .filter(({ tsMs }) => tsMs >= fromMs && tsMs < toMs)
    .toSorted((a, b) => a.tsMs - b.tsMs)
    .map((reading) => pointOf(signal.id, ucumOf(signal.units), reading));
}
