import type { GroupNumbers, OutcomeCounts, PointGroup, RefusedPoint } from '../telemetry/batch.ts';
import { CORRECTED, DUPLICATE, INSERTED, type PointRows, SUPERSEDED } from '../telemetry/point-rows.ts';
import { type NumberRanges, rangesOf, sizeOf } from './number-ranges.ts';

/** What can become of a point in a batch, so that it is dealt with for good; names of columns. */
export const settledOutcomes = [
  'stored',
  'duplicate',
  'corrected',
  'superseded',
  'expired',
  'unknown_connection',
] as const;
const EXPIRED = 4;
const UNKNOWN_CONNECTION = 5;
/** Refused by a rule that is about nobody's mistake. What else is refused waits to be parked, and is settled with that. */
const DROPPED: Partial<Record<RefusedPoint['reason'], number>> = {
  expired: EXPIRED,
  'unknown-connection': UNKNOWN_CONNECTION,
};

const MINUTE_MS = 60_000;

/** One minute of one run; the empty run is that of points without numbers. */
export interface RunMinute {
  workspace: string;
  connectionId: string;
  run: string;
  /** Its beginning. */
  minuteMs: number;
}

/** What one batch says of one minute of a run. */
export interface BatchEntry extends RunMinute {
  numbers: NumberRanges;
  /** All numbers below were confirmed when a message of the batch was published. */
  confirmedBelow: number;
  /** In the order of `settledOutcomes`. A number that the batch has twice is counted once, and is redelivered once. */
  counts: number[];
  redelivered: number;
  /** Outcome by number; made only where somebody asks. */
  outcomes(): Map<number, number>;
}

export const minuteOf = (receivedMs: number): number => Math.floor(receivedMs / MINUTE_MS) * MINUTE_MS;

/** Number of the point at this place of the group. */
const numberAt = ({ first, places }: GroupNumbers, point: number): number => first + (places?.[point] ?? point);

interface Bucket extends RunMinute {
  groups: number[];
  confirmedBelow: number;
  counts: number[];
}

/** A batch whose rows are written, as entries of the account in a fixed order: whoever writes them so cannot deadlock. */
export function entriesOf(
  groups: readonly PointGroup[],
  rows: PointRows,
  refused: readonly RefusedPoint[],
): BatchEntry[] {
  const buckets = new Map<string, Bucket>();
  const bucketOf = groups.map((group, index) => bucketFor(group, index, buckets));
  for (let row = 0; row < rows.size; row++) count(bucketOf[rows.group[row] as number], rows.outcome[row] as number);
  const postponed = new Set<string>();
  for (const { group, point, reason } of refused) {
    const outcome = DROPPED[reason];
    if (outcome === undefined) postponed.add(`${group} ${point}`);
    else count(bucketOf[group], outcome);
  }
  const read = { groups, rows, refused, postponed };
  return [...buckets].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, bucket]) => entryOf(bucket, read));
}

function bucketFor(group: PointGroup, index: number, buckets: Map<string, Bucket>): Bucket | undefined {
  const { workspace, connectionId, receivedMs, numbers } = group;
  if (receivedMs === undefined) return undefined;
  const minuteMs = minuteOf(receivedMs);
  const run = numbers?.run ?? '';
  const key = `${workspace} ${String(minuteMs).padStart(16, '0')} ${connectionId} ${run}`;
  let bucket = buckets.get(key);
  if (!bucket) {
    const counts = settledOutcomes.map(() => 0);
    bucket = { workspace, connectionId, run, minuteMs, groups: [], confirmedBelow: 0, counts };
    buckets.set(key, bucket);
  }
  bucket.groups.push(index);
  bucket.confirmedBelow = Math.max(bucket.confirmedBelow, numbers?.confirmed ?? 0);
  return bucket;
}

function count(bucket: Bucket | undefined, outcome: number): void {
  if (bucket) bucket.counts[outcome] = (bucket.counts[outcome] ?? 0) + 1;
}

interface WrittenBatch {
  groups: readonly PointGroup[];
  rows: PointRows;
  refused: readonly RefusedPoint[];
  postponed: ReadonlySet<string>;
}

function entryOf(bucket: Bucket, batch: WrittenBatch): BatchEntry {
  const { groups, ...entry } = bucket;
  const ranges = groups.flatMap((group) => rangesIn(group, batch));
  const numbers = rangesOf(ranges);
  const outcomes = () => outcomesOf(new Set(groups), batch);
  const twice = ranges.reduce((sum, [from, to]) => sum + to - from, 0) - sizeOf(numbers);
  if (twice === 0) return { ...entry, numbers, redelivered: 0, outcomes };
  return { ...entry, counts: countsOf(outcomes().values()), numbers, redelivered: twice, outcomes };
}

/** The numbers of the points that are dealt with by this batch. */
function rangesIn(group: number, { groups, postponed }: WrittenBatch): (readonly [number, number])[] {
  const { numbers, points } = groups[group] as PointGroup;
  if (!numbers) return [];
  if (!numbers.places && postponed.size === 0) return [[numbers.first, numbers.first + points.length]];
  const settled = [...points.keys()].filter((point) => !postponed.has(`${group} ${point}`));
  return settled.map((point) => [numberAt(numbers, point), numberAt(numbers, point) + 1]);
}

/** Where the batch has a number twice, one of the two is the duplicate of the other, and the other is what counts. */
function outcomesOf(wanted: ReadonlySet<number>, { groups, rows, refused }: WrittenBatch): Map<number, number> {
  const outcomes = new Map<number, number>();
  const note = (group: number, point: number, outcome: number) => {
    const numbers = wanted.has(group) ? groups[group]?.numbers : undefined;
    if (!numbers) return;
    const number = numberAt(numbers, point);
    if ((outcomes.get(number) ?? DUPLICATE) === DUPLICATE) outcomes.set(number, outcome);
  };
  for (let row = 0; row < rows.size; row++) {
    note(rows.group[row] as number, rows.point[row] as number, rows.outcome[row] as number);
  }
  for (const { group, point, reason } of refused) {
    const outcome = DROPPED[reason];
    if (outcome !== undefined) note(group, point, outcome);
  }
  return outcomes;
}

/** How often each outcome is there, in the order of `settledOutcomes`. */
export function countsOf(outcomes: Iterable<number>): number[] {
  const counts = settledOutcomes.map(() => 0);
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

export type ConnectionCounts = OutcomeCounts & { connectionId: string };

/** What became of the rows, by connection. */
export function countsByConnection(groups: readonly PointGroup[], rows: PointRows): ConnectionCounts[] {
  const byConnection = new Map<string, number[]>();
  const countsAt = groups.map(({ connectionId }) => {
    const counts = byConnection.get(connectionId) ?? countsOf([]);
    byConnection.set(connectionId, counts);
    return counts;
  });
  for (let row = 0; row < rows.size; row++) {
    const counts = countsAt[rows.group[row] as number] as number[];
    const outcome = rows.outcome[row] as number;
    counts[outcome] = (counts[outcome] as number) + 1;
  }
  return [...byConnection].map(([connectionId, counts]) => ({
    connectionId,
    inserted: counts[INSERTED] ?? 0,
    duplicate: counts[DUPLICATE] ?? 0,
    corrected: counts[CORRECTED] ?? 0,
    superseded: counts[SUPERSEDED] ?? 0,
  }));
}

/** The same of all connections together. */
export const totalOf = (counts: readonly OutcomeCounts[]): OutcomeCounts => ({
  inserted: counts.reduce((sum, { inserted }) => sum + inserted, 0),
  duplicate: counts.reduce((sum, { duplicate }) => sum + duplicate, 0),
  corrected: counts.reduce((sum, { corrected }) => sum + corrected, 0),
  superseded: counts.reduce((sum, { superseded }) => sum + superseded, 0),
});
