import type { HistoryGap, HistoryPlan } from '@tributary/contracts';
import type { Adapter } from '../../contract.ts';
import { cutGap, usualCost } from './cut-parts.ts';

type Telemetry = Pick<NonNullable<Adapter['telemetry']>, 'historyCost'>;

/** Cuts gaps into parts, and says what each costs. Nobody is asked. */
export function planHistory(telemetry: Telemetry, gaps: readonly HistoryGap[]): HistoryPlan {
  const parts = gaps.flatMap((gap, index) => {
    const whole = { fromMs: Date.parse(gap.from), toMs: Date.parse(gap.to) };
    return cutGap(whole, (range) => costOf(telemetry, gap, range)).map(({ fromMs, toMs, calls, budget }) => ({
      gap: index,
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
      calls,
      ...(budget === undefined ? {} : { budget }),
    }));
  });
  return { parts };
}

function costOf(telemetry: Telemetry, gap: HistoryGap, range: { fromMs: number; toMs: number }) {
  if (!telemetry.historyCost) return usualCost(range);
  const share = (range.toMs - range.fromMs) / (Date.parse(gap.to) - Date.parse(gap.from));
  const expected = gap.expected && { ...gap.expected, points: gap.expected.points * share };
  return telemetry.historyCost({
    device: gap.nativeId,
    ...range,
    ...(gap.signals ? { signals: gap.signals } : {}),
    ...(expected ? { expected } : {}),
  });
}
