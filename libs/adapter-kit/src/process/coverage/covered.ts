import { deviceId, spaceId } from '@tributary/contracts';
import { type SpanStatement, type StatedState, subtracted, worth } from '@tributary/database';
import type { CoveredSpan, GapReport, Observation, Page } from '../../contract.ts';

export interface Speaker {
  connectionId: string;
  /** Name of the poll, `stream`, `stream/<part>` or `backfill`. */
  source: string;
  run?: string | undefined;
  /** It goes on with time: what it leaves out on its way is missing. */
  onward?: boolean;
}

const NO_REASON: Record<Exclude<StatedState, 'complete'>, string> = {
  partial: 'the platform gives only a part of it',
  missing: 'it could not be read',
  unrecoverable: 'the platform does not have it',
};

/** What a page says of stretches of time, with the gaps among its items; what is worth more comes first. */
export function statementsOf(page: Pick<Page<Observation>, 'covers' | 'items'>, speaker: Speaker): SpanStatement[] {
  const gaps = page.items.flatMap((item) => (item.type === 'gap' ? [coveredByGap(item.gap)] : []));
  return [...claims([...(page.covers ?? []), ...gaps], speaker), ...gaps.map((gap) => gapStatement(gap, speaker))];
}

/** A gap that comes by itself: something is lost, whatever was believed. */
export const statementOfGap = (gap: GapReport, speaker: Speaker): SpanStatement =>
  gapStatement(coveredByGap(gap), speaker);

const coveredByGap = ({ filledWith, ...gap }: GapReport): CoveredSpan => ({
  ...gap,
  state: filledWith ? 'partial' : 'unrecoverable',
  reason: filledWith ? `${gap.reason}; ${filledWith} stand in its place` : gap.reason,
});

const gapStatement = (gap: CoveredSpan, { onward: _, ...speaker }: Speaker): SpanStatement => ({
  ...stated(gap, speaker),
  overrides: true,
});

/** Within one page, and for one scope, the worst that is said of a stretch holds. */
function claims(covers: readonly CoveredSpan[], speaker: Speaker): SpanStatement[] {
  const byScope = Map.groupBy(
    covers.filter(({ fromMs, toMs }) => fromMs < toMs),
    ({ device = '', space = '', signal = '' }) => `${device}\u0000${space}\u0000${signal}`,
  );
  const list = [...byScope.values()].flatMap((spans) =>
    spans.flatMap((span) => {
      const worse = spans.filter((other) => worthOf(other) < worthOf(span));
      return subtracted([span], worse).map((stretch) => stated({ ...span, ...stretch }, speaker));
    }),
  );
  return list.toSorted((a, b) => worth[b.state] - worth[a.state] || narrowness(a) - narrowness(b));
}

const narrowness = ({ deviceId, spaceId, signal }: SpanStatement) =>
  (deviceId === undefined ? 0 : 4) + (spaceId === undefined ? 0 : 2) + (signal === undefined ? 0 : 1);
const worthOf = ({ state = 'complete' }: CoveredSpan) => worth[state];

function stated(span: CoveredSpan, { connectionId, source, run, onward }: Speaker): SpanStatement {
  const { device, space, signal, fromMs, toMs, state = 'complete', reason } = span;
  const why = state === 'complete' ? undefined : (reason ?? NO_REASON[state]);
  const goesOn = onward === true && (state === 'complete' || state === 'partial');
  return {
    ...(device === undefined ? {} : { deviceId: deviceId(connectionId, device) }),
    ...(space === undefined || device !== undefined ? {} : { spaceId: spaceId(connectionId, space) }),
    ...(signal === undefined ? {} : { signal }),
    fromMs,
    toMs,
    state,
    source,
    ...(run === undefined ? {} : { run }),
    ...(why === undefined ? {} : { reason: why }),
    ...(goesOn ? { onward: true as const } : {}),
  };
}
