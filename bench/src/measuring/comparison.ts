import { table } from './page.ts';
import { cpuPerUnit, ratePerSecond, type Sample, type Samples } from './rounds.ts';
import { pairedRatios, type Spread, spreadOf } from './statistics.ts';

/** Digits as a reader wants them: 0.483, 12.3, 8 640. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value >= 100) return Math.round(value).toLocaleString('en').replaceAll(',', ' ');
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

export const spreadText = ({ median, least, most }: Spread): string =>
  `${short(median)} (${short(least)}–${short(most)})`;

const cpuOf = (samples: Samples, name: string): number[] => (samples.get(name) ?? []).map(cpuPerUnit);
const ratesOf = (samples: Samples, name: string): number[] => (samples.get(name) ?? []).map(ratePerSecond);

/** How much of the baseline's work ours does for the same CPU, round by round. */
export const efficiency = (samples: Samples, ours: string, baseline: string): Spread =>
  spreadOf(pairedRatios(cpuOf(samples, baseline), cpuOf(samples, ours)));

/** Our rate over the baseline's, round by round. */
export const speedRatio = (samples: Samples, ours: string, baseline: string): Spread =>
  spreadOf(pairedRatios(ratesOf(samples, ours), ratesOf(samples, baseline)));

/** Median CPU of each process per unit, microseconds. */
export function breakdown(samples: readonly Sample[]): string {
  const names = new Set(samples.flatMap((sample) => Object.keys(sample.cpu)));
  return [...names]
    .map((name) => [name, spreadOf(samples.map((s) => (s.cpu[name] ?? 0) / s.units)).median] as const)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, us]) => `${name} ${short(us)}`)
    .join(', ');
}

/** One row for each contender: CPU first, then rate. */
export function comparisonTable(samples: Samples, unit: string): string {
  const rows = [...samples].map(([name, list]) => [
    name,
    spreadText(spreadOf(list.map(cpuPerUnit))),
    breakdown(list),
    spreadText(spreadOf(list.map(ratePerSecond))),
  ]);
  return table(['contender', `CPU µs per ${unit}`, 'of which', `${unit}s per second`], rows);
}
