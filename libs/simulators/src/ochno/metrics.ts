import type { GroundTruth } from '../kit/ground-truth.ts';

export interface MetricRow {
  /** Beginning of the interval, ISO 8601 UTC. */
  time: string;
  portId: string;
  mean: number;
  min: number;
  max: number;
  count: number;
}

export interface MetricQuery {
  measurement: string;
  portIds: readonly string[];
  from: number;
  /** Exclusive. */
  to: number;
  intervalMs: number;
}

interface Bucket {
  sum: number;
  min: number;
  max: number;
  count: number;
}

/** Aggregates of the numbers that were streamed, in the order of time. Intervals begin at whole multiples in UTC. */
export function aggregate(logs: readonly GroundTruth[], query: MetricQuery): MetricRow[] {
  const rows: Array<MetricRow & { start: number }> = [];
  for (const portId of query.portIds) {
    for (const [start, { sum, ...bucket }] of bucketsOf(logs, portId, query)) {
      rows.push({ start, time: new Date(start).toISOString(), portId, mean: sum / bucket.count, ...bucket });
    }
  }
  return rows.sort((a, b) => a.start - b.start).map(({ start: _start, ...row }) => row);
}

function bucketsOf(logs: readonly GroundTruth[], portId: string, query: MetricQuery): Map<number, Bucket> {
  const { measurement, from, to, intervalMs } = query;
  const buckets = new Map<number, Bucket>();
  for (const log of logs) {
    for (const { ts, value } of log.series(portId, measurement)?.range({ from, to }) ?? []) {
      if (typeof value === 'number') add(buckets, Math.floor(ts / intervalMs) * intervalMs, value);
    }
  }
  return buckets;
}

function add(buckets: Map<number, Bucket>, start: number, value: number): void {
  const bucket = buckets.get(start);
  if (!bucket) {
    buckets.set(start, { sum: value, min: value, max: value, count: 1 });
    return;
  }
  bucket.sum += value;
  bucket.min = Math.min(bucket.min, value);
  bucket.max = Math.max(bucket.max, value);
  bucket.count += 1;
}
