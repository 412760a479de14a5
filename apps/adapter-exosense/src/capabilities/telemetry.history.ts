import type { Call, ConnectionKit, HistoryQuery, Page, PointBatch } from '@tributary/adapter-kit';
import { UnavailableError, UnsupportedError } from '@tributary/contracts';
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

/**
 * Points of one asset for [fromMs, toMs), by reports: each takes the platform a while, and holds a limited number of
 * signal days. Throws `UnsupportedError` where the instance makes no reports.
 */
export async function* readHistory(
  options: HistoryOptions,
  query: HistoryQuery,
  signal: AbortSignal,
): AsyncGenerator<Page<PointBatch>, void, undefined> {
  const call: Call = { lane: 'reconcile', signal };
  if (!(await options.reports.offered(call))) {
    throw new UnsupportedError('this instance makes no reports, and has no other way to read history');
  }
  const { signals } = await options.instance.asset(query.device, call);
  const wanted = signals.filter((one) => !isLatestOnly(one) && (query.signals?.includes(one.id) ?? true));
  if (wanted.length === 0) return;
  const longestMs = Math.max(1, Math.floor(SIGNAL_DAYS / wanted.length)) * DAY_MS;
  for (let fromMs = query.fromMs; fromMs < query.toMs; fromMs += longestMs) {
    const part = { fromMs, toMs: Math.min(query.toMs, fromMs + longestMs) };
    for await (const rows of readReport(options, wanted, part, call)) {
      const points = wanted.flatMap((one) => pointsOf(options.kit, one, rows, part));
      if (points.length > 0) yield { items: [{ device: query.device, origin: 'backfill', points }] };
    }
  }
}

async function* readReport(
  { reports, kit }: HistoryOptions,
  signals: readonly Signal[],
  range: { fromMs: number; toMs: number },
  call: Call,
): AsyncGenerator<ReportRow[], void, undefined> {
  const named = signals.map(({ id, name }) => ({ id, name: name ?? id }));
  const job = await reports.create({ signals: named, ...range }, call);
  for (;;) {
    await kit.clock.sleep(ASK_EVERY_MS, call.signal);
    const state = await reports.state(job, call);
    if (state === 'failed') throw new UnavailableError('the platform could not make a report of this time');
    if (state === 'ready') break;
  }
  yield* reports.rows(job, call);
}

function pointsOf(
  kit: Pick<ConnectionKit, 'items'>,
  signal: Signal,
  rows: readonly ReportRow[],
  { fromMs, toMs }: { fromMs: number; toMs: number },
) {
  const own = rows
    .filter((row) => row.signal === signal.id)
    .map(({ timestamp, value }) => ({ timestamp, value, valueString: value }));
  return distinct(kit.items(timedValue(primitiveTypeOf(signal)), own, 'row of a report'))
    .filter(({ tsMs }) => tsMs >= fromMs && tsMs < toMs)
    .toSorted((a, b) => a.tsMs - b.tsMs)
    .map((reading) => pointOf(signal.id, ucumOf(signal.units), reading));
}
