import type { LoggedValue } from '../kit/series-log.ts';
import { REAL } from './state.ts';
import { badRequest } from './vendor-error.ts';

export const AGGREGATIONS = ['NONE', 'MIN', 'MAX', 'AVG', 'SUM', 'COUNT'] as const;
export type Aggregation = (typeof AGGREGATIONS)[number];

const MOST_INTERVALS = 700;

/** One row per interval that holds something; its time is the middle of the interval. */
export function aggregate(
  values: readonly LoggedValue[],
  options: { agg: Aggregation; intervalMs: number; from: number; to: number },
): LoggedValue[] {
  const { agg, intervalMs, from, to } = options;
  if ((to - from) / intervalMs > MOST_INTERVALS) {
    throw badRequest("Incorrect TsKvQuery. Number of intervals is to high. Please increase 'interval' parameter");
  }
  const buckets = new Map<number, LoggedValue[]>();
  for (const value of values) {
    const bucket = Math.floor((value.ts - from) / intervalMs);
    const members = buckets.get(bucket);
    if (members) members.push(value);
    else buckets.set(bucket, [value]);
  }
  return [...buckets].flatMap(([bucket, members]) => {
    const start = from + bucket * intervalMs;
    const end = Math.min(start + intervalMs, to);
    return summary(agg, members, start + Math.floor((end - start) / 2));
  });
}

function summary(agg: Aggregation, members: readonly LoggedValue[], ts: number): LoggedValue[] {
  if (agg === 'COUNT') return [{ ts, value: members.length, order: 0, note: 0 }];
  const numbers = members.map((member) => member.value).filter((value) => typeof value === 'number');
  if (numbers.length === 0) return [];
  const sum = numbers.reduce((a, b) => a + b, 0);
  const value = {
    MIN: Math.min(...numbers),
    MAX: Math.max(...numbers),
    SUM: sum,
    AVG: sum / numbers.length,
    NONE: sum,
  }[agg];
  const real = agg === 'AVG' || members.some((member) => member.note === REAL);
  return [{ ts, value, order: 0, note: real ? REAL : 0 }];
}
