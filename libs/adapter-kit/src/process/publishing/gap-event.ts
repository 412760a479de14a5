import { spaceId } from '@tributary/contracts';
import type { GapReport, PlatformEventReport } from '../../contract.ts';

/**
 * What is told of a gap, or undefined where its times are none. Known by what is missing: whoever finds the same gap
 * again says nothing new.
 */
export function gapEvent(
  { device, space, signal, fromMs, toMs, reason, filledWith }: GapReport,
  { connectionId, timeOf }: { connectionId: string; timeOf: (ms: number) => string | undefined },
): PlatformEventReport | undefined {
  const [from, to] = [timeOf(fromMs), timeOf(toMs)];
  if (!from || !to || fromMs >= toMs) return undefined;
  return {
    ...(device === undefined ? {} : { device }),
    name: 'telemetry.gap',
    tsMs: fromMs,
    details: {
      from,
      to,
      reason,
      ...(space === undefined ? {} : { space: spaceId(connectionId, space), spaceNativeId: space }),
      ...(signal === undefined ? {} : { signal }),
      ...(filledWith ? { filledWith } : {}),
    },
    // Parts that cannot hold NUL.
    key: ['telemetry.gap', device ?? '', ...(space === undefined ? [] : [space]), signal ?? '', from, to].join(
      '\u0000',
    ),
  };
}
