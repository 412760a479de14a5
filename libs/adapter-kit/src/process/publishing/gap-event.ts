import type { GapReport, PlatformEventReport } from '../../contract.ts';

/**
 * What is told of a gap, or undefined where its times are none. Known by what is missing: whoever finds the same gap
 * again says nothing new.
 */
export function gapEvent(
  { device, signal, fromMs, toMs, reason, filledWith }: GapReport,
  timeOf: (ms: number) => string | undefined,
): PlatformEventReport | undefined {
  const [from, to] = [timeOf(fromMs), timeOf(toMs)];
  if (!from || !to || fromMs >= toMs) return undefined;
  return {
    ...(device === undefined ? {} : { device }),
    name: 'telemetry.gap',
    tsMs: fromMs,
    details: { from, to, reason, ...(signal === undefined ? {} : { signal }), ...(filledWith ? { filledWith } : {}) },
    // Parts that cannot hold NUL.
    key: ['telemetry.gap', device ?? '', signal ?? '', from, to].join('\u0000'),
  };
}
